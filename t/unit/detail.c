#include "rules/detail.h"

#include "tap.h"

static void
types(void)
{
	struct bytes one = bytes_of("[{\"type\":\"a/b\",\"key\":\"lease\"}]");
	struct bytes all = bytes_of("[{\"key\":\"x\"},{\"type\":null}]");

	ok(detail_has_type(one, "a/b"), "the type itself");
	ok(detail_has_type(one, "a"), "one of its children");
	ok(detail_has_type(one, "a/b/c"), "what it inherits");
	ok(!detail_has_type(one, "a/bc"), "another type");
	ok(detail_has_type(all, "a"), "what is of the whole queue");
	ok(!detail_has_type(bytes_of("[{\"worker\":1}]"), "a"),
	    "what has no type");
	ok(!detail_has_type(BYTES_NONE, "a"), "no detail");
	ok(!detail_has_type(bytes_of("[{\"type\":"), "a"), "not JSON");
	ok(!detail_has_type(bytes_of("[1,\"type\"]"), "a"), "no objects");
}

static void
jobs(void)
{
	struct bytes v = bytes_of("[{\"ordered\":7},{\"ordered\":8}]");

	ok(detail_has_job(v, 8), "an order");
	ok(!detail_has_job(v, 9), "of another job");
	ok(!detail_has_job(bytes_of("[{\"ordered\":\"9\"}]"), 9), "no number");
}

static void
json(void)
{
	ok(detail_valid(bytes_of("[{\"a\":1}]")), "JSON");
	ok(!detail_valid(bytes_of("[{\"a\":1}")), "cut short");
	ok(!detail_valid(bytes_of("[\"\xff\"]")), "not UTF-8");
	ok(!detail_valid(BYTES_NONE), "nothing");
}

static void
text(void)
{
	struct buf b = { 0 };

	detail_text(bytes_of("[{\"worker\":1,\"limit\":2,\"types\":\"\"},"
	    "{\"reason\":\"no net\",\"type\":null,\"of\":\"a/b\"},3]"), &b);
	is_str(b.p, "worker=1 limit=2 types=\"\"; reason=\"no net\" of=a/b; 3",
	    "for people");
	buf_reset(&b);
	detail_text(bytes_of("[{"), &b);
	is_str(b.p, "[{", "no JSON");
	buf_release(&b);
}

static void
add_name(void *ctx, int64_t id, const char *name)
{
	buf_addf(ctx, "%lld %s;", (long long)id, name);
}

static void
made(void)
{
	struct buf b = { 0 };

	detail_each_type(bytes_of("[{\"id\":1,\"name\":\"a\"},{\"id\":\"2\","
	    "\"name\":\"b\"},3,{\"id\":4,\"name\":\"d/e\"}]"), add_name, &b);
	is_str(b.p, "1 a;4 d/e;", "types that were made");
	buf_reset(&b);
	detail_each_type(BYTES_NONE, add_name, &b);
	is_int(b.len, 0, "none");
	buf_release(&b);
}

static void
redacted(void)
{
	struct buf b = { 0 };

	ok(detail_redact(bytes_of("[{\"type\":\"a\",\"key\":\"handler\","
	    "\"from\":null,\"to\":\"/x\"},{\"type\":null,\"key\":\"lease\","
	    "\"from\":null,\"to\":\"2m\"}]"), &b), "a command");
	is_str(b.p, "[{\"type\":\"a\",\"key\":\"handler\",\"from\":null,"
	    "\"to\":null},{\"type\":null,\"key\":\"lease\",\"from\":null,"
	    "\"to\":\"2m\"}]", "it alone is taken out");
	buf_reset(&b);
	ok(detail_redact(bytes_of("[{\"key\":\"path\",\"from\":\"/x\","
	    "\"to\":\"/y\"},{\"key\":\"include\",\"to\":\"x*\"},"
	    "{\"key\":\"exclude\",\"from\":\"x*\"}]"), &b),
	    "where a source looks, and for what");
	is_str(b.p, "[{\"key\":\"path\",\"from\":null,\"to\":null},"
	    "{\"key\":\"include\",\"to\":null},"
	    "{\"key\":\"exclude\",\"from\":null}]", "is not said");
	buf_reset(&b);
	ok(detail_redact(bytes_of("[{\"from\":\"/b\","
	    "\"kept_base64\":\"L2I=\",\"kept\":\"/c\",\"event\":7}]"), &b),
	    "files of a restore");
	is_str(b.p, "[{\"from\":null,\"kept\":null,\"event\":7}]",
	    "are taken out");
	buf_reset(&b);
	ok(!detail_redact(bytes_of("[{\"key\":\"lease\",\"to\":\"/x\"}]"), &b),
	    "nothing that names a file");
	ok(!detail_redact(bytes_of("[{\"from\":1,\"to\":2}]"), &b),
	    "numbers of a migration");
	ok(!detail_redact(bytes_of("[\"handler\"]"), &b), "no object");
	ok(!detail_redact(BYTES_NONE, &b), "nothing");
	is_int(b.len, 0, "then nothing is appended");
	buf_release(&b);
}

int
main(void)
{
	made();
	text();
	redacted();
	types();
	jobs();
	json();
	return done();
}
