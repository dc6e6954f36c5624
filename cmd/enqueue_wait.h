#ifndef IQ_ENQUEUE_WAIT_H
#define IQ_ENQUEUE_WAIT_H

#include "store/store.h"

/* Until these jobs (at least one) have ended, at most that long (ns, 0: for
 * ever: 75).  1: one did not succeed. */
int enqueue_wait(struct store *s, const int64_t *ids, size_t n,
	int64_t timeout, struct err *err);

#endif
