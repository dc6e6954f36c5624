/*
 * What the end of a job means for those that are to run after it.
 *
 * They may be very many, and have as many children again; so an end is only
 * noted (table unheard), and children hear of it in the order of their ids,
 * some in each transaction.  What one does not get to is left to the next:
 * of a worker, or of iq-ctl.  Until it has heard, a child waits.
 */
#include "store/frozen.h"

/* How many hear of an end in one transaction: some 10 ms of its turn.  A
 * parent without children that still wait counts as one, too. */
#define HEAR_MAX 1000

/* At most so many in one statement */
#define HEAR_AT_ONCE 100

struct child {
	int64_t id;
	enum on_parent_failure failure;
};

struct news {
	int64_t parent;
	enum state state;	/* in which it has ended */
	int64_t child;		/* the last that has heard of it, 0: none */
};

int
job_fail_with_parent(struct store *s, int64_t job, struct err *err)
{
	enum state was;
	bool done;

	return settle_pending(s, job, &(struct farewell){ VERB_CANCEL,
	    REASON_DEPENDENCY_FAILURE, KIND_CANCEL, 0 }, &was, &done, err);
}

/* Mostly there are none at all, which is looked up once. */
static int
look_for_waiters(struct store *s, struct err *err)
{
	int64_t some;
	int code;

	if (s->tx.waiters != WAITERS_UNKNOWN)
		return 0;
	code = db_int(&s->db, SQL_DEPENDENCIES, &some, 0, err, "");
	s->tx.waiters = some ? WAITERS_SOME : WAITERS_NONE;
	return code;
}

int
job_release_children(struct store *s, int64_t job, enum state parent,
	struct err *err)
{
	int code = look_for_waiters(s, err);

	if (code || s->tx.waiters == WAITERS_NONE)
		return code;
	code = db_run(&s->db, SQL_UNHEARD_ADD, err, "ii", job,
	    (int64_t)parent);
	s->tx.unheard |= code == 0 && db_changes(&s->db) > 0;
	return code;
}

/* Those that nobody has heard of come first: a few children do not wait for
 * very many.  *any: there is one. */
static int
next_news(struct store *s, struct news *n, bool *any, struct err *err)
{
	struct query q;
	enum state lives;
	int code = 0, got;

	*any = false;
	while (code == 0 && !*any) {
		got = db_first(&q, &s->db, SQL_UNHEARD_NEXT, err, "");
		if (got <= 0)
			return got < 0 ? err->code : 0;
		*n = (struct news){ db_column_int(&q, 0),
		    (enum state)db_column_int(&q, 1), db_column_int(&q, 2) };
		lives = (enum state)db_column_or(&q, 3, n->state);
		db_end(&q);
		*any = lives == n->state;
		/* it was revived: who has not heard waits for it again */
		if (!*any)
			code = db_run(&s->db, SQL_UNHEARD_DELETE, err, "i",
			    n->parent);
	}
	return code;
}

static int
hear(struct store *s, const struct news *n, const struct child *c,
	struct err *err)
{
	int code;

	if (n->state != STATE_SUCCEEDED && c->failure == PARENT_WAIT)
		return 0;
	if (n->state != STATE_SUCCEEDED && c->failure == PARENT_CANCEL)
		return job_fail_with_parent(s, c->id, err);
	code = db_run(&s->db, SQL_CHILD_DONE, err, "ii", n->parent, c->id);
	return code ? code : job_let_go(s, c->id, err);
}

static int
children_of(struct store *s, const struct news *n, struct child *c,
	int64_t most, int64_t *found, struct err *err)
{
	struct query q;
	int code, got;

	*found = 0;
	code = db_start(&q, &s->db, SQL_CHILDREN, err, "iii", n->parent,
	    n->child, most);
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1)
		c[(*found)++] = (struct child){ db_column_int(&q, 0),
		    (enum on_parent_failure)db_column_or(&q, 1, PARENT_WAIT) };
	return got < 0 ? err->code : 0;
}

/* Some of the children of one, and where to go on */
static int
hear_some(struct store *s, const struct news *n, struct err *err)
{
	struct child c[HEAR_AT_ONCE];
	int64_t most = HEAR_MAX - s->tx.heard, found;
	int code;

	if (most > HEAR_AT_ONCE)
		most = HEAR_AT_ONCE;
	code = children_of(s, n, c, most, &found, err);
	for (int64_t i = 0; i < found && code == 0; i++)
		code = hear(s, n, &c[i], err);
	s->tx.heard += found ? found : 1;
	if (code)
		return code;
	if (found < most)
		return db_run(&s->db, SQL_UNHEARD_DELETE, err, "i",
		    n->parent);
	return db_run(&s->db, SQL_UNHEARD_UNTIL, err, "ii", n->parent,
	    c[found - 1].id);
}

int
children_hear(struct store *s, struct err *err)
{
	struct news n;
	int code = 0;

	s->tx.unheard = true;
	while (code == 0 && s->tx.unheard && s->tx.heard < HEAR_MAX) {
		code = next_news(s, &n, &s->tx.unheard, err);
		if (code == 0 && s->tx.unheard)
			code = hear_some(s, &n, err);
	}
	return code;
}

int
children_hear_all(struct store *s, struct err *err)
{
	int code = 0;

	while (code == 0 && s->tx.unheard) {
		code = tx_begin(s, err);
		if (code == 0)
			code = tx_end(s, children_hear(s, err), err);
	}
	return code;
}
