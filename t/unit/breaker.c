#include "rules/breaker.h"

#include "base/clock.h"
#include "tap.h"

#define S NS_PER_S
#define NOW (1000 * S)

static const struct retry_policy policy = {
	.strategy = RETRY_IMMEDIATE, .base = 30 * S, .max = 100 * S,
	.multiplier = 2, .jitter = 0,
};

static enum breaker_change
ended(struct breaker *b, enum outcome o, int status, int64_t now)
{
	struct ending e = { .status = status, .retry_after = -1 };

	return breaker_ended(b, o, &e, 3, &policy, now, .5);
}

static enum breaker_change
fails(struct breaker *b, int64_t now)
{
	return ended(b, OUTCOME_UNKNOWN, 1, now);
}

static void
opens_and_closes(void)
{
	struct breaker b = { 0 };

	is_int(ended(&b, OUTCOME_SUCCESS, 0, NOW), BREAKER_SAME,
		"success where all is well");
	is_int(fails(&b, NOW), BREAKER_COUNTED, "a failure");
	is_int(fails(&b, NOW), BREAKER_COUNTED, "another");
	is_int(breaker_until(&b, NOW, 5), 0, "starts nothing keeps");
	is_int(ended(&b, OUTCOME_SUCCESS, 0, NOW), BREAKER_COUNTED,
		"a success in between");
	is_int(b.failures, 0, "begins anew");
	fails(&b, NOW);
	fails(&b, NOW);
	is_int(fails(&b, NOW), BREAKER_OPENED, "three in a row open it");
	is_int(breaker_until(&b, NOW, 0), NOW + 30 * S, "for the first delay");
	is_int(fails(&b, NOW + S), BREAKER_COUNTED, "what ran still fails");
	is_int(breaker_until(&b, NOW + 29 * S, 0), NOW + 30 * S,
		"that puts nothing off");
	is_int(breaker_until(&b, NOW + 30 * S, 0), 0, "then one may start");
	is_int(breaker_until(&b, NOW + 30 * S, 1), INT64_MAX, "one alone");
	is_int(fails(&b, NOW + 31 * S), BREAKER_OPENED, "and fails");
	is_int(b.probe_at, NOW + 91 * S, "the next delay is longer");
	is_int(fails(&b, NOW + 91 * S), BREAKER_OPENED, "and fails");
	is_int(b.probe_at, NOW + 191 * S, "up to a bound");
	is_int(b.failures, 6, "failures are counted on");
	is_int(ended(&b, OUTCOME_SUCCESS, 0, NOW + 200 * S), BREAKER_CLOSED,
		"a success closes it");
	is_int(breaker_until(&b, NOW + 200 * S, 9), 0, "for all");
}

static void
what_counts(void)
{
	static const struct {
		enum outcome o;
		int status;
		bool counts;
	} cases[] = {
		{ OUTCOME_PERMANENT, 64, true },
		{ OUTCOME_PERMANENT, 65, false },
		{ OUTCOME_PERMANENT, 66, false },
		{ OUTCOME_PERMANENT, 77, true },
		{ OUTCOME_TRANSIENT, 69, true },
		{ OUTCOME_TRANSIENT, -15, true },
		{ OUTCOME_UNKNOWN, 1, true },
		{ OUTCOME_RATE_LIMITED, 1, false },
		{ OUTCOME_SNOOZE, 1, false },
		{ OUTCOME_CRASH, 0, false },
		{ OUTCOME_RELEASED, 1, false },
		{ OUTCOME_CANCELLED, 1, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct breaker b = { .failures = 1 };

		ended(&b, cases[i].o, cases[i].status, NOW);
		is_int(b.failures, 1 + cases[i].counts, "%s, %d",
			outcome_name(cases[i].o), cases[i].status);
	}
}

static void
clock_set_back(void)
{
	struct breaker b = { 0 };

	for (int i = 0; i < 3; i++)
		fails(&b, NOW);
	is_int(breaker_until(&b, NOW - S, 0), 0,
		"a clock that was set back is not waited for");
}

int
main(void)
{
	opens_and_closes();
	what_counts();
	clock_set_back();
	return done();
}
