/* Suggestions for a mistyped word. */
#include "base/nearest.h"

#include <stddef.h>

#include "tap.h"

static const char *const words[] = { "list", "limit", "stats", "work", "db",
	NULL };

static const struct {
	const char *word, *want;
} cases[] = {
	{ "lits", "list" }, { "lst", "list" }, { "lisst", "list" },
	{ "limti", "limit" }, { "stat", "stats" }, { "wrok", "work" },
	{ "bd", "db" }, { "foo", NULL }, { "wrokk", "work" }, { "enqueue", NULL }, { "", NULL }, { "xy", NULL },
	{ "0123456789012345678901234567890123456789", NULL },
};

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_str(nearest(cases[i].word, words), cases[i].want,
			"\"%s\"", cases[i].word);
	return done();
}
