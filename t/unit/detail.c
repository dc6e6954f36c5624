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

int
main(void)
{
	types();
	jobs();
	json();
	return done();
}
