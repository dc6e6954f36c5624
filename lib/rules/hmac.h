/* HMAC-SHA-256 (RFC 2104, RFC 4231) */
#ifndef IQ_HMAC_H
#define IQ_HMAC_H

#include "base/bytes.h"

#define HMAC_SIZE 32

/* key: of any length */
void hmac_sha256(struct bytes key, struct bytes message,
	unsigned char out[HMAC_SIZE]);

#endif
