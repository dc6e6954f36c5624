/*
 * So many per second, and so many at once after a silence: the generic cell
 * rate algorithm (ITU-T I.371), which is a token bucket in two numbers.
 */
#ifndef IQ_RATE_H
#define IQ_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct rate {
	int64_t interval;	/* ns between two; 0: no limit */
	int64_t tolerance;	/* ns that one may come early */
	int64_t expected;	/* when the next one would be on time */
};

/* per_second 0.001 to 1e9, burst 1 to 1e6.  Times are those of one clock that
 * does not go backwards. */
void rate_init(struct rate *r, double per_second, int64_t burst);
/* "N" or "N:BURST"; without BURST it is N, rounded up.  EX_USAGE */
int rate_parse(const char *s, struct rate *out, struct err *err);
/* When the next one may pass; not after now: at once */
int64_t rate_next(const struct rate *r);
/* One has passed. */
void rate_count(struct rate *r, int64_t now);
/* One that was counted has not passed. */
void rate_return(struct rate *r);

#endif
