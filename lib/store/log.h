/*
 * The audit log, for people.  See store.h for errors and times, and
 * rules/event.h for what is in an event.
 */
#ifndef IQ_LOG_H
#define IQ_LOG_H

#include "rules/chain.h"
#include "rules/seal.h"
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

/* The hash of the event before this one, also where that was pruned; zeros
 * before the first. 74 when nobody knows it any more. */
int store_log_before(struct store *s, int64_t seq,
	unsigned char hash[EVENT_HASH_SIZE], struct err *err);

typedef int log_fn(void *ctx, const struct entry *e);	/* nonzero stops */
/* The events with *after < seq <= last, in order; *after becomes the number of
 * the last one that fn got.  Rows are read in chunks, and fn is called while no
 * statement is open. */
int store_log(struct store *s, int64_t *after, int64_t last, log_fn *fn,
	void *ctx, struct err *err);

/* What the log was at one event, as was noted elsewhere */
struct log_anchor {
	int64_t seq;
	unsigned char hash[EVENT_HASH_SIZE];	/* zeros: not known */
};

/* The same for all events after that one, which becomes the last that fn got.
 * *other, and none is read, when that is no event of the log: it became another
 * one. (An event that was pruned meanwhile is one.) */
int store_log_on(struct store *s, struct log_anchor *from, bool *other,
	log_fn *fn, void *ctx, struct err *err);
/* The number of the last event that tells of a restoring; 0: there is none */
int store_log_restored(struct store *s, int64_t *seq, struct err *err);

/* What was found to be whole */
struct log_proof {
	int64_t pruned;		/* the log begins behind this one */
	int64_t events;
	int64_t seq;		/* of the last one, and its hash */
	unsigned char hash[EVENT_HASH_SIZE];
	size_t anchors;		/* that were given, and hold */
	size_t unknown;		/* of those, that are of events that were
				 * pruned: nothing can be said of them */
	size_t seals;		/* that are genuine */
	size_t unchecked;	/* that are older than the first key */
};
/* What else there is to compare it with */
struct log_evidence {
	struct log_anchor *anchors;	/* they are sorted */
	size_t n;
	const struct seal_key *keys;	/* each from its seal on, ascending;
					 * seals before the first are not
					 * looked at */
	size_t nkeys;
};
/* Whether the log is what was written: the numbers without a gap, the chain of
 * hashes, moves that can be read, the anchors, and the seals. fn gets a sentence
 * per finding; of a broken chain the first break only. */
int store_log_verify(struct store *s, const struct log_evidence *what,
	finding_fn *fn, void *ctx, struct log_proof *out, struct err *err);

/* What others may still look for stays: who combined records looks whether an
 * event of a moment ago was committed. */
#define STORE_LOG_KEEPS (3600 * NS_PER_S)
/* Takes at most that many events before this time (wall) away from the
 * beginning of the log, and leaves an anchor. *events: how many went; 0 when
 * there is none to take. Events of the last hour stay, and those from the start
 * of a running job on. 74 when the log is not what was written. */
int store_log_prune(struct store *s, int64_t before, int64_t most,
	int64_t *events, struct err *err);

/* Makes the key that seals begin with, in QUEUE-seal, and tells it, to be kept
 * elsewhere; 73 when there is one. */
int store_seal_key(struct store *s, struct seal_key *out, struct err *err);
/* Seals the last event. 66 when there is no key, 74 when it is later than the
 * last seal asks for. On disk on return. */
int store_seal(struct store *s, struct log_anchor *out, int64_t *epoch,
	struct err *err);

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
