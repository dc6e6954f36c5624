#include "rules/retry.h"

#include <limits.h>

#include "base/clock.h"
#include "tap.h"

#define S NS_PER_S

static const struct retry_policy standard = {
	.strategy = RETRY_EXPONENTIAL, .max_attempts = 3, .base = 30 * S,
	.max = 300 * S, .multiplier = 2, .jitter = 0,
	.rate_limit_delay = 600 * S, .crash_limit = 5,
};

/* Every row of the exit table of the manual, and the rows between them. */
static void
exits(void)
{
	static const struct {
		int first, last;
		enum outcome outcome;
		enum reason reason;
	} rows[] = {
		{ 0, 0, OUTCOME_SUCCESS, REASON_SUCCEEDED },
		{ 1, 63, OUTCOME_UNKNOWN, REASON_UNKNOWN },
		{ 64, 64, OUTCOME_PERMANENT, REASON_CONNECTOR_ERROR },
		{ 65, 65, OUTCOME_PERMANENT, REASON_PARSE_ERROR },
		{ 66, 66, OUTCOME_PERMANENT, REASON_CONNECTOR_ERROR },
		{ 67, 67, OUTCOME_UNKNOWN, REASON_UNKNOWN },
		{ 68, 68, OUTCOME_TRANSIENT, REASON_TRANSIENT },
		{ 69, 69, OUTCOME_TRANSIENT, REASON_DEPENDENCY_FAILURE },
		{ 70, 70, OUTCOME_UNKNOWN, REASON_UNKNOWN },
		{ 71, 71, OUTCOME_TRANSIENT, REASON_TRANSIENT },
		{ 72, 73, OUTCOME_UNKNOWN, REASON_UNKNOWN },
		{ 74, 75, OUTCOME_TRANSIENT, REASON_TRANSIENT },
		{ 76, 76, OUTCOME_PERMANENT, REASON_CONNECTOR_ERROR },
		{ 77, 77, OUTCOME_PERMANENT, REASON_PERMISSION_DENIED },
		{ 78, 78, OUTCOME_PERMANENT, REASON_CONNECTOR_ERROR },
		{ 79, 125, OUTCOME_UNKNOWN, REASON_UNKNOWN },
		{ 126, 126, OUTCOME_PERMANENT, REASON_PERMISSION_DENIED },
		{ 127, 127, OUTCOME_PERMANENT, REASON_CONNECTOR_ERROR },
		{ 128, 136, OUTCOME_UNKNOWN, REASON_UNKNOWN },
		{ 137, 137, OUTCOME_TRANSIENT, REASON_RESOURCE_EXHAUSTED },
		{ 138, 255, OUTCOME_UNKNOWN, REASON_UNKNOWN },
		{ -64, -1, OUTCOME_UNKNOWN, REASON_UNKNOWN },
	};
	size_t i;
	int status;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int wrong = 0;

		for (status = rows[i].first; status <= rows[i].last; status++) {
			struct ending e = { .status = status,
				.retry_after = -1 };
			enum reason reason = REASON_NONE;

			wrong += outcome_of(&e, &reason) != rows[i].outcome
				|| reason != rows[i].reason;
		}
		is_int(wrong, 0, "exit %d to %d: %s (%s)", rows[i].first,
			rows[i].last, outcome_name(rows[i].outcome),
			reason_name(rows[i].reason));
	}
}

#define SAID(kind) .refined = true, .said = OUTCOME_##kind

static void
other_endings(void)
{
	static const struct {
		const char *what;
		struct ending e;
		enum outcome outcome;
		enum reason reason;
	} cases[] = {
		{ "timeout", { .status = -15, .timed_out = true, .retry_after = -1 }, OUTCOME_TRANSIENT,
			REASON_TIMEOUT },
		{ "exit 0 after a timeout", { .status = 0, .timed_out = true, .retry_after = -1 },
			OUTCOME_TRANSIENT, REASON_TIMEOUT },
		{ "exit 65 after a timeout", { .status = 65, .timed_out = true, .retry_after = -1 },
			OUTCOME_TRANSIENT, REASON_TIMEOUT },
		{ "timeout of one that asked for a retry",
			{ .status = -9, .timed_out = true, .retry_after = 5 * S }, OUTCOME_TRANSIENT,
			REASON_TIMEOUT },
		{ "KILL with evidence", { .status = -9, .oom = true, .retry_after = -1 },
			OUTCOME_TRANSIENT, REASON_RESOURCE_EXHAUSTED },
		{ "KILL without", { .status = -9, .retry_after = -1 },
			OUTCOME_UNKNOWN, REASON_UNKNOWN },
		{ "evidence, another signal", { .status = -11, .oom = true, .retry_after = -1 },
			OUTCOME_UNKNOWN, REASON_UNKNOWN },
		{ "retry_after with exit 75", { .status = 75, .retry_after = 5 * S },
			OUTCOME_RATE_LIMITED, REASON_RATE_LIMITED },
		{ "retry_after with exit 65", { .status = 65, .retry_after = 5 * S },
			OUTCOME_RATE_LIMITED, REASON_RATE_LIMITED },
		{ "retry_after with exit 0", { .status = 0, .retry_after = 5 * S },
			OUTCOME_RATE_LIMITED, REASON_RATE_LIMITED },
		{ "it said permanent, with exit 1", { .status = 1,
			.retry_after = -1, SAID(PERMANENT) },
			OUTCOME_PERMANENT, REASON_CONNECTOR_ERROR },
		{ "it said permanent, with exit 65", { .status = 65,
			.retry_after = -1, SAID(PERMANENT) },
			OUTCOME_PERMANENT, REASON_PARSE_ERROR },
		{ "it said transient, with exit 65", { .status = 65,
			.retry_after = -1, SAID(TRANSIENT) },
			OUTCOME_TRANSIENT, REASON_TRANSIENT },
		{ "it said transient, with exit 69", { .status = 69,
			.retry_after = -1, SAID(TRANSIENT) },
			OUTCOME_TRANSIENT, REASON_DEPENDENCY_FAILURE },
		{ "it said transient, and when", { .status = 1,
			.retry_after = S, SAID(TRANSIENT) },
			OUTCOME_TRANSIENT, REASON_TRANSIENT },
		{ "it said rate_limited", { .status = 1, .retry_after = -1,
			SAID(RATE_LIMITED) }, OUTCOME_RATE_LIMITED,
			REASON_RATE_LIMITED },
		{ "it said snooze, and when", { .status = 1, .retry_after = S,
			SAID(SNOOZE) }, OUTCOME_SNOOZE, REASON_SNOOZED },
		{ "it said snooze, and timed out", { .status = 1,
			.timed_out = true, .retry_after = -1, SAID(SNOOZE) },
			OUTCOME_TRANSIENT, REASON_TIMEOUT },
		{ "a wrong answer, with exit 0", { .retry_after = -1,
			.answered = ANSWERED_WRONG }, OUTCOME_UNKNOWN,
			REASON_UNKNOWN },
		{ "a wrong answer, with exit 65", { .status = 65,
			.retry_after = -1, .answered = ANSWERED_WRONG },
			OUTCOME_UNKNOWN, REASON_UNKNOWN },
		{ "a wrong answer, killed for its memory", { .status = -9,
			.oom = true, .retry_after = -1,
			.answered = ANSWERED_WRONG }, OUTCOME_TRANSIENT,
			REASON_RESOURCE_EXHAUSTED },
		{ "too much of an answer", { .retry_after = -1,
			.answered = ANSWERED_TOO_MUCH }, OUTCOME_PERMANENT,
			REASON_CONNECTOR_ERROR },
		{ "retry_after 0", { .status = 1, .retry_after = 0 },
			OUTCOME_RATE_LIMITED, REASON_RATE_LIMITED },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum reason reason = REASON_NONE;

		is_str(outcome_name(outcome_of(&cases[i].e, &reason)),
			outcome_name(cases[i].outcome), "%s", cases[i].what);
		is_str(reason_name(reason), reason_name(cases[i].reason),
			"... and its reason");
	}
}

static void
delays(void)
{
	static const int64_t exponential[] = { 30, 60, 120, 240, 300, 300 };
	static const int64_t linear[] = { 30, 60, 90, 120, 150, 180 };
	struct retry_policy p = standard;
	int i;

	for (i = 1; i <= 6; i++) {
		p.strategy = RETRY_EXPONENTIAL;
		is_int(retry_delay(&p, i, .5), exponential[i - 1] * S,
			"exponential, failure %d", i);
		p.strategy = RETRY_LINEAR;
		is_int(retry_delay(&p, i, .5), linear[i - 1] * S, "linear");
		p.strategy = RETRY_FIXED;
		is_int(retry_delay(&p, i, .5), 30 * S, "fixed");
		p.strategy = RETRY_IMMEDIATE;
		is_int(retry_delay(&p, i, .5), 0, "immediate");
	}
	p.strategy = RETRY_LINEAR;
	is_int(retry_delay(&p, 1000, .5), 300 * S, "linear has the bound too");
	p.strategy = RETRY_FIXED;
	p.base = 1000 * S;
	is_int(retry_delay(&p, 1, .5), 300 * S, "and fixed");

	p = standard;
	p.jitter = .2;
	is_int(retry_delay(&p, 1, 0), 24 * S, "jitter down");
	is_int(retry_delay(&p, 1, .5), 30 * S, "jitter in the middle");
	ok(retry_delay(&p, 1, .999999) <= 36 * S
		&& retry_delay(&p, 1, .999999) > 359 * S / 10, "jitter up");
	p.jitter = 1;
	is_int(retry_delay(&p, 1, 0), 0, "all the way down");
}

/* Whatever is asked: not negative, not over the bound and its jitter */
static void
delay_bounds(void)
{
	static const int64_t sizes[] = {
		0, 1, S, 30 * S, INT64_MAX / 2, INT64_MAX,
	};
	static const double factors[] = { 1, 1.5, 2, 100 };
	static const int counts[] = { -1, 0, 1, 2, 60, 100, INT_MAX };
	int wrong = 0, s;
	size_t b, m, f, c;
	double unit;

	for (s = RETRY_EXPONENTIAL; s <= RETRY_NONE; s++)
	for (b = 0; b < 6; b++)
	for (m = 0; m < 6; m++)
	for (f = 0; f < 4; f++)
	for (c = 0; c < 7; c++)
	for (unit = 0; unit < 1; unit += .249) {
		struct retry_policy p = {
			.strategy = (enum retry_strategy)s, .base = sizes[b],
			.max = sizes[m], .multiplier = factors[f],
			.jitter = unit,
		};
		int64_t d = retry_delay(&p, counts[c], unit);

		wrong += d < 0 || (double)d > (double)sizes[m] * (1 + unit)
			+ 1;
	}
	is_int(wrong, 0, "delays stay within their bounds");
}

struct decision {
	const char *what;
	enum outcome outcome;
	enum reason reason;
	int attempts, crashes, max_attempts;
	bool newer, alone;
	int64_t retry_after;
	enum state to;
	enum reason why;
	int64_t delay;
	int new_attempts, new_crashes;
};

static void
decide(const struct retry_policy *p, const struct decision *d)
{
	struct ending e = { .status = 1, .retry_after = d->retry_after };
	struct verdict v = retry_decide(p, d->outcome, d->reason, &e,
		d->attempts, d->crashes, d->max_attempts, d->newer, d->alone,
		.5);

	is_str(state_detail(v.to), state_detail(d->to), "%s", d->what);
	is_str(reason_name(v.reason), reason_name(d->why), "... reason");
	is_int(v.delay, d->delay, "... delay");
	is_int(v.attempts, d->new_attempts, "... attempts");
	is_int(v.crashes, d->new_crashes, "... crashes");
	is_int(v.alone, d->outcome == OUTCOME_CRASH || !d->alone,
		"... whether it is alone the next time");
}

#define AGAIN(s) STATE_DELAYED, REASON_UNKNOWN, (s) * S

static void
decisions(void)
{
	static const struct decision cases[] = {
		{ "success", OUTCOME_SUCCESS, REASON_SUCCEEDED, 2, 1, 0, true,
			true, -1, STATE_SUCCEEDED, REASON_SUCCEEDED, 0, 2, 1 },
		{ "permanent", OUTCOME_PERMANENT, REASON_PARSE_ERROR, 0, 0, 0,
			false, true, -1, STATE_QUARANTINED,
			REASON_PARSE_ERROR, 0, 1, 0 },
		{ "first failure", OUTCOME_UNKNOWN, REASON_UNKNOWN, 0, 0, 0,
			false, true, -1, AGAIN(30), 1, 0 },
		{ "second failure", OUTCOME_UNKNOWN, REASON_UNKNOWN, 1, 0, 0,
			false, true, -1, AGAIN(60), 2, 0 },
		{ "third and last", OUTCOME_UNKNOWN, REASON_UNKNOWN, 2, 0, 0,
			false, true, -1, STATE_QUARANTINED,
			REASON_MAX_ATTEMPTS, 0, 3, 0 },
		{ "the job's own limit is lower", OUTCOME_UNKNOWN,
			REASON_UNKNOWN, 0, 0, 1, false, true, -1,
			STATE_QUARANTINED, REASON_MAX_ATTEMPTS, 0, 1, 0 },
		{ "the job's own limit is higher", OUTCOME_UNKNOWN,
			REASON_UNKNOWN, 2, 0, 9, false, true, -1, AGAIN(120),
			3, 0 },
		{ "a reason that says more stays", OUTCOME_TRANSIENT,
			REASON_DEPENDENCY_FAILURE, 2, 0, 0, false, true, -1,
			STATE_QUARANTINED, REASON_DEPENDENCY_FAILURE, 0, 3,
			0 },
		{ "one that does not gives way", OUTCOME_TRANSIENT,
			REASON_TRANSIENT, 2, 0, 0, false, true, -1,
			STATE_QUARANTINED, REASON_MAX_ATTEMPTS, 0, 3, 0 },
		{ "timeout", OUTCOME_TRANSIENT, REASON_TIMEOUT, 0, 0, 0, false,
			true, -1, STATE_DELAYED, REASON_TIMEOUT, 30 * S, 1,
			0 },
		{ "failed, a newer one waits", OUTCOME_UNKNOWN,
			REASON_UNKNOWN, 0, 0, 0, true, true, -1,
			STATE_CANCELLED, REASON_SUPERSEDED, 0, 1, 0 },
		{ "given up, a newer one waits", OUTCOME_UNKNOWN,
			REASON_UNKNOWN, 2, 0, 0, true, true, -1,
			STATE_QUARANTINED, REASON_MAX_ATTEMPTS, 0, 3, 0 },
		{ "rate limited, told when", OUTCOME_RATE_LIMITED,
			REASON_RATE_LIMITED, 2, 0, 0, false, true, 7 * S,
			STATE_DELAYED, REASON_RATE_LIMITED, 7 * S, 2, 0 },
		{ "rate limited, at once", OUTCOME_RATE_LIMITED,
			REASON_RATE_LIMITED, 2, 0, 0, false, true, 0,
			STATE_READY, REASON_RATE_LIMITED, 0, 2, 0 },
		{ "rate limited, not told", OUTCOME_RATE_LIMITED,
			REASON_RATE_LIMITED, 2, 0, 0, false, true, -1,
			STATE_DELAYED, REASON_RATE_LIMITED, 600 * S, 2, 0 },
		{ "snooze", OUTCOME_SNOOZE, REASON_NONE, 2, 0, 0, false, true,
			90 * S, STATE_DELAYED, REASON_NONE, 90 * S, 2, 0 },
		{ "transient, told when", OUTCOME_TRANSIENT, REASON_TRANSIENT,
			0, 0, 0, false, true, 7 * S, STATE_DELAYED,
			REASON_TRANSIENT, 7 * S, 1, 0 },
		{ "transient for the last time, told when", OUTCOME_TRANSIENT,
			REASON_TRANSIENT, 2, 0, 0, false, true, 7 * S,
			STATE_QUARANTINED, REASON_MAX_ATTEMPTS, 0, 3, 0 },
		{ "snooze, not told", OUTCOME_SNOOZE, REASON_NONE, 2, 0, 0,
			false, true, -1, STATE_DELAYED, REASON_NONE, 30 * S,
			2, 0 },
		{ "snooze, a newer one waits", OUTCOME_SNOOZE, REASON_NONE, 2,
			0, 0, true, true, 90 * S, STATE_CANCELLED,
			REASON_SUPERSEDED, 0, 2, 0 },
		{ "crash alone", OUTCOME_CRASH, REASON_CRASH, 2, 0, 0, false,
			true, -1, STATE_READY, REASON_CRASH, 0, 2, 1 },
		{ "crash in company", OUTCOME_CRASH, REASON_CRASH, 2, 4, 0,
			false, false, -1, STATE_READY, REASON_CRASH, 0, 2,
			4 },
		{ "failure in company", OUTCOME_UNKNOWN, REASON_UNKNOWN, 2, 0,
			0, false, false, -1, STATE_READY, REASON_UNKNOWN, 0, 2,
			0 },
		{ "permanent failure in company", OUTCOME_PERMANENT,
			REASON_PARSE_ERROR, 0, 0, 0, false, false, -1,
			STATE_READY, REASON_PARSE_ERROR, 0, 0, 0 },
		{ "failure in company, a newer one waits", OUTCOME_TRANSIENT,
			REASON_TIMEOUT, 0, 0, 0, true, false, -1,
			STATE_CANCELLED, REASON_SUPERSEDED, 0, 0, 0 },
		{ "one crash too many", OUTCOME_CRASH, REASON_CRASH, 0, 4, 0,
			false, true, -1, STATE_QUARANTINED, REASON_CRASH, 0,
			0, 5 },
		{ "over the limit, crash in company", OUTCOME_CRASH,
			REASON_CRASH, 0, 5, 0, false, false, -1, STATE_READY,
			REASON_CRASH, 0, 0, 5 },
		{ "crash, a newer one waits", OUTCOME_CRASH, REASON_CRASH, 0,
			0, 0, true, true, -1, STATE_CANCELLED,
			REASON_SUPERSEDED, 0, 0, 1 },
		{ "released", OUTCOME_RELEASED, REASON_NONE, 2, 3, 0, false,
			true, -1, STATE_READY, REASON_RELEASED, 0, 2, 3 },
		{ "released, a newer one waits", OUTCOME_RELEASED,
			REASON_NONE, 0, 0, 0, true, true, -1,
			STATE_CANCELLED, REASON_SUPERSEDED, 0, 0, 0 },
		{ "killed by the operator", OUTCOME_CANCELLED, REASON_NONE, 1,
			0, 0, true, true, -1, STATE_CANCELLED,
			REASON_OPERATOR, 0, 1, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		decide(&standard, &cases[i]);
}

static void
policies(void)
{
	static const struct decision none = { "strategy none",
		OUTCOME_UNKNOWN, REASON_UNKNOWN, 0, 0, 9, false, true, -1,
		STATE_QUARANTINED, REASON_MAX_ATTEMPTS, 0, 1, 0 };
	static const struct decision immediate = { "strategy immediate",
		OUTCOME_UNKNOWN, REASON_UNKNOWN, 0, 0, 0, false, true, -1,
		STATE_READY, REASON_UNKNOWN, 0, 1, 0 };
	static const struct decision transient = { "transient_max_attempts",
		OUTCOME_TRANSIENT, REASON_TIMEOUT, 3, 0, 0, false, true, -1,
		STATE_DELAYED, REASON_TIMEOUT, 240 * S, 4, 0 };
	static const struct decision unknown = { "it is for transient only",
		OUTCOME_UNKNOWN, REASON_UNKNOWN, 3, 0, 0, false, true, -1,
		STATE_QUARANTINED, REASON_MAX_ATTEMPTS, 0, 4, 0 };
	static const struct decision own = { "the job's own limit wins",
		OUTCOME_TRANSIENT, REASON_TIMEOUT, 3, 0, 4, false, true, -1,
		STATE_QUARANTINED, REASON_TIMEOUT, 0, 4, 0 };
	struct retry_policy p = standard;

	p.strategy = RETRY_NONE;
	decide(&p, &none);
	p.strategy = RETRY_IMMEDIATE;
	decide(&p, &immediate);
	p = standard;
	p.transient_max_attempts = 7;
	decide(&p, &transient);
	decide(&p, &unknown);
	decide(&p, &own);
}

int
main(void)
{
	exits();
	other_endings();
	delays();
	delay_bounds();
	decisions();
	policies();
	is_str(outcome_name(OUTCOME_SNOOZE), "snooze", "outcomes have names");
	is_str(outcome_name(OUTCOME_COUNT), "unknown", "and no others");
	return done();
}
