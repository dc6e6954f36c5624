#include "rules/glob.h"

#include <stdlib.h>

#include "tap.h"

/* Lines, a path (directories end with a slash), and what is said of it: as
 * `git check-ignore` says it, where that can be asked */
static const struct {
	const char *lines, *path;
	enum glob_answer want;
} cases[] = {
	{ "", "a", GLOB_NONE },
	{ "a", "a", GLOB_EXCLUDED },
	{ "a", "b/a", GLOB_EXCLUDED },
	{ "a", "a/b", GLOB_NONE },
	{ "a", "ab", GLOB_NONE },
	{ "/a", "a", GLOB_EXCLUDED },
	{ "/a", "b/a", GLOB_NONE },
	{ "a/b", "a/b", GLOB_EXCLUDED },
	{ "a/b", "c/a/b", GLOB_NONE },
	{ "a/", "a", GLOB_NONE },
	{ "a/", "a/", GLOB_EXCLUDED },
	{ "a/", "b/a/", GLOB_EXCLUDED },
	{ "*.o", "x.o", GLOB_EXCLUDED },
	{ "*.o", ".o", GLOB_EXCLUDED },
	{ "*.o", "d/x.o", GLOB_EXCLUDED },
	{ "/*.o", "d/x.o", GLOB_NONE },
	{ "d/*.o", "d/x.o", GLOB_EXCLUDED },
	{ "d/*", "d/x/y", GLOB_NONE },
	{ "*", "anything", GLOB_EXCLUDED },
	{ "**", "any/thing", GLOB_EXCLUDED },
	{ "**/a", "a", GLOB_EXCLUDED },
	{ "**/a", "x/y/a", GLOB_EXCLUDED },
	{ "**/a/b", "x/a/b", GLOB_EXCLUDED },
	{ "**/a/b", "x/a/c/b", GLOB_NONE },
	{ "a/**", "a/", GLOB_NONE },
	{ "a/**", "a/b", GLOB_EXCLUDED },
	{ "a/**", "a/b/c", GLOB_EXCLUDED },
	{ "a/**/b", "a/b", GLOB_EXCLUDED },
	{ "a/**/b", "a/x/y/b", GLOB_EXCLUDED },
	{ "a/**/b", "a/x/y/c", GLOB_NONE },
	{ "a/**/b/**/c", "a/b/x/b/y/c", GLOB_EXCLUDED },
	{ "a/**/b*/c", "a/b1/x/b2/c", GLOB_EXCLUDED },
	{ "a**b", "axxb", GLOB_EXCLUDED },
	{ "a**b/c", "ax/xb/c", GLOB_NONE },
	{ "?", "x", GLOB_EXCLUDED },
	{ "?", "xy", GLOB_NONE },
	{ "d?x", "d/x", GLOB_NONE },
	{ "[abc]", "b", GLOB_EXCLUDED },
	{ "[a-c]x", "bx", GLOB_EXCLUDED },
	{ "[!a-c]x", "bx", GLOB_NONE },
	{ "[^a-c]x", "dx", GLOB_EXCLUDED },
	{ "[]]", "]", GLOB_EXCLUDED },
	{ "[]-a]", "^", GLOB_EXCLUDED },
	{ "[a-]", "-", GLOB_EXCLUDED },
	{ "[[:digit:]]*", "7up", GLOB_EXCLUDED },
	{ "[[:digit:]]*", "up", GLOB_NONE },
	{ "[![:space:]]", "x", GLOB_EXCLUDED },
	{ "[\\]]", "]", GLOB_EXCLUDED },
	{ "[a", "[a", GLOB_NONE },
	{ "\\*", "*", GLOB_EXCLUDED },
	{ "\\*", "x", GLOB_NONE },
	{ "\\!a", "!a", GLOB_EXCLUDED },
	{ "\\#a", "#a", GLOB_EXCLUDED },
	{ "#a", "#a", GLOB_NONE },
	{ "a ", "a", GLOB_EXCLUDED },
	{ "a\\ ", "a ", GLOB_EXCLUDED },
	{ " a", " a", GLOB_EXCLUDED },
	{ "a\r\nb\r\n", "a", GLOB_EXCLUDED },
	{ "a\nb", "b", GLOB_EXCLUDED },
	{ "\n\n!\n/\n", "x", GLOB_NONE },
	{ "*.o\n!keep.o", "keep.o", GLOB_INCLUDED },
	{ "*.o\n!keep.o", "x.o", GLOB_EXCLUDED },
	{ "!keep.o\n*.o", "keep.o", GLOB_EXCLUDED },
	{ "\377*", "\377\376", GLOB_EXCLUDED },
	{ "*\n", "a\nb", GLOB_EXCLUDED },
};

static struct bytes
path_of(const char *s, bool *directory)
{
	struct bytes path = bytes_of(s);

	*directory = path.n > 0 && path.p[path.n - 1] == '/';
	path.n -= *directory;
	return path;
}

static void
steps(void)
{
	char *pattern = malloc(4000), *name = malloc(20000);

	for (int i = 0; i < 2000; i++) {
		pattern[2 * i] = '*';
		pattern[2 * i + 1] = 'a';
	}
	memset(name, 'a', 20000);
	name[19999] = 'b';
	ok(!glob_segment((struct bytes){ pattern, 4000 },
		(struct bytes){ name, 20000 }), "many stars end");
	free(pattern);
	free(name);
}

static void
exact(void)
{
	static const char odd[] = "a */[x]/!b\n\\ ";
	struct globs g = { 0 };

	globs_add_exact(&g, bytes_of(odd));
	is_int(globs_ask(&g, bytes_of(odd), false), GLOB_EXCLUDED,
		"just that path");
	is_int(globs_ask(&g, bytes_of("a x/x/!b\n\\ "), false), GLOB_NONE,
		"and no other");
	globs_release(&g);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct globs g = { 0 };
		struct bytes path;
		bool directory;

		path = path_of(cases[i].path, &directory);
		globs_add_lines(&g, bytes_of(cases[i].lines));
		is_int(globs_ask(&g, path, directory), cases[i].want,
			"case %zu", i);
		globs_release(&g);
	}
	steps();
	exact();
	return done();
}
