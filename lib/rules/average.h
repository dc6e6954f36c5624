/* What attempts take, as exponential averages: each attempt counts for a part,
 * and what was known before it for the rest. */
#ifndef IQ_AVERAGE_H
#define IQ_AVERAGE_H

#include <stdint.h>

#define AVERAGE_ALPHA 0.3	/* that part */

/* Negative: not known */
struct average {
	int64_t updated;	/* wall: when the last attempt ended */
	double duration;	/* ns */
	double cpu_percent;	/* of one core */
	double memory;		/* bytes, at most at once */
};
#define AVERAGE_NONE { -1, -1, -1, -1 }

/* One more attempt, that ended at that time (wall): ns, ns, bytes; negative:
 * not known, which changes nothing */
void average_add(struct average *a, int64_t at, int64_t duration, int64_t cpu,
	int64_t memory);

#endif
