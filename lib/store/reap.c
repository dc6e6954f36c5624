/*
 * Taking back what the dead left behind.
 *
 * A lease is lost when nobody holds the lock of its slot, neither its worker
 * nor anything that its handler started, and nobody that of the worker: its
 * keeper does until it has ended those that closed the slot's.  That is so
 * whether its worker is known or not.
 */
#include <stdlib.h>
#include <string.h>

#include "store/claim.h"

struct survey {
	struct lease *lost;
	size_t nlost;
	int64_t *dead;		/* workers that have no lease any more */
	size_t ndead;
};

static int
find_lost(struct store *s, struct survey *v, struct err *err)
{
	struct query q;
	int code, got;

	code = db_start(&q, &s->db, SQL_LEASES, err, "i", s->worker);
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		struct lease l = { db_column_int(&q, 0), db_column_int(&q, 1),
		    (int)db_column_int(&q, 2), db_column_int(&q, 3),
		    db_column_int(&q, 4) };

		if (slot_held(s, l.worker, l.slot))
			continue;
		v->lost = mem_grow(v->lost, v->nlost + 1, sizeof(*v->lost));
		v->lost[v->nlost++] = l;
	}
	return got < 0 ? err->code : 0;
}

static int
find_dead(struct store *s, struct survey *v, struct err *err)
{
	struct query q;
	int code, got;

	v->ndead = 0;
	code = db_start(&q, &s->db, SQL_WORKERS_IDLE, err, "i", s->worker);
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		int64_t id = db_column_int(&q, 0);
		struct proc_id who;

		worker_process(&q, 1, &who);
		if (worker_lives(s, id, &who))
			continue;
		v->dead = mem_grow(v->dead, v->ndead + 1, sizeof(*v->dead));
		v->dead[v->ndead++] = id;
	}
	return got < 0 ? err->code : 0;
}

static void
survey_release(struct survey *v)
{
	free(v->lost);
	free(v->dead);
}

static int
select_jobs(struct store *s, enum statement which, const struct lease *l,
	int64_t **ids, size_t *n, struct err *err)
{
	struct query q;
	int code, got;

	*n = 0;
	code = db_start(&q, &s->db, which, err, "ii", l->claim,
	    (int64_t)l->slot);
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		*ids = mem_grow(*ids, *n + 1, sizeof(**ids));
		(*ids)[(*n)++] = db_column_int(&q, 0);
	}
	return got < 0 ? err->code : 0;
}

/* With the lease goes what says that they run: none may be left out, not even
 * when the lease is damaged and does not say which they are. */
static int
jobs_of_lease(struct store *s, const struct lease *l, int64_t **ids,
	size_t *n, struct err *err)
{
	int code;

	*ids = NULL;
	code = select_jobs(s, SQL_LEASE_JOBS, l, ids, n, err);
	if (code || (int64_t)*n >= l->jobs)
		return code;
	return select_jobs(s, SQL_LEASE_JOBS_SCAN, l, ids, n, err);
}

static void
count(struct reaped *r, const struct attempt_fate *f)
{
	if (f->lost)
		return;
	r->jobs++;
	r->failed += r->of && fate_failed(f) && selection_has(r->of, f->type);
}

int
lease_reap(struct store *s, const struct lease *l, struct reaped *r,
	struct err *err)
{
	struct claimed job = { .claim = l->claim, .slot = l->slot };
	struct attempt_end e = { .job = &job, .outcome = OUTCOME_CRASH,
	    .reason = REASON_CRASH, .ending = { .retry_after = -1 },
	    .finished = s->tx.now,
	    .usage = USAGE_NONE, .input_bytes = -1 };
	struct attempt_fate fate = { 0 };
	int64_t *ids;
	size_t n;
	int code = jobs_of_lease(s, l, &ids, &n, err);

	e.company = l->company || n > 1;
	/* when it started is only known from the event that claimed it */
	if (code == 0)
		code = db_int(&s->db, SQL_EVENT_AT, &e.started, 0, err, "i",
		    l->claim);
	for (size_t i = 0; i < n && code == 0; i++) {
		job.id = ids[i];
		code = finish_attempt(s, l->worker, &e, &fate, err);
		if (code == 0)
			count(r, &fate);
	}
	/* one without jobs as well: it is a leftover of nothing */
	if (code == 0)
		code = db_run(&s->db, SQL_LEASE_DELETE, err, "iii", l->claim,
		    (int64_t)l->slot, INT64_MAX);
	free(ids);
	return code;
}

int
reap_lost(struct store *s, struct reaped *r, struct err *err)
{
	struct survey v = { 0 };
	int code;

	if (s->outdated)
		return 0;
	/* again, now that nobody can finish in between */
	code = find_lost(s, &v, err);
	if (code == 0 && s->wrong_sidecar && v.nlost)
		code = sidecar_error(s, err);
	for (size_t i = 0; i < v.nlost && code == 0; i++)
		code = lease_reap(s, &v.lost[i], r, err);
	if (code == 0)
		code = find_dead(s, &v, err);
	for (size_t i = 0; i < v.ndead && code == 0; i++)
		code = worker_remove(s, v.dead[i], "died", err);
	if (code == 0)
		code = children_hear(s, err);
	survey_release(&v);
	return code;
}

int
store_reap(struct store *s, struct reaped *r, struct err *err)
{
	struct survey v = { 0 };
	int64_t unheard = 0;
	int code = read_begin(s, err);

	r->jobs = r->failed = 0;
	if (code)
		return code;
	code = find_lost(s, &v, err);
	if (code == 0)
		code = find_dead(s, &v, err);
	if (code == 0)
		code = db_int(&s->db, SQL_UNHEARD_ANY, &unheard, 0, err, "");
	read_end(s);
	survey_release(&v);
	if (code || (v.nlost == 0 && v.ndead == 0 && !unheard))
		return code;
	code = tx_begin(s, err);
	return code ? code : tx_end(s, reap_lost(s, r, err), err);
}
