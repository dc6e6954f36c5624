/*
 * The audit log as a chain: what one event is, its canonical bytes, and
 * whether it hangs on the one before it.  The grammar is in event.h.
 */
#ifndef IQ_CHAIN_H
#define IQ_CHAIN_H

#include "rules/event.h"

/* One event as it is stored.  Bytes are borrowed. */
struct entry {
	int64_t seq, at;	/* at: wall, ns */
	int64_t kind;		/* enum event_kind, or that of a newer iq */
	struct bytes actor, moves, detail, hash;
};

/* Appends the bytes that are hashed behind the hash before them. */
void entry_canonical(struct buf *out, const struct entry *e);
/* The event that canonical bytes say, which it borrows; hash is absent.  0, or
 * -1 when they are malformed. */
int entry_parse(struct bytes canonical, struct entry *e);

/* SHA-256(prev || canonical) */
void chain_hash(const unsigned char prev[EVENT_HASH_SIZE],
	struct bytes canonical, unsigned char out[EVENT_HASH_SIZE]);

/* How far it was followed.  Zero-initialised: up to the beginning. */
struct chain {
	int64_t seq;
	unsigned char hash[EVENT_HASH_SIZE];
	bool adrift;		/* hash is not what it has to be */
};

enum chain_link {
	CHAIN_FITS,
	CHAIN_GAP,		/* events are missing before this one */
	CHAIN_BACK,		/* it stands behind a later one */
	CHAIN_BREAKS,		/* it is not what was written */
};

/* Goes on to the next event.  After a gap it cannot be said of the event there
 * whether it is what was written, only of those that follow it; after a break
 * the chain goes on with the hash that is stored. */
enum chain_link chain_next(struct chain *c, const struct entry *e);

#endif
