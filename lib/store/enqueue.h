/* Private to enqueue.c and the files beside it: parents.c, duplicate.c,
 * unique.c. */
#ifndef IQ_ENQUEUE_H
#define IQ_ENQUEUE_H

#include "store/internal.h"
#include "store/offer.h"

struct enqueueing {		/* one call of store_enqueue */
	struct store *store;
	const struct enqueue_options *options;
	struct type *last;	/* of the record before */
	bool counted;		/* type->pending is known */
	size_t done;		/* records dealt with */
	bool met_full;		/* a type had no room, which was counted */
	struct offers offers;	/* of scans */
	int64_t *waits;		/* whom this record waits for */
	size_t nwaits;
};

struct new_row {		/* what a record would become */
	struct lane *lane;
	struct bytes key;
	enum state state;
	int64_t run_at;		/* 0: now */
	int64_t older;		/* the job of its key that it follows */
	bool cancel;		/* a parent has failed: end it at once */
	int64_t no_parent;	/* id of one that does not exist, 0: none */
	bool answered;		/* *out is the answer, nothing to insert */
};

/* Takes the first records until one finds its type full: store_enqueue, inside
 * a transaction.  *n: how many on entry, then how many were dealt with. */
int enqueue_records(struct store *s, const struct enqueue_options *o,
	const struct record *v, size_t *n, struct enqueue_result *results,
	struct err *err);

/* ---- lead.c: for others ---- */

struct led {			/* slots that were taken */
	uint32_t slots[MAIL_SLOTS];
	struct mail_outcome outcomes[MAIL_SLOTS];
	size_t n;
	bool committed;
	struct file_id queue;		/* the one that we have open */
	bool known;
	sigset_t mask;			/* of signals, before */
};

/* Takes the turn, within so much time (ns); stop signals are blocked then. */
int lead_begin(struct store *s, struct led *l, int64_t patience,
	struct err *err);
/* In that turn, which it gives back: puts in what is posted. A failure is that
 * of the beginning; what else goes wrong may be due to somebody's records, and
 * each finds out alone. What was committed is still to be synced. */
int lead_in_turn(struct store *s, struct led *l, struct err *err);
/* Then: syncs, and tells the others. */
int lead_sync(struct store *s, const struct led *l, struct err *err);
/* After lead_begin, also when that failed */
void lead_end(struct store *s, const struct led *l);

/* ---- combine.c: together with others, when the turn is taken, or by the
 * server, when the queue is not open ---- */

struct combined {
	int code;		/* of the answer */
	bool answered;		/* else each has to do it alone */
	size_t taken;
	struct mail_outcome before;	/* unless it was done already */
};

/* As store_enqueue; results are filled when c->code is 0. */
void enqueue_combined(struct store *s, const struct enqueue_options *o,
	const struct record *v, size_t n, struct enqueue_result *results,
	struct combined *c, struct err *err);
/* Inside a transaction: whether a leader that died had committed.  Then the
 * answer is in results and *taken. */
int enqueue_was_combined(struct store *s, const struct combined *c, size_t n,
	struct enqueue_result *results, size_t *taken, bool *was,
	struct err *err);

/* ---- for the files beside it ---- */

/* Wall time before which it must not start, 0: none.  The later of what the
 * record says and of the debounce, which puts it off until that wall time at
 * the latest (0: no bound). */
int64_t enqueue_run_at(const struct enqueueing *q, const struct record *r,
	int64_t latest);
/* The job that the record has become, when a parent has failed (n->cancel),
 * ends at once. */
int enqueue_cancel(struct enqueueing *q, const struct new_row *n, int64_t id,
	struct err *err);
/* Refused: counts, and answers. */
void enqueue_refuse(struct enqueueing *q, struct new_row *n,
	struct enqueue_result *out, enum enqueued why, int64_t id);

/* ---- bound.c ---- */

/* So many more jobs of the type are pending than were counted. */
void enqueue_pending(struct enqueueing *q, struct type *t, int64_t n);
/* *full: the pending jobs of the type, or of an ancestor that has a bound of
 * its own, have reached it. */
int enqueue_bound(struct enqueueing *q, struct type *t, bool *full,
	struct err *err);
/* The nearest of the type and its ancestors whose max_queue, *bound, they have
 * reached; NULL: there is room.  No options are looked at. */
int enqueue_full_by(struct enqueueing *q, struct type *t, struct type **by,
	int64_t *bound, struct err *err);
/* Then there is no room for a new one, but a full queue still merges. */
int enqueue_full(struct enqueueing *q, const struct record *r,
	struct new_row *n, struct enqueue_result *out, struct err *err);

/* ---- parents.c ---- */

/* Whom the record has to wait for (q->waits), and whether one of them has
 * failed or is missing. Nothing is written. */
int parents_look(struct enqueueing *q, const struct record *r,
	struct new_row *n, struct err *err);
/* Whether one of q->waits waits, perhaps by way of others, for a live job of
 * the record's key (itself: or is that job): none of them would ever start. */
int parents_circle(struct enqueueing *q, const struct new_row *n, bool itself,
	bool *circle, struct err *err);
/* The job waits for q->waits. */
int parents_write(struct enqueueing *q, int64_t job, struct err *err);

/* ---- duplicate.c ---- */

/* The newest live job of a key; id 0: none */
struct holder {
	int64_t id;
	struct lane *lane;
	enum state state;
	int64_t created, run_at, attempt, older, event;
};

int holder_find(struct enqueueing *q, const struct new_row *n,
	struct holder *h, struct err *err);
/* Pending, and never started */
bool holder_unstarted(const struct holder *h);

/* Another live job has the key.  Either the record is merged into it
 * (answered), or that one gives up its place and the insert can be repeated.
 * full: only a merge is possible. */
int duplicate_resolve(struct enqueueing *q, const struct record *r,
	struct new_row *n, bool full, struct enqueue_result *out,
	struct err *err);

/* ---- unique.c ---- */

/* What records are given up with: their type has to look through much of the
 * history first, for which nobody else is to wait.  enqueue_records says in *n
 * which record it was. */
#define UNIQUE_UNKNOWN (-2)

/* That, outside of a transaction; a type that does not exist is made.  Killed
 * at any moment, it is begun anew by the next. */
int unique_fill(struct store *s, struct bytes type, int64_t span,
	struct err *err);

/* --unique-for: a job of this key made within that time, running or ended,
 * answers. */
int unique_check(struct enqueueing *q, struct new_row *n,
	struct enqueue_result *out, struct err *err);

#endif
