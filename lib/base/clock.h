/*
 * Time.  All times are int64_t nanoseconds.  Wall time is for schedules and
 * display only; leases, timeouts and back-off use boot time, which nobody can
 * set and which counts suspend.
 */
#ifndef IQ_CLOCK_H
#define IQ_CLOCK_H

#include <stdint.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

/* Where a library object gets the time; tests replace it. */
struct clock {
	int64_t (*wall)(void *ctx);	/* since 1970-01-01 UTC */
	int64_t (*boot)(void *ctx);	/* since boot, CLOCK_BOOTTIME */
	void *ctx;
};

extern const struct clock clock_system;

static inline int64_t
clock_wall(const struct clock *c)
{
	return c->wall(c->ctx);
}

static inline int64_t
clock_boot(const struct clock *c)
{
	return c->boot(c->ctx);
}

/* The time that a file system says; the first or last there is when that is
 * beyond (1677 to 2262). */
static inline int64_t
clock_ns(int64_t seconds, int64_t ns)
{
	if (seconds >= INT64_MAX / NS_PER_S)
		return INT64_MAX;
	if (seconds <= INT64_MIN / NS_PER_S)
		return INT64_MIN;
	return seconds * NS_PER_S + ns;
}

/* So long after at (not negative); the last time there is when that would be
 * later still. */
static inline int64_t
clock_after(int64_t at, int64_t duration)
{
	return at > INT64_MAX - duration ? INT64_MAX : at + duration;
}

#endif
