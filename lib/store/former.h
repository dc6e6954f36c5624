/* Private: who still uses files beside the queue that were deleted or
 * replaced, for iq-db check. */
#ifndef IQ_FORMER_H
#define IQ_FORMER_H

#include "store/internal.h"

enum former {
	FORMER_FREE,		/* nobody has a lock on them any more */
	FORMER_HELD,
	FORMER_UNSEEN,		/* nobody can tell */
};

/* Whether a worker of this queue lives, or anything that its handlers have
 * started, on whatever file it has its locks.  Inside a reading or a
 * transaction; only in one that holds the turn the answer lasts.  *worker:
 * who, when it is held. */
int former_look(struct store *s, enum former *how, int64_t *worker,
	struct err *err);

#endif
