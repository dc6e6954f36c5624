#include "rules/json.h"

#include <jansson.h>
#include <math.h>

#include "base/clock.h"
#include "base/text.h"
#include "random.h"
#include "tap.h"

static void
everything(void)
{
	static const char want[] = "{\"s\":\"x\",\"none\":null,\"n\":-5,"
		"\"f\":1.5,\"yes\":true,\"no\":false,\"nothing\":null,"
		"\"raw\":[1,2],\"list\":[1,\"a\",{\"in\":[]},{}],\"o\":{},"
		"\"last\":0}";
	struct buf b = { 0 };
	struct json j;

	json_init(&j, &b);
	json_begin_object(&j, NULL);
	json_put_string(&j, "s", "x");
	json_put_string(&j, "none", NULL);
	json_put_int(&j, "n", -5);
	json_put_float(&j, "f", 1.5);
	json_put_bool(&j, "yes", true);
	json_put_bool(&j, "no", false);
	json_put_null(&j, "nothing");
	json_put_raw(&j, "raw", bytes_of("[1,2]"));
	json_begin_array(&j, "list");
	json_put_int(&j, NULL, 1);
	json_put_string(&j, NULL, "a");
	json_begin_object(&j, NULL);
	json_begin_array(&j, "in");
	json_end_array(&j);
	json_end_object(&j);
	json_begin_object(&j, NULL);
	json_end_object(&j);
	json_end_array(&j);
	json_begin_object(&j, "o");
	json_end_object(&j);
	json_put_int(&j, "last", 0);
	json_end_object(&j);
	is_str(b.p, want, "commas are where they belong");
	is_int(j.depth, 0, "all is closed");

	buf_reset(&b);
	json_put_int(&j, NULL, 1);
	buf_addc(&b, '\n');
	json_begin_object(&j, NULL);
	json_end_object(&j);
	buf_addc(&b, '\n');
	json_begin_object(&j, NULL);
	json_end_object(&j);
	is_str(b.p, "1\n{}\n{}", "at the top there are none");
	buf_release(&b);
}

/* The text of one value */
static const char *
numbers(struct buf *b, void (*put)(struct json *, const char *, int64_t),
	int64_t v)
{
	struct json j;

	buf_reset(b);
	json_init(&j, b);
	put(&j, NULL, v);
	return b->p;
}

static void
scalars(void)
{
	struct buf b = { 0 };
	struct json j;

	is_str(numbers(&b, json_put_int, 0), "0", "0");
	is_str(numbers(&b, json_put_int, INT64_MAX), "9223372036854775807", "max");
	is_str(numbers(&b, json_put_int, INT64_MIN), "-9223372036854775808",
		"min");
	is_str(numbers(&b, json_put_seconds, 0), "0", "no seconds");
	is_str(numbers(&b, json_put_seconds, 1500 * NS_PER_MS), "1.5", "1.5 s");
	is_str(numbers(&b, json_put_seconds, 12 * NS_PER_US), "0.000012", "12 us");
	is_str(numbers(&b, json_put_seconds, 1999), "0.000001", "cut at us");
	is_str(numbers(&b, json_put_seconds, 60 * NS_PER_S), "60", "a minute");
	is_str(numbers(&b, json_put_seconds, -1), "null", "negative is unknown");
	is_str(numbers(&b, json_put_seconds, INT64_MAX), "9223372036.854775",
		"292 years");
	is_str(numbers(&b, json_put_time, 0), "null", "no time");
	is_str(numbers(&b, json_put_time, INT64_MIN), "null", "nor unset");
	is_str(numbers(&b, json_put_time, INT64_C(1795248930123456789)),
		"\"2026-11-21T08:15:30.123Z\"", "a time");

	buf_reset(&b);
	json_init(&j, &b);
	json_begin_array(&j, NULL);
	json_put_float(&j, NULL, NAN);
	json_put_float(&j, NULL, INFINITY);
	json_put_float(&j, NULL, -INFINITY);
	json_put_float(&j, NULL, 0.1);
	json_put_float(&j, NULL, 1e21);
	json_put_bytes(&j, NULL, BYTES_NONE);
	json_put_raw(&j, NULL, BYTES_NONE);
	json_put_path(&j, NULL, BYTES_NONE);
	json_end_array(&j);
	is_str(b.p, "[null,null,null,0.1,1e+21,null,null,null]",
		"what is not finite or not there");
	buf_release(&b);
}

static void
escapes(void)
{
	static const struct { struct bytes in; const char *want; } cases[] = {
		{ { "", 0 }, "\"\"" },
		{ { "plain/path.txt", 14 }, "\"plain/path.txt\"" },
		{ { "a\"b\\c", 5 }, "\"a\\\"b\\\\c\"" },
		{ { "\b\f\n\r\t", 5 }, "\"\\b\\f\\n\\r\\t\"" },
		{ { "\x00\x01\x1f\x7f", 4 },
			"\"\\u0000\\u0001\\u001f\\u007f\"" },
		{ { "\xc3\xa9\xf0\x9f\x98\x80", 6 },
			"\"\xc3\xa9\xf0\x9f\x98\x80\"" },
		{ { "\xc2\x9b", 2 }, "\"\\u009b\"" },
		{ { "\xe2\x80\xae", 3 }, "\"\\u202e\"" },
		{ { "a\xff" "b\xe2\x82", 5 },
			"\"a\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd\"" },
	};
	struct buf b = { 0 };
	struct json j;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&b);
		json_init(&j, &b);
		json_put_bytes(&j, NULL, cases[i].in);
		is_str(b.p, cases[i].want, "%s", cases[i].want);
	}
	buf_reset(&b);
	json_init(&j, &b);
	json_begin_object(&j, NULL);
	json_put_path(&j, "path", bytes_of("/ok"));
	json_put_path(&j, "old", bytes_of("/\xff"));
	json_put_int(&j, "n", 1);
	json_end_object(&j);
	is_str(b.p, "{\"path\":\"/ok\",\"old\":\"/\xef\xbf\xbd\","
		"\"old_base64\":\"L/8=\",\"n\":1}", "exact bytes of a path");
	buf_release(&b);
}

/* Random strings and numbers, read by somebody else's parser */
static void
read_back(void)
{
	struct buf b = { 0 };
	uint64_t x = 0;
	int round, wrong = 0;

	for (round = 0; round < 5000; round++) {
		char s[24];
		struct bytes in = { s, round % sizeof(s) };
		const char *got;
		struct json j;
		json_t *root;
		double f;
		size_t i;

		for (i = 0; i < in.n; i++) {
			x = next_random();
			s[i] = (char)(x >> (round % 3 ? 24 : 57));
		}
		f = (double)(int64_t)x / 3e9;
		buf_reset(&b);
		json_init(&j, &b);
		json_begin_object(&j, NULL);
		json_put_bytes(&j, "s", in);
		json_put_int(&j, "n", (int64_t)x);
		json_put_float(&j, "f", f);
		json_end_object(&j);
		root = json_loadb(b.p, b.len, JSON_ALLOW_NUL, NULL);
		got = json_string_value(json_object_get(root, "s"));
		wrong += root == NULL || got == NULL
			|| json_integer_value(json_object_get(root, "n"))
			!= (int64_t)x
			|| json_number_value(json_object_get(root, "f")) != f;
		if (got != NULL && utf8_valid(in))
			wrong += json_string_length(json_object_get(root,
				"s")) != in.n || memcmp(got, s, in.n) != 0;
		json_decref(root);
	}
	is_int(wrong, 0, "5000 random objects are read back");
	buf_release(&b);
}

int
main(void)
{
	everything();
	scalars();
	escapes();
	read_back();
	return done();
}
