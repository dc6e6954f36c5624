/* Where a list finds its jobs: some ids at a time, by an index when there is
 * one for what is asked. */
#include "store/window.h"

enum statement
window_rows(const struct job_filter *f, unsigned states)
{
	return f->group.p ? SQL_LIST_LIVE_GROUP : f->key.p ?
	    SQL_LIST_LIVE_KEY : (states & LIVE) == 1u << STATE_RUNNING ?
	    SQL_LIST_LIVE_RUNNING : SQL_LIST_LIVE;
}

static int
live_end(struct store *s, const struct job_filter *f, unsigned states,
	int64_t lo, int64_t most, int64_t *live, struct err *err)
{
	switch (window_rows(f, states)) {
	case SQL_LIST_LIVE_GROUP:
		return db_int(&s->db, SQL_LIST_GROUP_END, live, 0, err, "iib",
		    lo, most, f->group);
	case SQL_LIST_LIVE_KEY:
		return db_int(&s->db, SQL_LIST_KEY_END, live, 0, err, "iibt",
		    lo, most, f->key, f->type);
	case SQL_LIST_LIVE_RUNNING:
		return db_int(&s->db, SQL_LIST_RUNNING_END, live, 0, err,
		    "ii", lo, most);
	default:
		return db_int(&s->db, SQL_LIST_LIVE_END, live, 0, err, "ii",
		    lo, most);
	}
}

int
window_end(struct store *s, const struct job_filter *f, unsigned states,
	int64_t lo, int64_t most, int64_t *hi, struct err *err)
{
	int64_t live = 0, ended = 0;
	int code = 0;

	if (states & LIVE)
		code = live_end(s, f, states, lo, most, &live, err);
	if (code == 0 && (states & ENDED))
		code = db_int(&s->db, SQL_LIST_ENDED_END, &ended, 0, err,
		    "ii", lo, most);
	*hi = live == 0 ? ended : ended == 0 || live < ended ? live : ended;
	return code;
}
