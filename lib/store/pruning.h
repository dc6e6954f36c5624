/* Private to the files that make up a pass of retention; see prune.h. */
#ifndef IQ_PRUNING_H
#define IQ_PRUNING_H

#include "store/internal.h"
#include "store/prune.h"

struct chunk {
	struct store *store;
	struct prune *prune;
	int64_t now;		/* wall */
};

/* ---- forget.c ---- */

/* *done: the pass is through the history. */
int prune_history(struct chunk *c, bool *done, struct err *err);

#endif
