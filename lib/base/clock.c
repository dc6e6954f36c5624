#include "base/clock.h"

#include "base/compat.h"

static int64_t
now_of(clockid_t id)
{
	struct timespec ts;

	/* Cannot fail: both clocks exist, and ts is ours. */
	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static int64_t
system_wall(void *ctx)
{
	(void)ctx;
	return now_of(CLOCK_REALTIME);
}

static int64_t
system_boot(void *ctx)
{
	(void)ctx;
	return now_of(IQ_CLOCK_BOOT);
}

const struct clock clock_system = { system_wall, system_boot, NULL };
