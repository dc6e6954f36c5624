/* Retention; see store.h for verbs, errors and times. */
#ifndef IQ_PRUNE_H
#define IQ_PRUNE_H

#include "store/store.h"

/* How far a pass is; all 0 at first. */
struct prune {
	bool whole;		/* from the beginning, and all room is given
				 * back: for who waits for it to be done */
	/* found out */
	bool more;		/* there is, or may be, more to do */
	int64_t pause;		/* ns: until the next pass is of use */
	int64_t jobs, attempts, keys, pages;	/* gone, in sum */
	/* private */
	enum { PRUNE_HISTORY, PRUNE_KEYS, PRUNE_TELEMETRY, PRUNE_ROOM } what;
	int round;		/* through the history: 0 not begun, 1 from
				 * first to the limit, 2 up to first */
	int64_t first, job, limit, excess;
	int64_t key;
};

/* The next chunk of a pass: takes the turn for some milliseconds, if there is
 * something to do. */
int store_prune(struct store *s, struct prune *p, struct err *err);

#endif
