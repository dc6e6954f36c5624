/* Private: the values of one metric, added up. */
#ifndef IQ_SPREAD_H
#define IQ_SPREAD_H

#include "store/span.h"

struct spread {
	struct sum sum;
	int64_t *count;		/* HIST_BUCKETS of them, or NULL: none */
};

void spread_add(struct spread *s, const struct sum *v);
/* Where buckets are to be added */
int64_t *spread_counts(struct spread *s);
/* The buckets of the other one, not its sum */
void spread_add_spread(struct spread *s, const struct spread *more);
void spread_distribution(const struct spread *s, struct distribution *d);
/* Bytes of what succeeded, as in type_stats: from the distributions and counters
 * of enum metric; -1 where some was not measured */
int64_t spread_bytes(const struct spread *distributions,
	const int64_t *counters);
void spread_release(struct spread *s);

#endif
