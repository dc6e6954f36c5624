#include "rules/record.h"

#include <stdlib.h>

#include "base/clock.h"
#include "tap.h"

#define S NS_PER_S
#define NOW (INT64_C(1795248930) * S)	/* 2026-11-21T08:15:30Z */
#define BYTES(literal) ((struct bytes){ literal, sizeof(literal) - 1 })

static struct arena arena;

static int
parse(struct bytes line, struct record *r, struct err *err)
{
	bool flush;

	*err = (struct err){ 0 };
	return record_parse_json(line, &arena, NOW, r, &flush, err);
}

static bool
same(struct bytes b, const char *s)
{
	return bytes_equal(b, bytes_of(s));
}

static void
all_fields(void)
{
	static const char line[] = "{\"path\":\"/a/b c\",\"event\":\"moved\","
		"\"size_bytes\":123,\"mtime_at\":\"2026-11-21T08:15:30.5Z\","
		"\"type\":\"notes/work\",\"priority\":\"high\",\"key\":\"k\","
		"\"run_at\":\"+5m\",\"max_attempts\":7,\"timeout_seconds\":1.5,"
		"\"after\":[3,4],\"group\":\"g\","
		"\"payload\":{\"n\": [1, 2.50], \"s\": \"a  b\"}}";
	struct record r;
	struct err err;

	is_int(parse(BYTES(line), &r, &err), 0, "every field: %s", err.text);
	ok(same(r.path, "/a/b c"), "path");
	is_int(r.event, EVENT_MOVED, "event");
	is_int(r.size, 123, "size");
	is_int(r.mtime, NOW + S / 2, "mtime");
	ok(same(r.type, "notes/work"), "type");
	is_int(r.priority, 2, "priority");
	ok(same(r.key, "k"), "key");
	is_int(r.run_at, NOW + 300 * S, "run_at");
	is_int(r.delay, RECORD_UNSET, "no delay");
	is_int(r.max_attempts, 7, "max_attempts");
	is_int(r.timeout, S * 3 / 2, "timeout");
	ok(r.nafter == 2 && r.after[0] == 3 && r.after[1] == 4, "after");
	ok(same(r.group, "g"), "group");
	is_str(r.payload.p, "{\"n\":[1,2.50],\"s\":\"a  b\"}",
		"payload, as written but for blanks");
}

static void
few_fields(void)
{
	struct record r;
	struct err err;

	is_int(parse(BYTES("{\"path\":\"x\"}"), &r, &err), 0, "only a path");
	ok(r.key.p == NULL && r.type.p == NULL && r.group.p == NULL
		&& r.payload.p == NULL && r.event == EVENT_NONE
		&& r.priority == 0 && r.size == RECORD_UNSET
		&& r.mtime == RECORD_UNSET && r.run_at == RECORD_UNSET
		&& r.delay == RECORD_UNSET && r.timeout == RECORD_UNSET
		&& r.max_attempts == 0 && r.nafter == 0, "the rest is unsaid");
	is_int(parse(BYTES("{\"key\":\"k\"}"), &r, &err), 0, "only a key");
	ok(r.path.p == NULL, "has no path");
	is_int(parse(BYTES("{\"payload\":0}"), &r, &err), 0, "only a payload");
	is_str(r.payload.p, "0", "which is a number");
	is_int(parse(BYTES("{\"path\":\"x\",\"key\":null,\"after\":null,"
		"\"payload\":null}"), &r, &err), 0, "null is unsaid");
	ok(r.key.p == NULL && r.nafter == 0 && r.payload.p == NULL, "so");
	is_int(parse(BYTES(" {\t\"path\" : \"x\" }\r"), &r, &err), 0,
		"blanks around");
	is_int(parse(BYTES("{\"path\":\"x\",\"after\":[]}"), &r, &err), 0,
		"after nobody");
	is_int((long long)r.nafter, 0, "none");
	is_int(parse(BYTES("{\"path\":\"x\",\"after\":9}"), &r, &err), 0,
		"after one");
	ok(r.nafter == 1 && r.after[0] == 9, "that one");
	is_int(parse(BYTES("{\"path\":\"x\",\"priority\":5}"), &r, &err), 0,
		"a priority as number");
	is_int(r.priority, 5, "batch");
	is_int(parse(BYTES("{\"path\":\"x\",\"delay_seconds\":0.1}"), &r,
		&err), 0, "a delay");
	is_int(r.delay, S / 10, "of a tenth");
	is_int(parse(BYTES("{\"path\":\"x\",\"size_bytes\":1e6}"), &r, &err),
		0, "a whole number with an exponent");
	is_int(r.size, 1000000, "is one");
}

static void
paths(void)
{
	struct record r;
	struct err err;

	is_int(parse(BYTES("{\"path_base64\":\"L/8=\"}"), &r, &err), 0,
		"a path in base64");
	ok(same(r.path, "/\xff"), "any bytes");
	is_int(parse(BYTES("{\"path\":\"/\xef\xbf\xbd\",\"path_base64\":"
		"\"L/8=\"}"), &r, &err), 0, "with its shown form before");
	ok(same(r.path, "/\xff"), "exact bytes win");
	is_int(parse(BYTES("{\"path_base64\":\"L/8=\",\"path\":"
		"\"/\xef\xbf\xbd\"}"), &r, &err), 0, "or after");
	ok(same(r.path, "/\xff"), "exact bytes win");
	is_int(parse(BYTES("{\"path\":\"a\\nb\\u00e9\\ud83d\\ude00\"}"), &r,
		&err), 0, "escapes");
	ok(same(r.path, "a\nb\xc3\xa9\xf0\x9f\x98\x80"), "are read");
}

static void
payloads(void)
{
	static const struct { struct bytes line; const char *want; } cases[] = {
		{ BYTES("{\"payload\": [ 1 , \"a \\\" ] b\" ] }"),
			"[1,\"a \\\" ] b\"]" },
		{ BYTES("{\"payload\":\"text\\\\\",\"key\":\"k\"}"),
			"\"text\\\\\"" },
		{ BYTES("{\"payload\":-1.50e+3}"), "-1.50e+3" },
		{ BYTES("{\"payload\":true,\"key\":\"k\"}"), "true" },
		{ BYTES("{\"key\":\"\\\"payload\\\":1\",\"payload\":2}"), "2" },
		{ BYTES("{\"payload\":{\"payload\":{\"payload\":1}}}"),
			"{\"payload\":{\"payload\":1}}" },
		{ BYTES("{\"payload\":123456789012345678901234567890}"),
			"123456789012345678901234567890" },
		{ BYTES("{\"payload\":[18446744073709551615],\"after\":5}"),
			"[18446744073709551615]" },
		{ BYTES("{\"payload\":\"a\\u0000b\"}"), "\"a\\u0000b\"" },
		{ BYTES("{\"p\\u0061yload\": { \"a\" : 1 } }"), "{\"a\":1}" },
		{ BYTES("{\"payload\":{}}"), "{}" },
		{ BYTES("{\"payload\" : \"\" }"), "\"\"" },
	};
	struct record r;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is_int(parse(cases[i].line, &r, &err), 0, "%s: %s",
			cases[i].line.p, err.text);
		is_str(r.payload.p, cases[i].want, "... payload");
	}
	ok(parse(cases[7].line, &r, &err) == 0 && r.nafter == 1
		&& r.after[0] == 5, "a huge number spoils no other");
}

static void
payload_size(void)
{
	struct buf b = { 0 };
	struct record r;
	struct err err;
	size_t i;

	buf_adds(&b, "{\"payload\":\"");
	for (i = 0; i < PAYLOAD_MAX - 2; i++)
		buf_addc(&b, 'x');
	buf_adds(&b, "\"   }");
	is_int(parse((struct bytes){ b.p, b.len }, &r, &err), 0, "1 MiB");
	is_int((long long)r.payload.n, PAYLOAD_MAX, "exactly");
	b.len -= 5;
	buf_adds(&b, "y\"}");
	is_int(parse((struct bytes){ b.p, b.len }, &r, &err), EX_DATAERR,
		"one byte more");
	ok(strncmp(err.text, "payload \"xxx", 12) == 0 &&
		strstr(err.text, "x...: over 1 MiB") != NULL, "is said");

	is_int(payload_parse(bytes_of(" [1, 2] "), &arena, &r.payload, &err),
		0, "a payload by itself");
	is_str(r.payload.p, "[1,2]", "is made compact");
	is_int(payload_parse(bytes_of("3"), &arena, &r.payload, &err), 0,
		"a number");
	is_int(payload_parse(bytes_of("[1,"), &arena, &r.payload, &err),
		EX_DATAERR, "half of one");
	is_int(payload_parse(bytes_of(""), &arena, &r.payload, &err),
		EX_DATAERR, "none");
	is_int(payload_parse((struct bytes){ b.p + 11, b.len - 12 }, &arena,
		&r.payload, &err), EX_DATAERR, "too large");
	buf_release(&b);
}

#define ERROR(json, text) { BYTES(json), text }

static void
refused(void)
{
	static const struct { struct bytes line; const char *text; } bad[] = {
		ERROR("{\"path\":\"x\",\"colour\":1}",
			"field \"colour\": unknown"),
		ERROR("{\"path\":\"x\",\"a\\u001bb\":1}",
			"field \"a\\x1bb\": unknown"),
		ERROR("{\"path\":\"x\",\"typ\":\"a\"}",
			"field \"typ\": unknown; did you mean \"type\"?"),
		ERROR("{}", "no path, key or payload"),
		ERROR("{\"type\":\"notes\"}", "no path, key or payload"),
		ERROR("{\"path\":null}", "no path, key or payload"),
		ERROR("{\"path\":\"x\",\"run_at\":\"now\",\"delay_seconds\":1}",
			"run_at and delay_seconds: only one of them"),
		ERROR("{\"path\":\"\"}", "path \"\": empty"),
		ERROR("{\"path\":1}", "path 1: not a string"),
		ERROR("{\"path\":\"a\\u0000b\"}", "path \"a\\u0000b\": holds a NUL byte"),
		ERROR("{\"path_base64\":\"AGE=\"}",
			"path_base64 \"AGE=\": holds a NUL byte"),
		ERROR("{\"path_base64\":\"L/8\"}", "path_base64 \"L/8\": not base64"),
		ERROR("{\"key\":\"\"}", "key \"\": empty"),
		ERROR("{\"key\":\"a\\u0000\"}", "key \"a\\u0000\": holds a NUL byte"),
		ERROR("{\"path\":\"x\",\"event\":\"create\"}", "event \"create\": not "
			"created, modified, deleted, moved or scan"),
		ERROR("{\"path\":\"x\",\"type\":\"Notes\"}", "type: type "
			"\"Notes\": each part starts with a-z or 0-9"),
		ERROR("{\"path\":\"x\",\"priority\":0}", "priority 0: not "
			"critical, high, normal, low, batch or 1 to 5"),
		ERROR("{\"path\":\"x\",\"priority\":\"urgent\"}", "priority "
			"\"urgent\": "
			"not critical, high, normal, low, batch or 1 to 5"),
		ERROR("{\"path\":\"x\",\"size_bytes\":-1}",
			"size_bytes -1: not a whole number of bytes"),
		ERROR("{\"path\":\"x\",\"size_bytes\":1.5}",
			"size_bytes 1.5: not a whole number of bytes"),
		ERROR("{\"path\":\"x\",\"size_bytes\":\"1\"}",
			"size_bytes \"1\": not a whole number of bytes"),
		ERROR("{\"path\":\"x\",\"mtime_at\":1}",
			"mtime_at 1: not a string"),
		ERROR("{\"path\":\"x\",\"run_at\":\"soon\"}", "run_at: time "
			"\"soon\": not RFC 3339, now, +5m, -24h or @SECONDS"),
		ERROR("{\"path\":\"x\",\"delay_seconds\":-1}",
			"delay_seconds -1: negative"),
		ERROR("{\"path\":\"x\",\"delay_seconds\":\"5m\"}",
			"delay_seconds \"5m\": not a number of seconds"),
		ERROR("{\"path\":\"x\",\"delay_seconds\":1e10}",
			"delay_seconds 10000000000.0: over 292 years"),
		ERROR("{\"path\":\"x\",\"timeout_seconds\":[1]}",
			"timeout_seconds [1]: not a number of seconds"),
		ERROR("{\"path\":\"x\",\"max_attempts\":0}",
			"max_attempts 0: not a whole number from 1 to 100"),
		ERROR("{\"path\":\"x\",\"max_attempts\":101}",
			"max_attempts 101: not a whole number from 1 to 100"),
		ERROR("{\"path\":\"x\",\"after\":0}",
			"after 0: not a job's id or an array of them"),
		ERROR("{\"path\":\"x\",\"after\":[1,\"2\"]}",
			"after [1,\"2\"]: not a job's id or an array of them"),
		ERROR("{\"path\":\"x\",\"group\":1}", "group 1: not a string"),
		ERROR("[1]", "not a JSON object"),
		ERROR("{\"flush\":false}",
			"flush: only {\"flush\":true}, alone"),
		ERROR("{\"flush\":true,\"path\":\"x\"}",
			"flush: only {\"flush\":true}, alone"),
		ERROR("{\"path\":\"\xff\"}", "not valid UTF-8 (such a path is "
			"said as path_base64)"),
		ERROR("{\"path\":\"x\",\"key\":\"\xed\xa0\x80\"}",
			"not valid UTF-8 (such a path is said as "
			"path_base64)"),
	};
	static const struct bytes broken[] = {
		BYTES(""), BYTES("null"), BYTES("\"x\""), BYTES("3"),
		BYTES("/a/path"), BYTES("{\"path\":\"x\""),
		BYTES("{\"path\":\"x\"}}"), BYTES("{\"path\":\"x\"} {}"),
		BYTES("{'path':'x'}"), BYTES("{path:\"x\"}"),
		BYTES("{\"path\":\"x\",}"), BYTES("{\"path\":\"x\nb\"}"),
		BYTES("{\"path\":\"x\",\"path\":\"y\"}"),
		BYTES("{\"path\":\"\\ud800\"}"), BYTES("{\"path\":\"x\0\"}"),
		BYTES("{\"payload\":1e999}"), BYTES("{\"payload\":01}"),
		BYTES("{\"payload\":nan}"), BYTES("\xef\xbb\xbf{\"path\":\"x\"}"),
	};
	struct record r;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		is_int(parse(bad[i].line, &r, &err), EX_DATAERR, "refused");
		is_str(err.text, bad[i].text, "... %s", bad[i].text);
	}
	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		is_int(parse(broken[i], &r, &err), EX_DATAERR,
			"not JSON, or no object: %zu", i);
		ok(strncmp(err.text, "not ", 4) == 0, "... is said: %s",
			err.text);
	}
}

static void
flushes(void)
{
	struct record r;
	struct err err;
	bool flush = false;

	is_int(record_parse_json(BYTES("{\"flush\":true}"), &arena, NOW, &r,
		&flush, &err), 0, "a boundary");
	ok(flush, "is one");
	is_int(record_parse_json(BYTES("{\"path\":\"flush\"}"), &arena, NOW,
		&r, &flush, &err), 0, "a record after it");
	ok(!flush, "is none");
}

static void
written(void)
{
	static const int64_t after[] = { 3, 4 };
	struct record r, back;
	struct buf b = { 0 };
	struct err err;

	record_init(&r);
	r.path = bytes_of("/a b");
	ok(record_write(&b, STREAM_LINES, &r, &err) == 0
		&& record_write(&b, STREAM_NUL, &r, &err) == 0
		&& record_write(&b, STREAM_JSON, &r, &err) == 0, "three ways");
	ok(b.len == 5 + 5 + 16 && memcmp(b.p, "/a b\n/a b\0{\"path\":\"/a b\"}"
		"\n", 26) == 0, "as they are");

	buf_reset(&b);
	r.path = bytes_of("a\nb");
	is_int(record_write(&b, STREAM_LINES, &r, &err), EX_DATAERR,
		"a newline is no line");
	ok(b.len == 0, "nothing is written");
	is_int(record_write(&b, STREAM_NUL, &r, &err), 0, "but NUL can");
	r.path = (struct bytes){ "a\0b", 3 };
	is_int(record_write(&b, STREAM_NUL, &r, &err), EX_DATAERR,
		"except a NUL");
	r.path = BYTES_NONE;
	is_int(record_write(&b, STREAM_LINES, &r, &err), EX_DATAERR,
		"no path is no line");
	r.key = bytes_of("\xff");
	is_int(record_write(&b, STREAM_JSON, &r, &err), EX_DATAERR,
		"a key that JSON cannot say");

	record_init(&r);
	r.path = bytes_of("/\xff\n\x1b");
	r.event = EVENT_DELETED;
	r.size = 1;
	r.mtime = NOW + 123 * NS_PER_MS;
	r.type = bytes_of("a/b");
	r.priority = 4;
	r.key = bytes_of("k\"\\");
	r.run_at = NOW;
	r.max_attempts = 9;
	r.timeout = 1500 * NS_PER_MS;
	r.after = after;
	r.nafter = 2;
	r.group = bytes_of("g");
	r.payload = bytes_of("{\"a\":[1.50]}");
	buf_reset(&b);
	is_int(record_write(&b, STREAM_JSON, &r, &err), 0, "all of it");
	ok(memchr(b.p, '\n', b.len) == b.p + b.len - 1
		&& memchr(b.p, '\x1b', b.len) == NULL, "one line, no escapes");
	is_int(parse((struct bytes){ b.p, b.len - 1 }, &back, &err), 0,
		"reads back: %s", b.p);
	ok(bytes_equal(back.path, r.path) && bytes_equal(back.key, r.key)
		&& bytes_equal(back.type, r.type)
		&& bytes_equal(back.group, r.group)
		&& bytes_equal(back.payload, r.payload), "strings");
	ok(back.event == r.event && back.size == r.size
		&& back.mtime == r.mtime && back.priority == r.priority
		&& back.run_at == r.run_at && back.delay == r.delay
		&& back.max_attempts == r.max_attempts
		&& back.timeout == r.timeout && back.nafter == 2
		&& back.after[1] == 4, "numbers");
	r.run_at = RECORD_UNSET;
	r.delay = 250 * NS_PER_MS;
	buf_reset(&b);
	record_write(&b, STREAM_JSON, &r, &err);
	ok(parse((struct bytes){ b.p, b.len - 1 }, &back, &err) == 0
		&& back.delay == r.delay, "a delay");
	r.mtime = 0;
	buf_reset(&b);
	record_write(&b, STREAM_JSON, &r, &err);
	ok(parse((struct bytes){ b.p, b.len - 1 }, &back, &err) == 0
		&& back.mtime == 0, "a file from 1970: %s", b.p);
	r.mtime = -S;
	buf_reset(&b);
	record_write(&b, STREAM_JSON, &r, &err);
	ok(parse((struct bytes){ b.p, b.len - 1 }, &back, &err) == 0
		&& back.mtime == -S, "and from before: %s", b.p);
	buf_release(&b);
}

/* A long delay: of its seconds a float knows no nanoseconds */
static void
long_delay(void)
{
	static const char line[] =
		"{\"key\":\"k\",\"delay_seconds\":400000000.000201}\n";
	struct buf b = { 0 };
	struct record r;
	struct err err;

	is_int(parse((struct bytes){ line, sizeof(line) - 2 }, &r, &err), 0,
		"a delay of years");
	record_write(&b, STREAM_JSON, &r, &err);
	is_str(b.p, line, "is written as it was read");
	buf_release(&b);
}

/* No NUL byte is JSON, wherever the parser passes over it */
static void
nul_bytes(void)
{
	static const char payload[] = "null\0", array[] = "[1\0,2]";
	struct bytes out;
	struct record r;
	struct err err;

	is_int(payload_parse((struct bytes){ payload, 5 }, &arena, &out, &err),
		EX_DATAERR, "NUL after a word");
	is_int(payload_parse((struct bytes){ array, 6 }, &arena, &out, &err),
		EX_DATAERR, "NUL after a number");
	is_str(err.text, "not JSON: a NUL byte", "says why");
	is_int(parse(BYTES("{\"path\":\"x\",\"payload\":1\0}"), &r, &err),
		EX_DATAERR, "NUL in a record");
}

int
main(void)
{
	all_fields();
	few_fields();
	paths();
	payloads();
	payload_size();
	refused();
	flushes();
	written();
	long_delay();
	nul_bytes();
	arena_release(&arena);
	return done();
}
