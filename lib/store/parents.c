/* --after: the jobs that a record is to run after. */
#include "store/enqueue.h"

/* What became of it; NONE: there is no such job.  The work of one that was
 * superseded is done by another, which it becomes here; is that the record
 * itself, nothing is left to wait for, as if it had succeeded. */
static int
find_parent(struct store *s, int64_t *id, enum state *state, struct err *err)
{
	struct query q;
	int64_t live, newer = *id;
	int code, got;

	*state = STATE_NONE;
	do {
		code = db_int(&s->db, SQL_JOB_STATE, &live, 0, err, "i",
		    newer);
		if (code)
			return code;
		if (live || (newer != *id && newer == s->tx.next_job)) {
			*id = newer;
			*state = live ? (enum state)live : STATE_SUCCEEDED;
			return 0;
		}
		got = db_first(&q, &s->db, SQL_ENDED_STATE, err, "i", newer);
		if (got <= 0)
			return got < 0 ? err->code : 0;
		*id = newer;
		*state = (enum state)db_column_int(&q, 0);
		newer = db_column_or(&q, 1, 0);
		db_end(&q);
	} while (newer);
	return 0;
}

static void
wait_for(struct enqueueing *q, int64_t id)
{
	q->waits = mem_grow(q->waits, q->nwaits + 1, sizeof(*q->waits));
	q->waits[q->nwaits++] = id;
}

int
parents_look(struct enqueueing *q, const struct record *r, struct new_row *n,
	struct err *err)
{
	enum on_parent_failure failure = q->options->on_parent_failure;
	enum state state;
	int code = 0;

	q->nwaits = 0;
	n->cancel = false;
	n->no_parent = 0;
	for (size_t i = 0; i < r->nafter && code == 0; i++) {
		int64_t id = r->after[i];

		code = find_parent(q->store, &id, &state, err);
		if (code || state == STATE_SUCCEEDED)
			continue;
		if (state == STATE_NONE)
			n->no_parent = id;
		else if (state != STATE_CANCELLED &&
		    state != STATE_QUARANTINED)
			wait_for(q, id);
		/* it has failed: as if it did so later */
		else if (failure == PARENT_CANCEL)
			n->cancel = true;
		else if (failure == PARENT_WAIT)
			wait_for(q, id);
	}
	return code;
}

int
parents_circle(struct enqueueing *q, const struct new_row *n, bool itself,
	bool *circle, struct err *err)
{
	int64_t found = 0;
	int code = 0;

	for (size_t i = 0; i < q->nwaits && code == 0 && !found; i++)
		code = db_int(&q->store->db, SQL_DEPENDENCY_PATH, &found, 0,
		    err, "iibi", q->waits[i], n->lane->type->id, n->key,
		    (int64_t)itself);
	*circle = found != 0;
	return code;
}

int
parents_write(struct enqueueing *q, int64_t job, struct err *err)
{
	int code = 0;

	if (q->nwaits)
		q->store->tx.waiters = WAITERS_SOME;
	for (size_t i = 0; i < q->nwaits && code == 0; i++)
		code = db_run(&q->store->db, SQL_DEPENDENCY_INSERT, err, "ii",
		    job, q->waits[i]);
	return code;
}
