#include "base/hash.h"

#include <bsd/stdlib.h>

struct sip {
	uint64_t v0, v1, v2, v3;
};

void
hash_key_draw(struct hash_key *key)
{
	arc4random_buf(key, sizeof(*key));
}

static inline uint64_t
rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void
mix(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 = rotate(s->v2, 32);
}

static inline void
absorb(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	mix(s);
	s->v0 ^= word;
}

/* Up to eight bytes, the first the least significant */
static inline uint64_t
word_of(const char *p, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)(unsigned char)p[i] << (8 * i);
	return word;
}

uint64_t
hash_bytes(const struct hash_key *key, struct bytes b)
{
	struct sip s = {
		key->a ^ UINT64_C(0x736f6d6570736575),
		key->b ^ UINT64_C(0x646f72616e646f6d),
		key->a ^ UINT64_C(0x6c7967656e657261),
		key->b ^ UINT64_C(0x7465646279746573),
	};
	size_t whole = b.n & ~(size_t)7;

	for (size_t i = 0; i < whole; i += 8)
		absorb(&s, word_of(b.p + i, 8));
	absorb(&s, word_of(b.p + whole, b.n & 7) | (uint64_t)b.n << 56);
	s.v2 ^= 0xff;
	mix(&s);
	mix(&s);
	mix(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
