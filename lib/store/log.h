/*
 * The audit log, for people.  See store.h for errors and times, and
 * rules/event.h for what is in an event.
 */
#ifndef IQ_LOG_H
#define IQ_LOG_H

#include "rules/chain.h"
#include "store/store.h"

/* The part of the log that is there; all 0 when it is empty */
struct log_span {
	int64_t first, last;
};
int store_log_span(struct store *s, struct log_span *span, struct err *err);

/* The number of the first event of this time (wall) or later; behind the last
 * one when there is none.  Found by halving: where the clock was set back, the
 * one found may be any from which the time was passed. */
int store_log_at(struct store *s, int64_t at, int64_t *seq, struct err *err);

typedef int log_fn(void *ctx, const struct entry *e);	/* nonzero stops */
/* The events with *after < seq <= last, in order; *after becomes the number of
 * the last one that fn got.  Rows are read in chunks, and fn is called while no
 * statement is open. */
int store_log(struct store *s, int64_t *after, int64_t last, log_fn *fn,
	void *ctx, struct err *err);

/* What the log was at one event, as was noted elsewhere */
struct log_anchor {
	int64_t seq;
	unsigned char hash[EVENT_HASH_SIZE];
};

/* What was found to be whole */
struct log_proof {
	int64_t events;
	int64_t seq;		/* of the last one, and its hash */
	unsigned char hash[EVENT_HASH_SIZE];
	size_t anchors;		/* that hold */
};
/* Whether the log is what was written: the numbers without a gap, the chain of
 * hashes, moves that can be read, and the anchors, which it sorts. fn gets a
 * sentence per finding. */
int store_log_verify(struct store *s, struct log_anchor *anchors, size_t n,
	finding_fn *fn, void *ctx, struct log_proof *out, struct err *err);

/* The key under which paths are hashed when they are redacted; it is in QUEUE-key,
 * which is made when it is not there. 73 when it cannot be, 77 when it is not a
 * file of the queue's owner that only he can read. */
#define LOG_KEY_SIZE 32
int store_log_key(struct store *s, unsigned char key[LOG_KEY_SIZE],
	struct err *err);

/* All that this handle has read is on disk afterwards. */
int store_settle(struct store *s, struct err *err);

/* A type's name, until the next verb; NULL when there is none (any more) */
const char *store_type_name(struct store *s, int64_t id);

typedef void path_fn(void *ctx, int64_t job, struct bytes path);
/* The paths of those jobs, by id, which have one and are still in the queue or
 * its history */
int store_paths(struct store *s, int64_t first, int64_t count, path_fn *fn,
	void *ctx, struct err *err);

#endif
