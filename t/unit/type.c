#include "rules/type.h"

#include <stdlib.h>

#include "tap.h"

static void
names(void)
{
	static const char *const good[] = {
		"a", "9", "notes", "notes/work", "a/b/c/d", "a.b_c-d",
		"imap/me.example.org", "0/1", "a--", "a..",
	};
	static const char *const bad[] = {
		"", "/", "/a", "a/", "a//b", "A", "notes/Work", "-a", ".a",
		"_a", "a/-b", "a/.", "a/..", "a b", "a\n", "\xc3\xa9", "a*",
		"a,b", "a:b",
	};
	char longest[TYPE_MAX + 2];
	struct err err;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		is_int(type_check(bytes_of(good[i]), &err), 0, "a type: %s",
			good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_int(type_check(bytes_of(bad[i]), &err), EX_USAGE,
			"no type %zu", i);
	memset(longest, 'a', sizeof(longest));
	is_int(type_check((struct bytes){ longest, TYPE_MAX }, &err), 0,
		"128 bytes");
	is_int(type_check((struct bytes){ longest, TYPE_MAX + 1 }, &err),
		EX_USAGE, "129 bytes");
	is_int(type_check((struct bytes){ "a\0b", 3 }, &err), EX_USAGE,
		"a NUL byte");
	is_int(type_check(BYTES_NONE, &err), EX_USAGE, "none");
	type_check(bytes_of("Notes\x1b"), &err);
	is_str(err.text, "type \"Notes\\x1b\": each part starts with a-z or "
		"0-9", "the error says why");
	is_int(type_check(bytes_of(TYPE_DEFAULT), NULL), 0, "the default");
}

static void
tree(void)
{
	char parent[TYPE_MAX + 1];

	ok(type_within("a/b/c", "a"), "a grandchild");
	ok(type_within("a/b/c", "a/b"), "a child");
	ok(type_within("a/b/c", "a/b/c"), "itself");
	ok(!type_within("a/bc", "a/b"), "not a longer name");
	ok(!type_within("a", "a/b"), "not its parent");
	ok(!type_within("b", "a"), "not a neighbour");
	ok(type_parent("a/b/c", parent), "there is a parent");
	is_str(parent, "a/b", "which is");
	ok(type_parent(parent, parent), "and above it, in place");
	is_str(parent, "a", "the top");
	ok(!type_parent(parent, parent), "which has none");
}

int
main(void)
{
	names();
	tree();
	return done();
}
