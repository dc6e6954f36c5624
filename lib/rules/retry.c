#include "rules/retry.h"

#include <math.h>
#include <signal.h>
#include <stddef.h>

const char *
outcome_name(enum outcome o)
{
	static const char *const names[OUTCOME_COUNT] = {
		"success", "permanent", "transient", "rate_limited", "snooze",
		"unknown", "crash", "released", "cancelled",
	};

	return (unsigned)o < OUTCOME_COUNT ? names[o] : "unknown";
}

/* The rows of cli.md's table that an exit status alone decides. */
static const struct {
	int status;
	enum outcome outcome;
	enum reason reason;
} exits[] = {
	{ 0, OUTCOME_SUCCESS, REASON_SUCCEEDED },
	{ 64, OUTCOME_PERMANENT, REASON_CONNECTOR_ERROR },
	{ 65, OUTCOME_PERMANENT, REASON_PARSE_ERROR },
	{ 66, OUTCOME_PERMANENT, REASON_CONNECTOR_ERROR },
	{ 68, OUTCOME_TRANSIENT, REASON_TRANSIENT },
	{ 69, OUTCOME_TRANSIENT, REASON_DEPENDENCY_FAILURE },
	{ 71, OUTCOME_TRANSIENT, REASON_TRANSIENT },
	{ 74, OUTCOME_TRANSIENT, REASON_TRANSIENT },
	{ 75, OUTCOME_TRANSIENT, REASON_TRANSIENT },
	{ 76, OUTCOME_PERMANENT, REASON_CONNECTOR_ERROR },
	{ 77, OUTCOME_PERMANENT, REASON_PERMISSION_DENIED },
	{ 78, OUTCOME_PERMANENT, REASON_CONNECTOR_ERROR },
	{ 126, OUTCOME_PERMANENT, REASON_PERMISSION_DENIED },
	{ 127, OUTCOME_PERMANENT, REASON_CONNECTOR_ERROR },
	{ 128 + SIGKILL, OUTCOME_TRANSIENT, REASON_RESOURCE_EXHAUSTED },
};

static enum outcome
outcome_of_exit(int status, enum reason *reason)
{
	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
		if (exits[i].status == status) {
			*reason = exits[i].reason;
			return exits[i].outcome;
		}
	}
	*reason = REASON_UNKNOWN;
	return OUTCOME_UNKNOWN;
}

/* The reason of the exit status stays where that is of the same kind. */
static enum outcome
outcome_said(const struct ending *e, enum reason *reason)
{
	static const enum reason reasons[OUTCOME_COUNT] = {
		[OUTCOME_PERMANENT] = REASON_CONNECTOR_ERROR,
		[OUTCOME_TRANSIENT] = REASON_TRANSIENT,
		[OUTCOME_RATE_LIMITED] = REASON_RATE_LIMITED,
		[OUTCOME_SNOOZE] = REASON_SNOOZED,
	};

	if (outcome_of_exit(e->status, reason) != e->said)
		*reason = reasons[e->said];
	return e->said;
}

enum outcome
outcome_of(const struct ending *e, enum reason *reason)
{
	/* A handler that was told to stop has not done its work, whatever
	 * status it then found for that. */
	if (e->timed_out) {
		*reason = REASON_TIMEOUT;
		return OUTCOME_TRANSIENT;
	}
	if (e->status == -SIGKILL && e->oom) {
		*reason = REASON_RESOURCE_EXHAUSTED;
		return OUTCOME_TRANSIENT;
	}
	switch (e->answered) {
	case ANSWERED_WRONG:
		*reason = REASON_UNKNOWN;
		return OUTCOME_UNKNOWN;
	case ANSWERED_TOO_MUCH:
		*reason = REASON_CONNECTOR_ERROR;
		return OUTCOME_PERMANENT;
	case ANSWERED:
		break;
	}
	if (e->refined)
		return outcome_said(e, reason);
	if (e->retry_after >= 0) {
		*reason = REASON_RATE_LIMITED;
		return OUTCOME_RATE_LIMITED;
	}
	return outcome_of_exit(e->status, reason);
}

int64_t
retry_delay(const struct retry_policy *p, int charged, double unit)
{
	double delay = (double)p->base;

	switch (p->strategy) {
	case RETRY_IMMEDIATE:
	case RETRY_NONE:
		return 0;
	case RETRY_EXPONENTIAL:
		if (charged > 1)
			delay *= pow(p->multiplier, charged - 1);
		break;
	case RETRY_LINEAR:
		delay *= charged < 1 ? 1 : charged;
		break;
	case RETRY_FIXED:
		break;
	}
	if (delay > (double)p->max)
		delay = (double)p->max;
	delay *= 1 + p->jitter * (2 * unit - 1);
	if (!(delay > 0))
		return 0;
	/* the nearest double to 2^63-1 is 2^63, which does not fit */
	return delay < 9.2e18 ? (int64_t)delay : INT64_MAX;
}

/* How many charged failures end the job */
static int
attempts_limit(const struct retry_policy *p, enum outcome o, int job_limit)
{
	if (p->strategy == RETRY_NONE)
		return 1;
	if (job_limit > 0)
		return job_limit;
	if (o == OUTCOME_TRANSIENT && p->transient_max_attempts > 0)
		return p->transient_max_attempts;
	return p->max_attempts;
}

static void
end(struct verdict *v, enum state to, enum reason reason)
{
	v->to = to;
	v->reason = reason;
	v->delay = 0;
}

/* Pending again, unless a newer job of its key does the work anyway. */
static void
again(struct verdict *v, int64_t delay, bool newer)
{
	if (newer) {
		end(v, STATE_CANCELLED, REASON_SUPERSEDED);
		return;
	}
	v->to = delay > 0 ? STATE_DELAYED : STATE_READY;
	v->delay = delay > 0 ? delay : 0;
}

static void
failed(struct verdict *v, const struct retry_policy *p, enum outcome o,
	int job_limit, int64_t asked, bool newer, double unit)
{
	v->attempts++;
	if (v->attempts < attempts_limit(p, o, job_limit)) {
		again(v, asked >= 0 ? asked : retry_delay(p, v->attempts,
			unit), newer);
		return;
	}
	/* a reason that says more than "too often" stays */
	if (v->reason == REASON_UNKNOWN || v->reason == REASON_TRANSIENT
			|| v->reason == REASON_NONE)
		v->reason = REASON_MAX_ATTEMPTS;
	end(v, STATE_QUARANTINED, v->reason);
}

static void
crashed(struct verdict *v, const struct retry_policy *p, bool newer)
{
	v->crashes++;
	v->alone = true;
	v->reason = REASON_CRASH;
	if (v->crashes >= p->crash_limit)
		end(v, STATE_QUARANTINED, REASON_CRASH);
	else
		again(v, 0, newer);
}

/* Some job is to blame for that. */
static bool
is_fault(enum outcome o)
{
	return o == OUTCOME_PERMANENT || o == OUTCOME_TRANSIENT ||
		o == OUTCOME_UNKNOWN || o == OUTCOME_CRASH;
}

struct verdict
retry_decide(const struct retry_policy *p, enum outcome o, enum reason reason,
	const struct ending *e, int attempts, int crashes, int max_attempts,
	bool newer, bool alone, double unit)
{
	struct verdict v = {
		.reason = reason, .attempts = attempts, .crashes = crashes,
	};
	int64_t asked = e != NULL && !e->timed_out ? e->retry_after : -1;

	if (!alone && is_fault(o)) {
		v.alone = true;
		again(&v, 0, newer);
		return v;
	}
	switch (o) {
	case OUTCOME_SUCCESS:
		end(&v, STATE_SUCCEEDED, REASON_SUCCEEDED);
		break;
	case OUTCOME_PERMANENT:
		v.attempts++;
		end(&v, STATE_QUARANTINED, reason);
		break;
	case OUTCOME_TRANSIENT:
	case OUTCOME_UNKNOWN:
	case OUTCOME_COUNT:
		failed(&v, p, o, max_attempts, asked, newer, unit);
		break;
	case OUTCOME_RATE_LIMITED:
		again(&v, asked >= 0 ? asked : p->rate_limit_delay, newer);
		break;
	case OUTCOME_SNOOZE:
		again(&v, asked >= 0 ? asked : p->base, newer);
		break;
	case OUTCOME_CRASH:
		crashed(&v, p, newer);
		break;
	case OUTCOME_RELEASED:
		v.reason = REASON_RELEASED;
		again(&v, 0, newer);
		break;
	case OUTCOME_CANCELLED:
		end(&v, STATE_CANCELLED, REASON_OPERATOR);
		break;
	}
	return v;
}
