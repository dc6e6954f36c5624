/* Where a list finds its jobs: some ids at a time, by an index when there is
 * one for what is asked. */
#include "store/window.h"

enum statement
window_rows(const struct job_filter *f)
{
	return f->group.p ? SQL_LIST_LIVE_GROUP : f->key.p ?
	    SQL_LIST_LIVE_KEY : SQL_LIST_LIVE;
}

static int
live_end(struct store *s, const struct job_filter *f, int64_t lo,
	int64_t *live, struct err *err)
{
	int64_t most = WINDOW;

	if (f->group.p)
		return db_int(&s->db, SQL_LIST_GROUP_END, live, 0, err, "iib",
		    lo, most, f->group);
	if (f->key.p)
		return db_int(&s->db, SQL_LIST_KEY_END, live, 0, err, "iibt",
		    lo, most, f->key, f->type);
	return db_int(&s->db, SQL_LIST_LIVE_END, live, 0, err, "ii", lo,
	    most);
}

int
window_end(struct store *s, const struct job_filter *f, unsigned states,
	int64_t lo, int64_t *hi, struct err *err)
{
	int64_t live = 0, ended = 0;
	int code = 0;

	if (states & LIVE)
		code = live_end(s, f, lo, &live, err);
	if (code == 0 && (states & ENDED))
		code = db_int(&s->db, SQL_LIST_ENDED_END, &ended, 0, err,
		    "ii", lo, (int64_t)WINDOW);
	*hi = live == 0 ? ended : ended == 0 || live < ended ? live : ended;
	return code;
}
