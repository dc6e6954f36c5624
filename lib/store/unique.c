/*
 * --unique-for: keys of jobs that have ended.
 *
 * A type remembers them from the first time that it is asked to; what ended
 * before is looked up then, once, in the part of the history that lies in the
 * time asked for.  Is that long it takes several transactions, between which
 * others have their turns.  Who lives is found by the index of keys.
 */
#include "store/enqueue.h"
#include "store/frozen.h"

/* More than come at a time, so that they do not pile up */
#define FORGET_AFTER_ONE 2
#define FORGET_AT_ONCE 32

/* Ids of the history that one transaction looks through: some 10 ms */
#define FILL_MAX 4000

/* Whether it knows all keys of so long a time; *first to next_job - 1: the ids
 * that have to be looked through, when it does not */
static int
knows(struct store *s, const struct type *t, int64_t span, bool *known,
	int64_t *first, struct err *err)
{
	*known = t->remember >= span;
	*first = s->tx.next_job;
	return *known ? 0 : history_since(s, s->tx.now - span,
	    s->tx.next_job, first, err);
}

/* From now on it knows so long a time; or (negative) takes in what ends now,
 * while the history before is looked through. */
static int
set_remember(struct store *s, struct type *t, int64_t span, struct err *err)
{
	t->remember = span;
	s->tx.regenerate = true;
	return db_run(&s->db, SQL_TYPE_REMEMBER, err, "ii", t->id, span);
}

/* What the type does not remember yet, when that is little */
static int
remember(struct enqueueing *q, struct type *t, struct err *err)
{
	struct store *s = q->store;
	int64_t span = q->options->unique_for, first;
	bool known;
	int code = knows(s, t, span, &known, &first, err);

	if (code || known)
		return code;
	if (t->remember < 0 || s->tx.next_job - first > FILL_MAX)
		return UNIQUE_UNKNOWN;
	code = db_run(&s->db, SQL_SEEN_FILL, err, "iii", t->id, first,
	    s->tx.next_job);
	return code ? code : set_remember(s, t, span, err);
}

struct fill {
	struct bytes type;
	int64_t span, first, end;	/* ids that are left */
	bool begun, known;
};

/* What ends from here on is taken in already. */
static int
fill_begin(struct store *s, struct fill *f, struct type *t, struct err *err)
{
	int64_t most = t->remember < 0 ? -t->remember : t->remember;
	int code;

	if (f->span < most)
		f->span = most;
	f->begun = true;
	f->end = s->tx.next_job;
	code = knows(s, t, f->span, &f->known, &f->first, err);
	return code || f->known ? code : set_remember(s, t, -f->span, err);
}

/* One part; with the last the type knows, unless somebody wants it to know
 * more meanwhile, who goes on. */
static int
fill_part(struct store *s, struct fill *f, struct err *err)
{
	int64_t end = f->first + FILL_MAX;
	struct type *t;
	int code = catalog_make_type(s, f->type, &t, err);

	if (code == 0 && !f->begun)
		code = fill_begin(s, f, t, err);
	if (code || f->known)
		return code;
	if (end > f->end)
		end = f->end;
	code = db_run(&s->db, SQL_SEEN_FILL, err, "iii", t->id, f->first, end);
	f->first = end;
	f->known = end == f->end;
	if (code == 0 && f->known && t->remember == -f->span)
		code = set_remember(s, t, f->span, err);
	return code;
}

int
unique_fill(struct store *s, struct bytes type, int64_t span, struct err *err)
{
	struct fill f = { .type = type, .span = span };
	int code = 0;

	while (code == 0 && !f.known) {
		code = tx_begin(s, err);
		if (code == 0)
			code = tx_end(s, fill_part(s, &f, err), err);
	}
	return code;
}

/* Some of those that are too old for every type */
static int
forget_old(struct store *s, int64_t most, struct err *err)
{
	int64_t span = 0;

	for (size_t i = 0; i < s->catalog.ntypes; i++) {
		int64_t known = s->catalog.types[i]->remember;

		if (known < 0)
			known = -known;
		if (known > span)
			span = known;
	}
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
	int got = db_first(&rows, &q->store->db, SQL_SEEN_FIND, err, "ib",
	    n->lane->type->id, n->key);

	*id = 0;
	if (got <= 0)
		return got < 0 ? err->code : 0;
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
