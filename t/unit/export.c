#include "rules/export.h"

#include "tap.h"

#define HASH "000102030405060708090a0b0c0d0e0f" \
	"101112131415161718191a1b1c1d1e1f"

static int
parse(const char *line, struct arena *arena, struct exported *x)
{
	struct err err;

	return export_parse(bytes_of(line), arena, x, &err);
}

static void
lines(void)
{
	struct arena a = { 0 };
	struct exported x;

	is_int(parse("{\"seq\":7,\"hash\":\"" HASH "\"}", &a, &x), 0,
	    "the least that an anchor says");
	ok(x.seq == 7 && x.hash[31] == 31 && !x.has_previous &&
	    x.canonical.p == NULL && x.uuid.p == NULL && x.ntypes == 0,
	    "and nothing else");
	is_int(parse("{\"seq\":8,\"hash\":\"" HASH "\",\"previous\":\"" HASH
	    "\",\"canonical_base64\":\"AAE=\",\"uuid\":\"u\",\"moves\":"
	    "[{\"type\":\"a\"},{\"type\":null},3]}", &a, &x), 0, "an event");
	ok(x.has_previous && x.previous[1] == 1, "the hash before");
	ok(bytes_equal(x.canonical, (struct bytes){ "\0\1", 2 }), "its bytes");
	ok(x.ntypes == 3 && strcmp(x.types[0], "a") == 0 &&
	    x.types[1] == NULL && x.types[2] == NULL, "types of its moves");
	is_int(parse("{\"seq\":8,\"hash\":\"" HASH "\",\"canonical_base64\":"
	    "null}", &a, &x), 0, "bytes that are withheld");
	ok(x.canonical.p == NULL, "are absent");
	arena_release(&a);
}

static void
refused(void)
{
	static const char *const bad[] = {
		"", "{", "[]", "7", "{}", "{\"seq\":1}",
		"{\"hash\":\"" HASH "\"}",
		"{\"seq\":\"1\",\"hash\":\"" HASH "\"}",
		"{\"seq\":1,\"hash\":\"" HASH "0\"}",
		"{\"seq\":1,\"hash\":7}",
		"{\"seq\":1,\"seq\":2,\"hash\":\"" HASH "\"}",
		"{\"seq\":1,\"hash\":\"" HASH "\",\"canonical_base64\":\"A\"}",
	};
	struct arena a = { 0 };
	struct exported x;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		is_int(parse(bad[i], &a, &x), EX_DATAERR, "refused: %s",
		    bad[i]);
	arena_release(&a);
}

static void
hex(void)
{
	unsigned char v[2];
	char text[5];

	ok(hex_get(bytes_of("0aff"), v, 2) && v[0] == 10 && v[1] == 255,
	    "digits");
	hex_put(text, v, 2);
	is_str(text, "0aff", "and back");
	ok(!hex_get(bytes_of("0aff0"), v, 2), "one too many");
	ok(!hex_get(bytes_of("0aFF"), v, 2), "capitals");
	ok(!hex_get(bytes_of("0ag0"), v, 2), "no digit");
	ok(!hex_get(BYTES_NONE, v, 2), "nothing");
}

int
main(void)
{
	lines();
	refused();
	hex();
	return done();
}
