#include "rules/seal.h"

#include "rules/export.h"
#include "tap.h"

static const char *
hex(const unsigned char *p)
{
	static char text[65];

	hex_put(text, p, 32);
	return text;
}

/* Computed by another program from what the header says: who has kept a key
 * must be able to use it for ever. */
static void
known(void)
{
	unsigned char hash[EVENT_HASH_SIZE] = { 0 }, out[HMAC_SIZE];
	struct seal_key k = { 0 };

	hash[0] = 1;
	seal_make(&k, 300, hash, "0123", out);
	is_str(hex(out), "93f3d504f941310a53c562a0ea19fa83"
	    "6f8c4a08aba00e7497c6055071cafee2", "a seal");
	seal_evolve(&k, 2);
	is_int(k.epoch, 2, "two later");
	is_str(hex(k.key), "b27d54370dcc7120b95f9f59dd84f897"
	    "9c6d44faa89cf14e33c3d876d61895dd", "the key then");
	seal_evolve(&k, 2);
	is_int(k.epoch, 2, "it stays");
}

static void
each_counts(void)
{
	unsigned char hash[EVENT_HASH_SIZE] = { 0 }, a[HMAC_SIZE],
	    b[HMAC_SIZE];
	struct seal_key k = { 0 }, other = { 0 };

	seal_make(&k, 1, hash, "u", a);
	seal_make(&k, 2, hash, "u", b);
	ok(memcmp(a, b, sizeof(a)) != 0, "another event");
	seal_make(&k, 1, hash, "v", b);
	ok(memcmp(a, b, sizeof(a)) != 0, "another queue");
	hash[31] = 1;
	seal_make(&k, 1, hash, "u", b);
	ok(memcmp(a, b, sizeof(a)) != 0, "another hash");
	hash[31] = 0;
	other.epoch = 1;
	seal_make(&other, 1, hash, "u", b);
	ok(memcmp(a, b, sizeof(a)) != 0, "another number of the seal");
}

static void
lines(void)
{
	static const char *const bad[] = {
		"", " ", "1", "1 ", "x 00", "-1 "
		"0000000000000000000000000000000000000000000000000000000000000000",
		"1 0000", "1  0000000000000000000000000000000000000000000000000"
		"00000000000000",
	};
	struct seal_key k = { .epoch = 7, .key = { 1, 2 } }, back;
	struct buf b = { 0 };
	struct err err;

	seal_key_put(&k, &b);
	is_int(seal_key_get((struct bytes){ b.p, b.len }, &back, &err), 0,
	    "a line");
	ok(back.epoch == 7 && memcmp(back.key, k.key, sizeof(k.key)) == 0,
	    "says the key");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		is_int(seal_key_get(bytes_of(bad[i]), &back, &err),
		    EX_DATAERR, "refused: '%s'", bad[i]);
	buf_release(&b);
}

int
main(void)
{
	known();
	each_counts();
	lines();
	return done();
}
