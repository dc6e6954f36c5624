/* The end of attempts: what becomes of their jobs. */
#include <bsd/stdlib.h>
#include <inttypes.h>

#include "store/claim.h"
#include "store/frozen.h"

/* 0 <= unit < 1 */
static double
random_unit(void)
{
	return arc4random() / 4294967296.0;
}

static enum event_kind
kind_of(enum outcome o)
{
	switch (o) {
	case OUTCOME_CRASH:
		return KIND_REAP;
	case OUTCOME_RELEASED:
		return KIND_RELEASE;
	case OUTCOME_CANCELLED:
		return KIND_CANCEL;
	default:
		return KIND_FINISH;
	}
}

bool
fate_failed(const struct attempt_fate *f)
{
	return f->state == STATE_QUARANTINED || (f->state == STATE_CANCELLED &&
	    f->reason != REASON_SUPERSEDED);
}

/* Whoever hands in or takes back an attempt does what the operator wants of
 * it; only success comes first. */
static void
obey(const struct frozen *f, enum outcome *outcome, enum reason *reason)
{
	if (*outcome == OUTCOME_SUCCESS)
		return;
	if (f->ordered == ORDERED_KILL) {
		*outcome = OUTCOME_CANCELLED;
		*reason = REASON_OPERATOR;
	} else if (f->ordered == ORDERED_RELEASE) {
		*outcome = OUTCOME_RELEASED;
		*reason = REASON_RELEASED;
	}
}

/* It was claimed and goes back, or is cancelled, before it was started: it
 * will be as if it had not been claimed. */
static int
unstart(struct store *s, struct settlement *t, struct frozen *f,
	struct err *err)
{
	if (t->end->started || (t->outcome != OUTCOME_RELEASED &&
	    t->outcome != OUTCOME_CANCELLED))
		return 0;
	t->end = NULL;
	t->verb = t->verdict.to != STATE_CANCELLED ? VERB_RELEASE :
	    t->verdict.reason == REASON_SUPERSEDED ? VERB_SUPERSEDE :
	    VERB_CANCEL;
	f->attempt--;
	service_return(f->lane);
	tx_count(s, f->lane->type, METRIC_STARTED, -1);
	return throttle_unstarted(s, f->lane->type, err);
}

static int
decide(struct store *s, const struct attempt_end *e, struct frozen *f,
	struct settlement *t, struct err *err)
{
	enum reason reason = e->reason;
	struct retry_policy policy = { 0 };
	int64_t newer = 0;
	double unit = 0;
	int code;

	/* success asks for none of that */
	if (e->outcome != OUTCOME_SUCCESS) {
		code = job_newer_pending(s, f->newer, &newer, err);
		if (code)
			return code;
		setting_retry_policy(s, f->lane->type, &policy);
		unit = random_unit();
		obey(f, &t->outcome, &reason);
	}
	t->verdict = retry_decide(&policy, t->outcome, reason, &e->ending,
	    (int)f->attempts, (int)f->crashes, (int)f->max_attempts,
	    newer != 0, !e->company, unit);
	if (t->verdict.reason == REASON_SUPERSEDED)
		t->newer = newer;
	t->event = tx_event(s, kind_of(t->outcome));
	return unstart(s, t, f, err);
}

static int
finish(struct store *s, struct settlement *t, struct frozen *f,
	struct attempt_fate *fate, struct err *err)
{
	const struct attempt_end *e = t->end;
	struct setting_value cap;
	int code = decide(s, e, f, t, err);

	if (code && t->query)
		db_end(t->query);
	if (code)
		return code;
	code = settle(s, t, err);
	if (code == 0 && t->verdict.to == STATE_SUCCEEDED)
		code = follow_up(s, e, fate, err);
	if (code == 0 && (!e->company || t->outcome == OUTCOME_SUCCESS))
		code = throttle_ended(s, f->lane->type, t->outcome, &e->ending,
		    err);
	/* another worker may have waited for room under the cap */
	if (setting_number(s, f->lane->type, SET_MAX_WORKERS, &cap))
		s->tx.wake = true;
	fate->lost = false;
	fate->type = f->lane->type->name;
	fate->outcome = t->outcome;
	fate->breaker_open = throttle_breaker(s, f->lane->type, s->tx.now, 0);
	fate->state = t->verdict.to;
	fate->reason = t->verdict.reason;
	fate->attempts = t->verdict.attempts;
	fate->run_at = t->verdict.to == STATE_DELAYED ? s->tx.now +
	    t->verdict.delay : 0;
	return code;
}

/* As its row says that it is */
static int
finish_read(struct store *s, int64_t worker, const struct attempt_end *e,
	struct attempt_fate *fate, struct err *err)
{
	const struct claimed *j = e->job;
	struct frozen f;
	struct query q;
	struct settlement t = { .from = STATE_RUNNING, .outcome = e->outcome,
	    .end = e, .worker = worker, .job = &f, .query = &q };
	int code, got;

	fate->lost = true;
	/* fenced by (job, claim, slot): a late finish finds nothing */
	got = db_first(&q, &s->db, SQL_JOB_HELD, err, "iii", j->id, j->claim,
	    (int64_t)j->slot);
	if (got <= 0)
		return got < 0 ? err->code : 0;
	code = frozen_read(s, &q, &f, err);
	return code ? code : finish(s, &t, &f, fate, err);
}

int
finish_attempt(struct store *s, int64_t worker, const struct attempt_end *e,
	struct attempt_fate *fate, struct err *err)
{
	struct attempt_end refused = *e;

	if (fate->refused[0] == '\0')
		return finish_read(s, worker, e, fate, err);
	refused.outcome = OUTCOME_PERMANENT;
	refused.reason = REASON_CONNECTOR_ERROR;
	refused.error = bytes_of(fate->refused);
	refused.company = false;
	return finish_read(s, worker, &refused, fate, err);
}

/*
 * ---- what a turn hands in ----
 *
 * Most jobs succeed, and have no ties: no older or newer one of their key, no
 * earlier attempt that left something behind.  Their rows are deleted unread,
 * and what the history says of them is what the worker has kept.
 */

/* As its row says, when that has no ties; the lane exists. */
static void
recall(struct store *s, const struct claimed *j, struct frozen *f)
{
	*f = (struct frozen){ .id = j->id,
	    .lane = catalog_lane(s, j->stored.lane), .created = j->created,
	    .key = j->key, .path = j->stored.own_path ? j->path : BYTES_NONE,
	    .no_path = j->path.p == NULL, .event = (int64_t)j->event,
	    .attempt = j->attempt, .attempts = j->attempts,
	    .crashes = j->stored.crashes, .eligible = j->eligible,
	    .max_attempts = j->stored.max_attempts,
	    .timeout = j->stored.timeout, .group = j->stored.group };
	f->type = f->lane->type->id;
}

/* Its row is gone. */
static int
finish_gone(struct store *s, int64_t worker, const struct attempt_end *e,
	struct attempt_fate *fate, struct err *err)
{
	struct frozen f;
	struct settlement t = { .from = STATE_RUNNING, .outcome = e->outcome,
	    .end = e, .worker = worker, .job = &f, .deleted = true };

	recall(s, e->job, &f);
	return finish(s, &t, &f, fate, err);
}

static bool
has_succeeded(struct store *s, const struct attempt_end *e,
	const struct attempt_fate *fate)
{
	return e->outcome == OUTCOME_SUCCESS && fate->refused[0] == '\0' &&
	    catalog_lane(s, e->job->stored.lane);
}

static int
finish_one(struct store *s, int64_t worker, const struct attempt_end *e,
	struct attempt_fate *fate, struct err *err)
{
	const struct claimed *j = e->job;
	int code;

	if (!has_succeeded(s, e, fate))
		return finish_attempt(s, worker, e, fate, err);
	code = db_run(&s->db, SQL_JOB_DONE, err, "iii", j->id, j->claim,
	    (int64_t)j->slot);
	if (code)
		return code;
	return db_changes(&s->db) == 1 ? finish_gone(s, worker, e, fate, err) :
	    finish_attempt(s, worker, e, fate, err);
}

/* A statement for many rows does more before the first of them, and looks at
 * all others between them: so many rows for n that it is about, at most. */
#define RUN_MIN 8
#define ROWS_MOST(n) (4 * (int64_t)(n) + 64)

/* How many of these, from the first on, could be one statement's; at least
 * that one.  What one wants to have enqueued may be to run after another. */
static size_t
run_of(struct store *s, const struct attempt_end *e,
	const struct attempt_fate *fates, size_t n)
{
	size_t i = 0;

	while (i < n && has_succeeded(s, &e[i], &fates[i]) &&
	    e[i].nfollow == 0 && e[i].then == NULL &&
	    (i == 0 || (e[i].job->id > e[i - 1].job->id &&
	    e[i].job->id - e->job->id < ROWS_MOST(i + 1))))
		i++;
	return i ? i : 1;
}

/* Deletes them all, if the lease has exactly these between the first and the
 * last and none has ties; else none.  *deleted: so it is. */
static int
delete_run(struct store *s, const struct attempt_end *e, size_t n,
	bool *deleted, struct err *err)
{
	const struct claimed *j = e->job;
	int64_t slot = j->slot, last = e[n - 1].job->id;
	size_t same = 0, found = 0;
	struct query q;
	int code, got;

	*deleted = false;
	code = db_start(&q, &s->db, SQL_LEASE_PLAIN, err, "iiii", j->claim,
	    slot, j->id, last);
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		same += found < n && db_column_int(&q, 0) == e[found].job->id;
		found++;
	}
	if (got < 0)
		return err->code;
	if (same != n || found != n)
		return 0;
	code = db_run(&s->db, SQL_LEASE_DONE, err, "iiii", j->claim, slot,
	    j->id, last);
	*deleted = code == 0 && db_changes(&s->db) == (int64_t)n;
	if (code || *deleted)
		return code;
	return err_set(err, EX_SOFTWARE, "finish %zu jobs of claim %" PRId64
	    ", slot %" PRId64 ": %" PRId64 " were there", n, j->claim, slot,
	    db_changes(&s->db));
}

/* n jobs of a lease have ended. */
static int
drop_lease(struct store *s, const struct claimed *j, int64_t n,
	struct err *err)
{
	int code = db_run(&s->db, SQL_LEASE_DELETE, err, "iii", j->claim,
	    (int64_t)j->slot, n);

	if (code || db_changes(&s->db) == 1)
		return code;
	return db_run(&s->db, SQL_LEASE_LESS, err, "iii", j->claim,
	    (int64_t)j->slot, n);
}

/* Those of one lease */
static int
finish_lease(struct store *s, int64_t worker, const struct attempt_end *e,
	struct attempt_fate *fates, size_t n, struct err *err)
{
	int64_t ended = 0;
	size_t run;
	int code = 0;

	for (size_t i = 0; i < n && code == 0; i += run) {
		bool gone = false;

		run = run_of(s, &e[i], &fates[i], n - i);
		if (run >= RUN_MIN)
			code = delete_run(s, &e[i], run, &gone, err);
		for (size_t k = i; k < i + run && code == 0; k++) {
			code = gone ? finish_gone(s, worker, &e[k], &fates[k],
			    err) : finish_one(s, worker, &e[k], &fates[k],
			    err);
			ended += !fates[k].lost;
		}
	}
	service_measure(s, e, fates, n);
	if (code == 0 && ended)
		code = drop_lease(s, e->job, ended, err);
	return code;
}

int
finish_attempts(struct store *s, const struct turn_request *r,
	struct attempt_fate *fates, struct err *err)
{
	size_t same;
	int code = 0;

	for (size_t i = 0; i < r->nends && code == 0; i += same) {
		const struct attempt_end *e = &r->ends[i];

		for (same = 1; i + same < r->nends &&
		    e[same].job->claim == e->job->claim &&
		    e[same].job->slot == e->job->slot; same++)
			;
		code = finish_lease(s, r->worker, e, &fates[i], same, err);
	}
	return code;
}
