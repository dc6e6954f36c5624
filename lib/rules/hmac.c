#include "rules/hmac.h"

#include <sha2.h>
#include <stdint.h>

/* SHA-256(key ^ pad || message) */
static void
half(const unsigned char *key, unsigned char pad, struct bytes message,
	unsigned char *out)
{
	unsigned char block[SHA256_BLOCK_LENGTH];
	SHA2_CTX sha;

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = key[i] ^ pad;
	SHA256Init(&sha);
	SHA256Update(&sha, block, sizeof(block));
	if (message.n)
		SHA256Update(&sha, (const uint8_t *)message.p, message.n);
	SHA256Final(out, &sha);
}

void
hmac_sha256(struct bytes key, struct bytes message,
	unsigned char out[HMAC_SIZE])
{
	unsigned char block[SHA256_BLOCK_LENGTH] = { 0 };
	unsigned char inner[HMAC_SIZE];
	SHA2_CTX sha;

	if (key.n > sizeof(block)) {
		SHA256Init(&sha);
		SHA256Update(&sha, (const uint8_t *)key.p, key.n);
		SHA256Final(block, &sha);
	} else if (key.n) {
		memcpy(block, key.p, key.n);
	}
	half(block, 0x36, message, inner);
	half(block, 0x5c, (struct bytes){ (const char *)inner,
	    sizeof(inner) }, out);
}
