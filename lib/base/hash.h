/*
 * A hash of bytes that strangers may choose: SipHash-1-3 (J.-P. Aumasson,
 * D. J. Bernstein: SipHash: a fast short-input PRF, 2012) with a key that they
 * do not know, so that nobody can make all file names fall into one place.
 */
#ifndef IQ_HASH_H
#define IQ_HASH_H

#include <stdint.h>

#include "base/bytes.h"

struct hash_key {
	uint64_t a, b;
};

/* One that nobody can guess */
void hash_key_draw(struct hash_key *key);
uint64_t hash_bytes(const struct hash_key *key, struct bytes s);

#endif
