/*
 * Seals of the audit log, made under keys that each follow from the one
 * before and are forgotten after one use: who breaks in learns the key of
 * today and cannot make the seals of yesterday again.  Who has kept the first
 * key elsewhere can check them all.  (B. Schneier, J. Kelsey, Secure Audit Logs
 * to Support Computer Forensics, 1999; G. Marson, B. Poettering, Practical
 * Secure Logging, 2013)
 *
 * key(n + 1) = SHA-256("iq-evolve-1" || key(n))
 * seal(n) = HMAC-SHA-256(key(n), "iq-seal-1" || n || seq || hash || uuid), numbers as
 * varints
 */
#ifndef IQ_SEAL_H
#define IQ_SEAL_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "rules/event.h"
#include "rules/hmac.h"

#define SEAL_KEY_SIZE 32

struct seal_key {
	int64_t epoch;		/* n, from 0 */
	unsigned char key[SEAL_KEY_SIZE];
};

/* To the key of that epoch, which is not earlier */
void seal_evolve(struct seal_key *k, int64_t epoch);
/* Seals that the queue of this uuid had this event with this hash. */
void seal_make(const struct seal_key *k, int64_t seq,
	const unsigned char hash[EVENT_HASH_SIZE], const char *uuid,
	unsigned char out[HMAC_SIZE]);

/* A line "EPOCH KEY" in hexadecimal, and back: EX_DATAERR */
void seal_key_put(const struct seal_key *k, struct buf *out);
int seal_key_get(struct bytes line, struct seal_key *k, struct err *err);

#endif
