#include "rules/answer.h"

#include <stdlib.h>

#include "base/clock.h"
#include "tap.h"

#define S NS_PER_S
#define NOW (INT64_C(1795248930) * S)

static const struct answer_ground ground = {
	.cwd = { "/home/anna", 10 }, .now = NOW };

static void
feed(struct answer *a, const char *text)
{
	answer_feed(a, text, strlen(text), &ground);
}

static bool
said(const struct buf *b, const char *text)
{
	return bytes_equal((struct bytes){ b->p, b->len }, bytes_of(text));
}

static void
nothing(void)
{
	struct answer a;

	answer_init(&a);
	answer_end(&a, 0, &ground);
	is_int(a.answered, ANSWERED, "nothing said is nothing wrong");
	ok(a.progress < 0 && a.bytes < 0 && a.retry_after < 0 && !a.refined &&
		a.error.len == 0 && a.n == 0, "and nothing is known");
	answer_release(&a);
}

static void
every_field(void)
{
	struct answer a;

	answer_init(&a);
	feed(&a, "{\"progress\":0.25}\n{\"bytes\":10,\"prog");
	ok(a.progress == 0.25, "a line counts when it is whole");
	is_int(a.bytes, -1, "and not before");
	feed(&a, "ress\":1}\n{\"error\":\"no\\nway\",\"outcome\":\"snooze\"}\n"
		"{\"retry_after_seconds\":1.5,\"progress\":null}\n");
	ok(a.progress == 1, "the newest counts, null says nothing");
	is_int(a.bytes, 10, "bytes");
	is_int(a.retry_after, S * 3 / 2, "retry_after_seconds");
	ok(a.refined && a.outcome == OUTCOME_SNOOZE, "outcome");
	ok(said(&a.error, "no\nway"), "error");
	feed(&a, "{\"bytes\":11}");
	answer_end(&a, 1, &ground);
	is_int(a.bytes, 11, "the last line may lack its end");
	is_int(a.answered, ANSWERED, "all of it makes sense");
	answer_reset(&a);
	ok(a.progress < 0 && a.bytes < 0 && a.retry_after < 0 && !a.refined &&
		a.error.len == 0, "a reset forgets it");
	answer_release(&a);
}

static void
records(void)
{
	struct answer a;

	answer_init(&a);
	feed(&a, "{\"enqueue\":{\"path\":\"b//c\",\"type\":\"x/y\","
		"\"payload\":{\"n\": 1.50},\"run_at\":\"+5m\"}}\n"
		"{\"enqueue\":{\"path\":\"/a\",\"after\":[7]},"
		"\"progress\":0.5}\n");
	is_int((long long)a.n, 2, "two records");
	is_str(a.records[0].path.p, "/home/anna/b/c", "a path is resolved");
	is_str(a.records[0].type.p, "x/y", "its type");
	is_str(a.records[0].payload.p, "{\"n\":1.50}", "payload, as written");
	is_int(a.records[0].run_at, NOW + 300 * S, "a time from now on");
	is_str(a.records[1].path.p, "/a", "the second one");
	ok(a.records[1].nafter == 1 && a.records[1].after[0] == 7, "after");
	ok(a.progress == 0.5, "other fields beside it");
	feed(&a, "{\"enqueue\":{\"path\":\"/a\",\"priorty\":1}}\n");
	is_int((long long)a.n, 0, "a wrong one takes all back");
	is_str(a.error.p, "descriptor 3, line 3: enqueue: field \"priorty\": "
		"unknown; did you mean \"priority\"?", "and is named");
	answer_release(&a);
}

static void
wrong_lines(void)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "not JSON: '[' or '{' expected near end of file (byte "
			"0)" },
		{ "hello", "not JSON: '[' or '{' expected near 'hello' (byte "
			"5)" },
		{ "[1]", "not a JSON object" },
		{ "{\"progress\":2}", "progress: not a number from 0 to 1" },
		{ "{\"progress\":-0.1}",
			"progress: not a number from 0 to 1" },
		{ "{\"progress\":\"1\"}",
			"progress: not a number from 0 to 1" },
		{ "{\"bytes\":-1}", "bytes: not a whole number of bytes" },
		{ "{\"bytes\":1.5}", "bytes: not a whole number of bytes" },
		{ "{\"error\":1}", "error: not a string" },
		{ "{\"error\":\"a\\u0000b\"}", "error: holds a NUL byte" },
		{ "{\"retry_after_seconds\":-1}",
			"retry_after_seconds: negative" },
		{ "{\"retry_after_seconds\":\"1m\"}",
			"retry_after_seconds: not a number of seconds" },
		{ "{\"outcome\":\"success\"}", "outcome: not transient, "
			"rate_limited, permanent or snooze" },
		{ "{\"outcome\":\"unknown\"}", "outcome: not transient, "
			"rate_limited, permanent or snooze" },
		{ "{\"enqueue\":[]}", "enqueue: not an object" },
		{ "{\"enqueue\":{}}", "enqueue: no path, key or payload" },
		{ "{\"enqueue\":{\"flush\":true}}",
			"enqueue: flush: means nothing here" },
		{ "{\"enqueue\":{\"path\":\"/a\",\"type\":\"A\"}}",
			"enqueue: type: *" },
		{ "{\"progres\":1}", "field \"progres\": unknown" },
		{ "{\"bytes\":1,\"bytes\":2}", "not JSON: duplicate object "
			"key near '\"bytes\"' (byte 18)" },
		{ "{\"error\":\"\xff\"}", "not valid UTF-8 *" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *star = strchr(cases[i].why, '*');
		const char *got;
		struct answer a;

		answer_init(&a);
		feed(&a, "{\"bytes\":5}\n");
		feed(&a, cases[i].text);
		feed(&a, "\n{\"bytes\":7}\n");
		got = strncmp(a.error.p, "descriptor 3, line 2: ", 22) == 0 ?
			a.error.p + 22 : a.error.p;
		if (star)
			ok(strncmp(got, cases[i].why, (size_t)(star -
				cases[i].why)) == 0, "%s: %s", cases[i].text,
				got);
		else
			is_str(got, cases[i].why, "%s", cases[i].text);
		is_int(a.answered, ANSWERED_WRONG, "... is wrong");
		is_int(a.bytes, -1, "... and nothing else counts");
		answer_end(&a, 0, &ground);
		is_int(a.answered, ANSWERED_WRONG, "... to the end");
		answer_release(&a);
	}
}

static void
nul_byte(void)
{
	static const char text[] = "{\"bytes\":1\0}\n";
	struct answer a;

	answer_init(&a);
	answer_feed(&a, text, sizeof(text) - 1, &ground);
	is_str(a.error.p, "descriptor 3, line 1: not JSON: a NUL byte",
		"a NUL byte");
	answer_release(&a);
}

static void
half_lines(void)
{
	struct answer a;

	answer_init(&a);
	feed(&a, "{\"bytes\":1}\n{\"bytes\":");
	answer_end(&a, 1, &ground);
	ok(a.answered == ANSWERED && a.bytes == 1,
		"a failure may cut off the last line");
	answer_reset(&a);
	feed(&a, "{\"bytes\":1}\n{\"bytes\":");
	answer_end(&a, 0, &ground);
	is_int(a.answered, ANSWERED_WRONG, "success does not");
	answer_reset(&a);
	feed(&a, "{\"byte\":1}");
	answer_end(&a, -9, &ground);
	is_int(a.answered, ANSWERED_WRONG, "whole, but wrong");
	answer_release(&a);
}

static void
success_and_outcome(void)
{
	struct answer a;

	answer_init(&a);
	feed(&a, "{\"outcome\":\"permanent\"}\n");
	answer_end(&a, 0, &ground);
	is_int(a.answered, ANSWERED_WRONG, "a failure with exit 0 is neither");
	is_str(a.error.p, "descriptor 3, line 1: there is an outcome, which is for "
		"failures, and the exit status is 0", "so it says");
	answer_release(&a);
}

static void
bounds(void)
{
	struct buf line = { 0 };
	struct answer a;

	answer_init(&a);
	buf_adds(&line, "{\"error\":\"");
	for (int i = 0; i < 2000; i++)
		buf_adds(&line, "\xe2\x82\xac");
	buf_adds(&line, "\"}\n");
	feed(&a, line.p);
	is_int((long long)a.error.len, ANSWER_ERROR - ANSWER_ERROR % 3,
		"a long error is cut between characters");
	for (int i = 0; i < ANSWER_RECORDS; i++)
		feed(&a, "{\"enqueue\":{\"key\":\"k\"}}\n");
	is_int((long long)a.n, ANSWER_RECORDS, "so many records are taken");
	feed(&a, "{\"enqueue\":{\"key\":\"k\"}}\n");
	is_int(a.answered, ANSWERED_TOO_MUCH, "one more is too many");
	is_str(a.error.p, "descriptor 3, line 10002: enqueue: more than "
		"10000 records", "so it says");
	answer_reset(&a);

	buf_reset(&line);
	buf_adds(&line, "{\"enqueue\":{\"payload\":\"");
	for (int i = 0; i < 1000; i++)
		for (int k = 0; k < 10; k++)
			buf_add(&line, "0123456789012345678901234567890123456"
				"789012345678901234567890123456789012345678901"
				"234567890123456789", 100);
	buf_adds(&line, "\"}}\n");
	for (int i = 0; i < 9 && a.answered == ANSWERED; i++)
		feed(&a, line.p);
	is_int(a.answered, ANSWERED_TOO_MUCH, "nor too large");
	is_str(a.error.p, "descriptor 3, line 9: enqueue: more than 8 MiB of "
		"records", "so it says");
	answer_reset(&a);

	for (int i = 0; i < 9; i++)
		answer_feed(&a, line.p, 1000000, &ground);
	is_str(a.error.p, "descriptor 3, line 1: longer than 8 MiB",
		"a line without end");
	ok(a.framing.pending.cap == 0, "is not kept");
	answer_release(&a);
	buf_release(&line);
}

/* ---- of several jobs ---- */

static struct answer *
one_of(void *ctx, int64_t id)
{
	struct answer *v = ctx;

	return id > 2 || v[id].ended ? NULL : &v[id];
}

/* What is wrong with a line, or "" */
static const char *
read_named(struct answer *v, const char *line, bool several)
{
	struct answer_ground g = ground;
	static struct err err;

	g.of = one_of;
	g.ctx = v;
	g.several = several;
	err.text[0] = '\0';
	answer_read(v, bytes_of(line), &g, &err);
	return err.text;
}

static void
named(void)
{
	struct answer v[3];

	for (int i = 0; i < 3; i++)
		answer_init(&v[i]);
	is_str(read_named(v, "{\"id\":1,\"bytes\":7}", true), "",
		"one says how much");
	is_int(v[1].bytes, 7, "of itself");
	is_int(v[0].bytes, -1, "and nobody else");
	is_str(read_named(v, "{\"bytes\":9}", true), "", "without a name");
	is_int(v[0].bytes, 9, "it is about all");
	is_str(read_named(v, "{\"id\":null,\"bytes\":8}", true), "",
		"null is none");
	is_int(v[0].bytes, 8, "as well");
	is_str(read_named(v, "{\"exit\":0}", true),
		"exit: the id of a job is missing", "only one can end");
	is_str(read_named(v, "{\"enqueue\":{\"path\":\"/x\"}}", true),
		"enqueue: the id of a job is missing",
		"what follows follows one of them");
	is_str(read_named(v, "{\"enqueue\":{\"path\":\"/x\"}}", false), "",
		"which need not be said when there are no others");
	is_str(read_named(v, "{\"exit\":0,\"id\":1,\"progress\":2}", true),
		"progress: not a number from 0 to 1", "a wrong line");
	ok(!v[1].ended, "does not end it");
	is_str(read_named(v, "{\"exit\":0,\"outcome\":\"snooze\",\"id\":1}",
		true), "there is an outcome, which is for failures, and the "
		"exit status is 0", "nor does a contradiction");
	ok(!v[1].ended, "does not");
	is_str(read_named(v, "{\"id\":1,\"exit\":3}", true), "", "its end");
	ok(v[1].ended && v[1].exit == 3, "with its status");
	is_str(read_named(v, "{\"id\":1,\"bytes\":1}", true),
		"id: no job 1 waits for an answer", "it has ended");
	is_str(read_named(v, "{\"id\":7,\"exit\":0}", true),
		"id: no job 7 waits for an answer", "nobody");
	is_str(read_named(v, "{\"id\":\"2\",\"exit\":0}", true),
		"id: not the id of a job", "no number");
	for (int i = 0; i < 3; i++)
		answer_release(&v[i]);
}

int
main(void)
{
	named();
	nothing();
	every_field();
	records();
	wrong_lines();
	nul_byte();
	half_lines();
	success_and_outcome();
	bounds();
	return done();
}
