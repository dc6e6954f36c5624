/* Private to claim.c and ready.c: a claim under way. */
#ifndef IQ_CLAIMING_H
#define IQ_CLAIMING_H

#include "rules/turn.h"
#include "store/claim.h"

/* Where jobs are taken from: a lane, and the first of its ready jobs as far as
 * they have been read. */
struct source {
	struct lane *lane;
	const struct terms *terms;	/* of its type */
	bool throttled;		/* a breaker or a rate limit */
	const char *type, *handler;	/* for its jobs, in the turn's arena */
	struct claimed *jobs;	/* read, in the turn's arena */
	size_t n, taken;	/* of these */
	int64_t last;		/* id of the last one read */
};

struct claiming {
	struct store *store;
	const struct turn_request *request;
	struct turn *turn;
	struct event *event;
	struct holdings held;
	struct turn_order order;	/* what turn_choose sees of sources */
	struct source *sources;		/* order.n */
	bool aging;			/* of any of them */
	int64_t wanted;		/* jobs that slots could still get */
	int64_t seq;		/* of the event: their claim */
	struct buf ids;		/* of what a slot gets, for its lease */
};

/* ---- ready.c ---- */

/* The lanes that this worker could take from now; room for one source for each
 * lane there is. */
int ready_lanes(struct claiming *c, struct err *err);
/* The job whose turn it is when that is the k-th one's; *k may become its
 * sibling, if they are one queue.  *j NULL: choose again, the lane is empty,
 * or less urgent than it was thought to be. */
int ready_first(struct claiming *c, int *k, struct claimed **j,
	struct err *err);
/* How many of its jobs a slot may be given by that request */
size_t ready_batch(const struct source *o, const struct slot_request *r);

/* ---- service.c ---- */

/* The k-th one gives a job.  first: of what a slot is given */
void service_take(struct claiming *c, int k, bool first);

#endif
