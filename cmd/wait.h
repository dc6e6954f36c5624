/* Waiting for jobs, as iq-enqueue --wait and iq-ctl wait do. */
#ifndef IQ_CMD_WAIT_H
#define IQ_CMD_WAIT_H

#include "store/store.h"

struct wait {
	const char *what;	/* "--wait", before what is told */
	const int64_t *ids;	/* NULL: the group */
	size_t n;
	struct bytes group;
	int64_t timeout;	/* ns, then 75; 0: for ever */
};

/* store_wait (store/store.h), which tells on the way that no worker serves the
 * first of them that has not started. */
int wait_for(struct store *s, const struct wait *w, enum state *ends,
	size_t *failed, struct err *err);

#endif
