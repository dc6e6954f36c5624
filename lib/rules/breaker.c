#include "rules/breaker.h"

#include <string.h>
#include <sysexits.h>

#include "base/clock.h"

static bool
is_failure(enum outcome o, const struct ending *e)
{
	if (o != OUTCOME_PERMANENT && o != OUTCOME_TRANSIENT &&
	    o != OUTCOME_UNKNOWN)
		return false;
	return e->status != EX_DATAERR && e->status != EX_NOINPUT;
}

/* Longer each time, whatever the strategy of the retries is: a breaker that
 * opens for no time is none. */
static int64_t
pause_of(const struct breaker *b, const struct retry_policy *policy,
	double unit)
{
	struct retry_policy p = *policy;

	p.strategy = RETRY_EXPONENTIAL;
	return retry_delay(&p, b->trips < 1000 ? (int)b->trips : 1000, unit);
}

enum breaker_change
breaker_ended(struct breaker *b, enum outcome o, const struct ending *e,
	int64_t limit, const struct retry_policy *policy, int64_t now,
	double unit)
{
	bool open = b->opened != 0;

	if (o == OUTCOME_SUCCESS) {
		if (b->failures == 0)
			return BREAKER_SAME;
		memset(b, 0, sizeof(*b));
		return open ? BREAKER_CLOSED : BREAKER_COUNTED;
	}
	if (!is_failure(o, e))
		return BREAKER_SAME;
	b->failures++;
	/* what was started before it opened is no probe */
	if (b->failures < limit || (open && breaker_until(b, now, 0) != 0))
		return BREAKER_COUNTED;
	b->trips++;
	b->opened = now;
	b->probe_at = clock_after(now, pause_of(b, policy, unit));
	return BREAKER_OPENED;
}

int64_t
breaker_until(const struct breaker *b, int64_t now, int64_t running)
{
	if (b->opened == 0)
		return 0;
	/* a clock that was set back is not waited for */
	if (now < b->probe_at && now >= b->opened)
		return b->probe_at;
	return running > 0 ? INT64_MAX : 0;
}
