/*
 * What has happened to many things, once each: records that wait until theirs
 * has been quiet for a while.  No I/O and no clock: the owner says what time
 * it is, on a clock that does not go backwards.
 *
 * A record has an identity (its path, say) and a content.  A later one of the
 * same identity takes the place of the earlier, as long as that is here:
 *
 *	put -> waiting -> released -> first, drop
 *
 * It is released when nothing more came for the window, or when it has waited
 * for the longest delay, or when so many wait that they make a batch, or when
 * the owner says so.  Everything costs the same however many there are: those
 * that wait stand in two queues at once, by when they came and by when they
 * were last heard of, because the delays are the same for all.
 */
#ifndef IQ_DEBOUNCE_H
#define IQ_DEBOUNCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/hash.h"

struct debounce_options {
	int64_t window;		/* ns of silence; 0: released at once */
	int64_t max_delay;	/* ns that one waits at most */
	size_t batch;		/* that many that wait are released */
	size_t max_records;	/* that are held, waiting or released */
	size_t max_bytes;	/* of them, with what they cost here */
};

struct held;

struct debounce_queue {
	uint32_t first, last;
};

struct debounce {
	struct debounce_options options;
	struct hash_key key;
	struct held *held;		/* from 1; 0 is none */
	size_t cap, used;
	uint32_t free;
	uint32_t *buckets;		/* heads of chains by identity */
	uint32_t *exact;		/* by content, of the last one seen;
					 * NULL until there is one */
	size_t nbuckets;		/* a power of two */
	struct debounce_queue by_age;	/* that wait: by when they came */
	struct debounce_queue by_silence;	/* by when last heard of */
	struct debounce_queue released;
	size_t nwaiting, nreleased;
	size_t bytes;
};

/* key: drawn by the owner (base/hash.h) */
void debounce_init(struct debounce *d, const struct debounce_options *o,
	struct hash_key key);
void debounce_release(struct debounce *d);

/* Copies both.  content absent: the identity is all there is to say.  identity
 * absent: it is like no other.  True when it took the place of one. */
bool debounce_put(struct debounce *d, int64_t now, struct bytes identity,
	struct bytes content);
/* True when that very content is held, which counts as put then.  Saves
 * finding out whose it is. */
bool debounce_again(struct debounce *d, int64_t now, struct bytes content);
/* The content of what is held of it, valid until the next put or drop; false
 * when nothing is */
bool debounce_find(const struct debounce *d, struct bytes identity,
	struct bytes *content);
/* Releases what is due. */
void debounce_advance(struct debounce *d, int64_t now);
/* Releases everything. */
void debounce_flush(struct debounce *d);
/* When something will be due next; INT64_MAX: nothing waits */
int64_t debounce_due(const struct debounce *d);
/* There is no room for another one. */
bool debounce_full(const struct debounce *d);

/* The content of the one that was released first, valid until it is dropped or
 * the next put; false when there is none */
bool debounce_first(const struct debounce *d, struct bytes *content);
void debounce_drop(struct debounce *d);

#endif
