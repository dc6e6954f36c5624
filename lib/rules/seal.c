#include "rules/seal.h"

#include <sha2.h>

#include "base/num.h"
#include "rules/export.h"

void
seal_evolve(struct seal_key *k, int64_t epoch)
{
	static const char label[] = "iq-evolve-1";

	for (; k->epoch < epoch; k->epoch++) {
		SHA2_CTX sha;

		SHA256Init(&sha);
		SHA256Update(&sha, (const uint8_t *)label, strlen(label));
		SHA256Update(&sha, k->key, sizeof(k->key));
		SHA256Final(k->key, &sha);
	}
}

void
seal_make(const struct seal_key *k, int64_t seq,
	const unsigned char hash[EVENT_HASH_SIZE], const char *uuid,
	unsigned char out[HMAC_SIZE])
{
	struct buf b = { 0 };

	buf_adds(&b, "iq-seal-1");
	varint_put(&b, (uint64_t)k->epoch);
	varint_put(&b, (uint64_t)seq);
	buf_add(&b, hash, EVENT_HASH_SIZE);
	buf_adds(&b, uuid);
	hmac_sha256((struct bytes){ (const char *)k->key, sizeof(k->key) },
	    (struct bytes){ b.p, b.len }, out);
	buf_release(&b);
}

void
seal_key_put(const struct seal_key *k, struct buf *out)
{
	char hex[2 * SEAL_KEY_SIZE + 1];

	hex_put(hex, k->key, sizeof(k->key));
	buf_addf(out, "%lld %s\n", (long long)k->epoch, hex);
}

int
seal_key_get(struct bytes line, struct seal_key *k, struct err *err)
{
	const char *blank;
	char epoch[24];
	size_t n;

	while (line.n && line.p[line.n - 1] == '\n')
		line.n--;
	blank = line.n ? memchr(line.p, ' ', line.n) : NULL;
	n = blank ? (size_t)(blank - line.p) : 0;
	if (n == 0 || n >= sizeof(epoch))
		return err_set(err, EX_DATAERR, "no key for seals");
	memcpy(epoch, line.p, n);
	epoch[n] = '\0';
	if (int_parse(epoch, "epoch", 0, INT32_MAX, &k->epoch, NULL) != 0 ||
	    !hex_get((struct bytes){ blank + 1, line.n - n - 1 }, k->key,
	    sizeof(k->key)))
		return err_set(err, EX_DATAERR, "no key for seals");
	return 0;
}
