/* Private: the values of one metric, added up. */
#ifndef IQ_SPREAD_H
#define IQ_SPREAD_H

#include "store/span.h"

struct spread {
	struct sum sum;
	int64_t *count;		/* HIST_BUCKETS of them, or NULL: none */
};

void spread_add(struct spread *s, const struct sum *v);
void spread_add_buckets(struct spread *s, const struct hist_row *rows,
	size_t n);
/* The buckets of the other one, not its sum */
void spread_add_spread(struct spread *s, const struct spread *more);
void spread_distribution(const struct spread *s, struct distribution *d);
void spread_release(struct spread *s);

#endif
