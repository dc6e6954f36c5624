/* Private to enqueue.c and duplicate.c. */
#ifndef IQ_ENQUEUE_H
#define IQ_ENQUEUE_H

#include "store/internal.h"

struct enqueueing {		/* one call of store_enqueue */
	struct store *store;
	const struct enqueue_options *options;
	struct type *last;	/* of the record before */
	struct lane *last_lane;
	bool counted;		/* type->pending is known */
};

struct new_row {		/* what a record would become */
	struct lane *lane;
	struct bytes key;
	enum state state;
	int64_t run_at;		/* 0: now */
	int64_t older;		/* the job of its key that it follows */
	bool cancel;		/* a parent has failed: end it at once */
	bool answered;		/* *out is the answer, nothing to insert */
};

/* Wall time before which the job must not start, 0: none */
int64_t enqueue_run_at(const struct enqueueing *q, const struct record *r);

/* Another live job has the key.  Either the record is merged into it
 * (answered), or that one gives up its place and the insert can be repeated.
 * full: only a merge is possible. */
int duplicate_resolve(struct enqueueing *q, const struct record *r,
	struct new_row *n, bool full, struct enqueue_result *out,
	struct err *err);

/* --unique-for: a job of this key made within that time, running or ended,
 * answers. */
int unique_check(struct enqueueing *q, struct new_row *n,
	struct enqueue_result *out, struct err *err);

#endif
