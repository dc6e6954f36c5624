/* Private to stats.c and depth.c: numbers of the queue, while they are added
 * up. */
#ifndef IQ_COUNTING_H
#define IQ_COUNTING_H

#include "store/spread.h"

struct slot {			/* one type that is wanted */
	int64_t id;		/* 0: all of them together */
	struct type *type;	/* while the first snapshot is open only */
	struct type_stats *out;
	struct spread spread[METRIC_END];
};

struct counting {
	struct store *store;
	struct span span;
	struct slot *slots;	/* [0] is the total */
	size_t n;
	size_t hint;		/* the slot that was found last, from 1 on */
	int64_t due, run_at, id;	/* delayed ones that are, so far, and the
				 * last of them */
};

/* NULL: a type that is not wanted. Rows come sorted: what was found last is
 * where it looks first. */
struct slot *slot_of(struct counting *c, int64_t type);

/* ---- depth.c ---- */

/* As it is at that time (wall), which is now. Inside a reading. */
int depths_read(struct counting *c, int64_t now, struct err *err);
/* And then, outside of it: what was left out so that it does not last. */
int depths_read_more(struct counting *c, int64_t now, struct err *err);

#endif
