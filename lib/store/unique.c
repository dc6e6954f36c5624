/*
 * --unique-for: keys of jobs that have ended.
 *
 * A type remembers them from the first time that it is asked to; what ended
 * before is looked up then, once, in the part of the history that lies in the
 * time asked for.  Who lives is found by the index of keys.
 */
#include "store/enqueue.h"
#include "store/frozen.h"

/* More than come at a time, so that they do not pile up */
#define FORGET_AFTER_ONE 2
#define FORGET_AT_ONCE 32

/* The first id in the history that was enqueued at that time or later; none:
 * the next job's.  Ids are given in the order of time (but for a clock that
 * was set back, which blurs the edge by as much). */
static int
first_since(struct store *s, int64_t time, int64_t *id, struct err *err)
{
	int64_t before = 0;
	int code = 0;

	*id = s->tx.next_job;
	while (*id - before > 1 && code == 0) {
		int64_t middle = before + (*id - before) / 2;
		struct query q;
		int got;

		code = db_start(&q, &s->db, SQL_HISTORY_AT, err, "i", middle);
		if (code)
			return code;
		got = db_row(&q, err);
		if (got < 0)
			return err->code;
		if (got == 0 || db_column_int(&q, 1) >= time)
			*id = middle;
		else
			before = db_column_int(&q, 0);
		if (got)
			db_end(&q);
	}
	return code;
}

/* What the type does not remember yet */
static int
remember(struct enqueueing *q, struct type *t, struct err *err)
{
	struct store *s = q->store;
	int64_t span = q->options->unique_for, from, to = s->tx.next_job;
	int code;

	if (t->remember >= span)
		return 0;
	code = first_since(s, s->tx.now - span, &from, err);
	if (code == 0 && t->remember)
		code = first_since(s, s->tx.now - t->remember, &to, err);
	if (code == 0)
		code = db_run(&s->db, SQL_SEEN_FILL, err, "iii", t->id, from,
		    to);
	if (code == 0)
		code = db_run(&s->db, SQL_TYPE_REMEMBER, err, "ii", t->id,
		    span);
	t->remember = span;
	s->tx.regenerate = true;
	return code;
}

/* Some of those that are too old for every type */
static int
forget_old(struct store *s, int64_t most, struct err *err)
{
	int64_t span = 0;

	for (size_t i = 0; i < s->catalog.ntypes; i++)
		if (s->catalog.types[i]->remember > span)
			span = s->catalog.types[i]->remember;
	return db_run(&s->db, SQL_SEEN_PRUNE, err, "ii", s->tx.now - span,
	    most);
}

int
unique_remember(struct store *s, const struct frozen *f, struct err *err)
{
	int code;

	if (f->lane->type->remember == 0 || f->key.p == NULL)
		return 0;
	code = db_run(&s->db, SQL_SEEN_ADD, err, "iibi", f->id, f->type,
	    f->key, f->created);
	return code ? code : forget_old(s, FORGET_AFTER_ONE, err);
}

/* The one that ended; id 0: none since then */
static int
find_ended(struct enqueueing *q, const struct new_row *n, int64_t since,
	int64_t *id, struct err *err)
{
	struct query rows;
	int code = db_start(&rows, &q->store->db, SQL_SEEN_FIND, err, "ib",
	    n->lane->type->id, n->key);
	int got;

	*id = 0;
	if (code)
		return code;
	got = db_row(&rows, err);
	if (got < 0)
		return err->code;
	if (got == 0)
		return 0;
	if (db_column_int(&rows, 1) >= since)
		*id = db_column_int(&rows, 0);
	db_end(&rows);
	return 0;
}

int
unique_check(struct enqueueing *q, struct new_row *n,
	struct enqueue_result *out, struct err *err)
{
	int64_t since = q->store->tx.now - q->options->unique_for, id;
	struct type *t = n->lane->type;
	struct holder h;
	int code = remember(q, t, err);

	if (code == 0)
		code = forget_old(q->store, FORGET_AT_ONCE, err);
	if (code == 0)
		code = find_ended(q, n, since, &id, err);
	if (code == 0)
		code = holder_find(q, n, &h, err);
	if (code)
		return code;
	if (h.id && h.id >= id && h.created >= since) {
		/* one that never started is --on-duplicate's business */
		if (holder_unstarted(&h))
			return 0;
		id = h.id;
	}
	if (id == 0)
		return 0;
	if (q->options->on_duplicate == DUPLICATE_FAIL) {
		enqueue_refuse(q, n, out, ENQUEUED_DUPLICATE, id);
		return 0;
	}
	n->answered = true;
	out->id = id;
	out->what = ENQUEUED_MERGED;
	tx_count(q->store, t, METRIC_MERGED, 1);
	return 0;
}
