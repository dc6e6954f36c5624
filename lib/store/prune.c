/*
 * Retention: what is old leaves the history, the remembered keys and the
 * telemetry, a chunk at a time, so that nobody who claims or enqueues waits
 * for longer than some milliseconds.
 */
#include "store/pruning.h"
#include "store/reading.h"
#include "store/reserve.h"

#define LOOK 512			/* keys looked at in a chunk */
/* Free pages stay for what comes next, unless there are very many. */
#define FREE_MIN 4096
#define FREE_PAGES 64			/* given back in a chunk */

/* ---- remembered keys, each as long as its type is to ---- */

static int
prune_keys(struct chunk *c, bool *done, struct err *err)
{
	struct store *s = c->store;
	struct prune *p = c->prune;
	int64_t last = 0, old = 0;
	struct query q;
	int code = read_begin(s, err), got;

	if (code)
		return code;
	code = db_start(&q, &s->db, SQL_SEEN_LOOK, err, "iii", p->key, c->now,
	    (int64_t)LOOK);
	got = code ? -1 : db_row(&q, err);
	if (got == 1) {
		last = db_column_or(&q, 0, 0);
		old = db_column_or(&q, 1, 0);
		db_end(&q);
	}
	read_end(s);
	if (code || got < 0)
		return code ? code : err->code;
	if (old) {
		code = tx_begin(s, err);
		if (code == 0)
			code = tx_end(s, db_run(&s->db, SQL_SEEN_FORGET, err,
			    "iii", p->key, last, c->now), err);
		p->keys += code == 0 ? old : 0;
	}
	p->key = last;
	*done = last == 0;
	return code;
}

/* ---- telemetry: others leave it to their other transactions ---- */

static int
prune_telemetry(struct chunk *c, bool *done, struct err *err)
{
	bool more = false;
	int code = 0;

	if (c->prune->whole)
		code = tx_begin(c->store, err);
	if (code == 0 && c->prune->whole)
		code = tx_end(c->store, rollup(c->store, &more, err), err);
	*done = !more;
	return code;
}

/* ---- room ---- */

/* Pages that are free go back to the file system. */
static int
give_back(struct chunk *c, bool *done, struct err *err)
{
	struct store *s = c->store;
	int64_t pages, free_pages, after = 0;
	char pragma[48];
	int code = db_int(&s->db, SQL_PAGES, &pages, 0, err, "");

	if (code == 0)
		code = db_int(&s->db, SQL_FREE_PAGES, &free_pages, 0, err, "");
	*done = true;
	if (code || free_pages == 0 || (!c->prune->whole &&
	    (free_pages < FREE_MIN || free_pages < pages / 4)))
		return code;
	store_tell(s, "free pages", 0, free_pages);
	snprintf(pragma, sizeof(pragma), "PRAGMA incremental_vacuum(%d)",
	    FREE_PAGES);
	code = tx_begin(s, err);
	if (code == 0)
		code = tx_end(s, db_exec(&s->db, pragma, err), err);
	if (code == 0)
		code = db_int(&s->db, SQL_FREE_PAGES, &after, 0, err, "");
	c->prune->pages += free_pages - after;
	*done = after >= free_pages;
	return code;
}

/* ---- one after the other ---- */

static int
prune_step(struct chunk *c, bool *done, struct err *err)
{
	switch (c->prune->what) {
	case PRUNE_HISTORY:
		return prune_history(c, done, err);
	case PRUNE_KEYS:
		return prune_keys(c, done, err);
	case PRUNE_TELEMETRY:
		return prune_telemetry(c, done, err);
	default:
		return give_back(c, done, err);
	}
}

int
store_prune(struct store *s, struct prune *p, struct err *err)
{
	struct chunk c = { s, p, clock_wall(s->clock) };
	bool done = false;
	int code;

	/* who asks for it may want to make room */
	do {
		err->code = 0;
		code = prune_step(&c, &done, err);
	} while (code && p->whole && reserve_break(s));
	p->more = code == 0;
	if (code == 0 && done && p->what == PRUNE_ROOM) {
		/* the next pass */
		p->what = PRUNE_HISTORY;
		p->round = 0;
		p->key = 0;
		p->more = false;
	} else if (code == 0 && done) {
		p->what++;
	}
	return code;
}
