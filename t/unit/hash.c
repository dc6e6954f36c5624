#include "base/hash.h"

#include "tap.h"

/* Vectors of SipHash-1-3 as the Rust library has them: the key and the text
 * are the bytes 0, 1, 2 ... */
int
main(void)
{
	static const uint64_t want[] = {
		UINT64_C(0xabac0158050fc4dc), UINT64_C(0xc9f49bf37d57ca93),
		UINT64_C(0x82cb9b024dc7d44d), UINT64_C(0x8bf80ab8e7ddf7fb),
		UINT64_C(0xcf75576088d38328), UINT64_C(0xdef9d52f49533b67),
		UINT64_C(0xc50d2b50c59f22a7), UINT64_C(0xd3927d989bb11140),
		UINT64_C(0x369095118d299a8e), UINT64_C(0x25a48eb36c063de4),
	};
	const struct hash_key key = {
		UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908),
	};
	struct hash_key one, other;
	char text[16];

	for (int i = 0; i < 16; i++)
		text[i] = (char)i;
	for (size_t n = 0; n < sizeof(want) / sizeof(want[0]); n++)
		ok(hash_bytes(&key, (struct bytes){ text, n }) == want[n],
			"%zu bytes", n);
	hash_key_draw(&one);
	hash_key_draw(&other);
	ok(one.a != other.a || one.b != other.b, "no key is drawn twice");
	return done();
}
