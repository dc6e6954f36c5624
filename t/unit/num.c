#include "base/num.h"

#include <float.h>
#include <locale.h>
#include <stdlib.h>

#include "tap.h"

static void
integers(void)
{
	static const struct { const char *s; int64_t min, max, want; } good[] = {
		{ "0", 0, 10, 0 }, { "10", 0, 10, 10 }, { "-3", -5, 5, -3 },
		{ "007", 0, 10, 7 }, { "-0", 0, 0, 0 },
		{ "9223372036854775807", INT64_MIN, INT64_MAX, INT64_MAX },
		{ "-9223372036854775808", INT64_MIN, INT64_MAX, INT64_MIN },
	};
	static const char *const bad[] = {
		"", "-", "+1", " 1", "1 ", "1.0", "0x10", "1e3", "abc",
		"9223372036854775808", "-9223372036854775809",
		"99999999999999999999999", "--1",
	};
	struct err err;
	int64_t v;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		v = 77;
		is_int(int_parse(good[i].s, "n", good[i].min, good[i].max, &v,
			&err), 0, "integer %s", good[i].s);
		is_int(v, good[i].want, "... is its value");
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		v = 77;
		is_int(int_parse(bad[i], "n", INT64_MIN, INT64_MAX, &v, &err),
			EX_USAGE, "refused: \"%s\"", bad[i]);
		is_int(v, 77, "... and nothing is written");
	}
	int_parse("11", "--limit", 1, 10, &v, &err);
	is_str(err.text, "--limit \"11\": not within 1 to 10",
		"the range is said");
	is_int(err.code, EX_USAGE, "the code is in the error");
	int_parse("0", "--limit", 1, INT64_MAX, &v, &err);
	is_str(err.text, "--limit \"0\": less than 1", "or its one end");
	int_parse("x\x1b[31m", "--limit", 1, 10, &v, &err);
	is_str(err.text, "--limit \"x\\x1b[31m\": not a whole number",
		"the value is escaped");
	is_int(int_parse("x", "n", 1, 2, &v, NULL), EX_USAGE,
		"without an error to fill");
}

static void
floats(void)
{
	static const char *const bad[] = {
		"", ".", "nan", "inf", "-inf", "0x1p3", " 1", "1 ", "1e", "e5",
		"1,5", "1e999", "infinity", "1.5.5", "+-1",
	};
	struct err err;
	double v;
	size_t i;

	ok(float_parse("1.5", "f", 0, 2, &v, &err) == 0 && v == 1.5, "1.5");
	ok(float_parse(".5", "f", 0, 2, &v, &err) == 0 && v == .5, ".5");
	ok(float_parse("2.", "f", 0, 2, &v, &err) == 0 && v == 2, "2.");
	ok(float_parse("+1e-3", "f", 0, 2, &v, &err) == 0 && v == 1e-3,
		"+1e-3");
	ok(float_parse("-1", "f", -1, 2, &v, &err) == 0 && v == -1, "-1");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		v = 77;
		ok(float_parse(bad[i], "f", -DBL_MAX, DBL_MAX, &v, &err)
			== EX_USAGE && v == 77, "refused: \"%s\"", bad[i]);
	}
	float_parse("1.01", "jitter", 0, 1, &v, &err);
	is_str(err.text, "jitter \"1.01\": not within 0 to 1",
		"the range is said");
}

static void
formats(const char *when)
{
	static const struct { double v; const char *want; } cases[] = {
		{ 0, "0" }, { 1.5, "1.5" }, { 0.1, "0.1" }, { 1e300, "1e+300" },
		{ 1.0 / 3, "0.3333333333333333" }, { -2.25, "-2.25" },
		{ 100, "100" }, { 5e-324, "4.94065645841247e-324" },
	};
	struct buf b = { 0 };
	double v;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&b);
		float_format(&b, cases[i].v);
		is_str(b.p, cases[i].want, "%s: %s", when, cases[i].want);
		ok(float_parse(b.p, "f", -DBL_MAX, DBL_MAX, &v, NULL) == 0
			&& v == cases[i].v, "... reads back");
	}
	buf_release(&b);
}

static void
priorities(void)
{
	static const char *const names[] = {
		"critical", "high", "normal", "low", "batch",
	};
	struct err err;
	char digit[2] = "";
	int p, i;

	for (i = 1; i <= 5; i++) {
		digit[0] = (char)('0' + i);
		p = 0;
		ok(priority_parse(names[i - 1], &p, &err) == 0 && p == i,
			"%s is %d", names[i - 1], i);
		p = 0;
		ok(priority_parse(digit, &p, &err) == 0 && p == i, "%d", i);
		is_str(priority_name(i), names[i - 1], "%d has a name", i);
	}
	p = 77;
	ok(priority_parse("0", &p, &err) == EX_USAGE && p == 77, "not 0");
	ok(priority_parse("6", &p, &err) == EX_USAGE, "not 6");
	ok(priority_parse("12", &p, &err) == EX_USAGE, "not 12");
	ok(priority_parse("High", &p, &err) == EX_USAGE, "not High");
	ok(priority_parse("", &p, &err) == EX_USAGE, "not empty");
	ok(priority_name(0) == NULL && priority_name(6) == NULL,
		"no names outside");
}

static void
varints(void)
{
	static const uint64_t values[] = {
		0, 1, 127, 128, 300, 16383, 16384, UINT32_MAX, INT64_MAX,
		UINT64_MAX,
	};
	static const unsigned char over[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02,
	};
	struct buf b = { 0 };
	const unsigned char *p;
	uint64_t v;
	size_t i, n;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		buf_reset(&b);
		varint_put(&b, values[i]);
		p = (const unsigned char *)b.p;
		ok(varint_get(&p, p + b.len, &v) == 0 && v == values[i]
			&& p == (const unsigned char *)b.p + b.len,
			"varint %llu", (unsigned long long)values[i]);
		for (n = 0; n < b.len; n++) {
			p = (const unsigned char *)b.p;
			if (varint_get(&p, p + n, &v) != -1)
				break;
		}
		is_int((long long)n, (long long)b.len, "... not from less");
	}
	buf_reset(&b);
	varint_put(&b, 300);
	ok(b.len == 2 && memcmp(b.p, "\xac\x02", 2) == 0, "300 is ac 02");
	p = over;
	is_int(varint_get(&p, over + sizeof(over), &v), -1, "over 64 bits");
	buf_release(&b);
}

int
main(void)
{
	static const char *const commas[] = {
		"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", NULL,
	};
	int i;

	integers();
	floats();
	formats("C locale");
	priorities();
	varints();
	for (i = 0; commas[i] != NULL; i++)
		if (setlocale(LC_NUMERIC, commas[i]) != NULL)
			break;
	formats(commas[i] != NULL ? commas[i] : "no locale with a comma here");
	return done();
}
