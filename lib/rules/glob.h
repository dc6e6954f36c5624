/*
 * Patterns of file names as gitignore(5) has them.  Of those that match the
 * last one decides.
 *
 *	# comment		blank lines and these say nothing
 *	name  *.o		without a slash: a name at any depth
 *	/name  a/b		with one that is not at its end: from the base
 *	name/			directories only
 *	!name			takes back what an earlier one excludes
 */
#ifndef IQ_GLOB_H
#define IQ_GLOB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

struct glob {
	char *text;		/* with segments separated by '/' */
	size_t n;
	bool takes_back, directories, anchored;
};

struct globs {
	struct glob *v;
	size_t n, cap;
};

enum glob_answer { GLOB_NONE, GLOB_EXCLUDED, GLOB_INCLUDED };

/* One line of such a file, without its newline */
void globs_add(struct globs *g, struct bytes line);
/* All lines of one */
void globs_add_lines(struct globs *g, struct bytes text);
/* The same, but that it includes: "!" and the line */
void globs_add_included(struct globs *g, struct bytes line);
/* Just that path from the base */
void globs_add_exact(struct globs *g, struct bytes path);
void globs_release(struct globs *g);

/* path: relative to the base, without "/" at either end, not empty */
enum glob_answer globs_ask(const struct globs *g, struct bytes path,
	bool directory);

/* One segment: "*", "?", "[a-z]", "[!x]", "[[:digit:]]", backslash; bytes, and
 * no name of a file is special. Takes at most n * m steps. */
bool glob_segment(struct bytes pattern, struct bytes name);

#endif
