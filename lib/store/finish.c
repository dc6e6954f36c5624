/* The end of attempts: from the worker that ran them. */
#include <bsd/stdlib.h>

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
static void
unstart(struct store *s, struct settlement *t, struct frozen *f)
{
	if (t->end->started || (t->outcome != OUTCOME_RELEASED &&
	    t->outcome != OUTCOME_CANCELLED))
		return;
	t->end = NULL;
	t->verb = t->verdict.to != STATE_CANCELLED ? VERB_RELEASE :
	    t->verdict.reason == REASON_SUPERSEDED ? VERB_SUPERSEDE :
	    VERB_CANCEL;
	f->attempt--;
	tx_count(s, f->lane->type, METRIC_STARTED, -1);
}

static int
decide(struct store *s, const struct attempt_end *e, struct frozen *f,
	struct settlement *t, struct err *err)
{
	enum reason reason = e->reason;
	struct retry_policy policy;
	int64_t newer;
	int code = job_newer_pending(s, f->newer, &newer, err);

	if (code)
		return code;
	setting_retry_policy(s, f->lane->type, &policy);
	obey(f, &t->outcome, &reason);
	t->verdict = retry_decide(&policy, t->outcome, reason, &e->ending,
	    (int)f->attempts, (int)f->crashes, (int)f->max_attempts,
	    newer != 0, !e->company, random_unit());
	if (t->verdict.reason == REASON_SUPERSEDED)
		t->newer = newer;
	t->event = tx_event(s, kind_of(t->outcome));
	unstart(s, t, f);
	return 0;
}

static int
finish(struct store *s, int64_t worker, const struct attempt_end *e,
	struct attempt_fate *fate, struct err *err)
{
	bool done = e->outcome == OUTCOME_SUCCESS;
	struct settlement t = { .from = STATE_RUNNING, .outcome = e->outcome,
	    .end = e, .worker = worker, .deleted = done };
	struct setting_value cap;
	struct frozen f;
	struct query q;
	int code, got;

	fate->lost = true;
	/* fenced by (job, claim, slot): a late finish finds nothing */
	code = db_start(&q, &s->db, done ? SQL_JOB_FINISH : SQL_JOB_HELD, err,
	    "iii", e->job->id, e->job->claim, (int64_t)e->job->slot);
	if (code)
		return code;
	got = db_row(&q, err);
	if (got <= 0)
		return got < 0 ? err->code : 0;
	code = frozen_read(s, &q, &f, err);
	if (code)
		return code;
	t.job = &f;
	t.query = &q;
	code = decide(s, e, &f, &t, err);
	if (code) {
		db_end(&q);
		return code;
	}
	code = settle(s, &t, err);
	if (code == 0 && t.verdict.to == STATE_SUCCEEDED)
		code = follow_up(s, e, fate, err);
	/* another worker may have waited for room under the cap */
	if (setting_number(s, f.lane->type, SET_MAX_WORKERS, &cap))
		s->tx.wake = true;
	fate->lost = false;
	fate->outcome = t.outcome;
	fate->state = t.verdict.to;
	fate->reason = t.verdict.reason;
	fate->attempts = t.verdict.attempts;
	fate->run_at = t.verdict.to == STATE_DELAYED ? s->tx.now +
	    t.verdict.delay : 0;
	return code;
}

int
finish_attempt(struct store *s, int64_t worker, const struct attempt_end *e,
	struct attempt_fate *fate, struct err *err)
{
	struct attempt_end refused = *e;

	if (fate->refused[0] == '\0')
		return finish(s, worker, e, fate, err);
	refused.outcome = OUTCOME_PERMANENT;
	refused.reason = REASON_CONNECTOR_ERROR;
	refused.error = bytes_of(fate->refused);
	refused.company = false;
	return finish(s, worker, &refused, fate, err);
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

int
finish_attempts(struct store *s, const struct turn_request *r,
	struct attempt_fate *fates, struct err *err)
{
	int64_t ended = 0;
	int code = 0;

	for (size_t i = 0; i < r->nends && code == 0; i++) {
		const struct claimed *j = r->ends[i].job, *next =
		    i + 1 < r->nends ? r->ends[i + 1].job : NULL;

		code = finish_attempt(s, r->worker, &r->ends[i], &fates[i],
		    err);
		ended += !fates[i].lost;
		if (code || (next && next->claim == j->claim &&
		    next->slot == j->slot))
			continue;
		if (ended)
			code = drop_lease(s, j, ended, err);
		ended = 0;
	}
	return code;
}
