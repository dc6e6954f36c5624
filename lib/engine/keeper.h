/*
 * The keeper: the small parent of a worker.  It has no queue open and does
 * nothing but wait; when the worker is gone, however it went, the keeper ends
 * what is left of its handlers.
 */
#ifndef IQ_KEEPER_H
#define IQ_KEEPER_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"

struct keeper {
	int64_t grace;		/* ns between TERM and KILL when sweeping, as
				 * long as the worker has not said another */
	_Atomic int64_t *said;	/* shared by both; made by keeper_start */
	int hand;		/* the worker's end of a socket between them */
	/* A sentence for the operator; may be NULL */
	void (*say)(void *ctx, const char *sentence);
	void *ctx;
};

/* Returns only in the worker proper, a child of the keeper, with the signal
 * mask of before: 0; or in the caller when it could not fork: 75.  The keeper
 * ends as the worker ended: with its status, or by the same signal.
 *
 * Signals that a process sends to the keeper are passed on to the worker.
 * Those of the terminal reach both by themselves. */
int keeper_start(struct keeper *k, struct err *err);
/* For the worker: how long what runs now may take to end. */
void keeper_grace(const struct keeper *k, int64_t grace);
/* For the worker: the open file description behind fd, and so a lock on it,
 * lasts until the keeper has swept up.  75 or 71 with *err. */
int keeper_hold(const struct keeper *k, int fd, struct err *err);

#endif
