/*
 * A circuit breaker (M. Nygard: Release It!, 2007): after so many failures of
 * a type in a row the trouble is not the jobs', and no more are started.  After
 * a while one is tried, and when that succeeds the others may go on.
 */
#ifndef IQ_BREAKER_H
#define IQ_BREAKER_H

#include "rules/retry.h"

struct breaker {		/* all 0: closed, and nothing failed */
	int64_t failures;	/* in a row */
	int64_t trips;		/* times that it opened, or that a probe failed,
				 * since it was closed */
	int64_t opened;		/* wall: when that was last; 0: it is closed */
	int64_t probe_at;	/* wall: when one may be tried */
};

enum breaker_change {
	BREAKER_SAME,
	BREAKER_COUNTED,	/* failures in a row, no more than that */
	BREAKER_OPENED,		/* or opened again: a probe has failed */
	BREAKER_CLOSED,
};

/* An attempt has ended.  What was not its own doing counts neither way, nor
 * does what its input is to blame for (65, 66).  limit: failures in a row, over
 * 0; policy: the delay of the first probe is that of the first retry, and so
 * on; unit: a random number in [0,1). */
enum breaker_change breaker_ended(struct breaker *b, enum outcome o,
	const struct ending *e, int64_t limit,
	const struct retry_policy *policy, int64_t now, double unit);

/* Until when nothing starts: 0 now it may; INT64_MAX: until the job that was
 * tried has ended.  running: slots of the type. */
int64_t breaker_until(const struct breaker *b, int64_t now, int64_t running);

#endif
