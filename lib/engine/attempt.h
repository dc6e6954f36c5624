/*
 * One attempt: a job in a slot, from its claim until its end has been handed
 * in.
 */
#ifndef IQ_ATTEMPT_H
#define IQ_ATTEMPT_H

#include "base/buf.h"
#include "rules/answer.h"
#include "store/work.h"

/* Why it ends, when not by itself or by its timeout */
enum order {
	ORDER_NONE,
	ORDER_CANCEL,		/* the operator's */
	ORDER_RELEASE,		/* back to pending, uncharged */
	ORDER_FORGET,		/* it is not ours any more */
};

struct lot;
struct slot;

struct attempt {
	struct attempt *next;
	struct lot *lot;
	struct slot *slot;	/* the hand that it is or was in */
	struct claimed job;	/* strings in the lot's arena */
	enum order order;
	int64_t started, finished;	/* wall; 0: not */
	uint64_t ahead;		/* bytes that its co-process is written before
				 * its line; 0: it was started for this */
	int status;		/* exit status, or -signal */
	bool timed_out;
	bool oom;		/* evidence of an out-of-memory kill */
	bool company;		/* see struct attempt_end */
	bool apart;		/* it ended before its process, by an answer:
				 * what that printed is not its own */
	enum answered answered;	/* whether that makes sense */
	size_t together;	/* see struct attempt_end */
	struct usage usage;
	bool sampled;		/* that is a part of what its process used for
				 * it and others, as far as one can tell */
	int64_t input_bytes;	/* size of the file, -1 unknown */
	struct answer *answer;	/* what was said of it; NULL: nothing */
	struct record *then;	/* what --then enqueues; NULL: nothing */
	struct bytes errout;	/* of one that ended apart: the end of what was
				 * printed before */
};

/* Jobs in an order. Zero-initialised: none */
struct hand {
	struct attempt *first, *last;
	size_t n;
};

void hand_add(struct hand *h, struct attempt *a);
/* The first one, off it; NULL: there is none */
struct attempt *hand_take(struct hand *h);
void hand_drop(struct hand *h, struct attempt *a);
struct attempt *hand_find(const struct hand *h, int64_t job);

/* What slots were given at once. Those whose jobs have all been handed in are
 * used again. Zero-initialise. */
struct lots {
	struct lot *unused;
};

/* n jobs of one slot and claim to the end of h, with copies of what their
 * strings say. */
void lots_give(struct lots *l, struct hand *h, struct slot *slot,
	const struct claimed *jobs, size_t n);
/* The attempt is done with. */
void lots_return(struct lots *l, struct attempt *a);
void lots_release(struct lots *l);

/* Where what is said of it goes, made when it is asked for first */
struct answer *attempt_answer(struct attempt *a);
/* The size of its file, where it is not known yet and can be had without
 * waiting for a disk or a server: so it is asked for when the attempt begins,
 * and again when it has ended, since a handler has looked at it by then. */
void attempt_measure(struct attempt *a);
/* What was not said of records that are to follow is as with the job. */
void answer_complete(struct answer *answer, const struct claimed *job);
void attempt_complete(struct attempt *a);
/* A copy that lives as long as it does */
struct bytes attempt_keep(struct attempt *a, struct bytes b);
/* --then: the same subject again, as a job of that type */
void attempt_then(struct attempt *a, const char *type);

#endif
