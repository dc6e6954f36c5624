#include "rules/glob.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* ---- one segment ---- */

struct text {
	const unsigned char *p, *end;
};

static const struct {
	const char *name;
	int (*has)(int);
} classes[] = {
	{ "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank },
	{ "cntrl", iscntrl }, { "digit", isdigit }, { "graph", isgraph },
	{ "lower", islower }, { "print", isprint }, { "punct", ispunct },
	{ "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit },
};

/* "[:name:]" at p: its end, or NULL when it is none. *in: c is of it */
static const unsigned char *
named_class(const unsigned char *p, const unsigned char *end, int c, bool *in)
{
	size_t left = (size_t)(end - p);

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		size_t n = strlen(classes[i].name);

		if (left >= n + 4 && memcmp(p, "[:", 2) == 0 &&
		    memcmp(p + 2, classes[i].name, n) == 0 &&
		    memcmp(p + 2 + n, ":]", 2) == 0) {
			*in = *in || (c < 128 && classes[i].has(c) != 0);
			return p + n + 4;
		}
	}
	return NULL;
}

static const unsigned char *
one_byte(const unsigned char *p, const unsigned char *end, int *c)
{
	if (*p == '\\' && p + 1 < end)
		p++;
	*c = *p;
	return p + 1;
}

/* What stands at p, behind "[": its end, or NULL when "]" is missing */
static const unsigned char *
bracket(const unsigned char *p, const unsigned char *end, int c, bool *in)
{
	bool not = p < end && (*p == '!' || *p == '^');
	const unsigned char *first = p + not, *after;
	int low, high;

	*in = false;
	for (p = first; p < end && (*p != ']' || p == first);) {
		after = named_class(p, end, c, in);
		if (after) {
			p = after;
			continue;
		}
		p = one_byte(p, end, &low);
		high = low;
		if (p + 1 < end && p[0] == '-' && p[1] != ']')
			p = one_byte(p + 1, end, &high);
		*in = *in || (low <= c && c <= high);
	}
	*in = *in != not;
	return p < end ? p + 1 : NULL;
}

/* One byte of the name against what stands at p, which is no star: where the
 * pattern goes on, or NULL */
static const unsigned char *
one_matches(const unsigned char *p, const unsigned char *end, int c)
{
	const unsigned char *after;
	bool in;
	int said;

	if (*p == '?')
		return p + 1;
	if (*p == '[') {
		after = bracket(p + 1, end, c, &in);
		return after && in ? after : NULL;
	}
	after = one_byte(p, end, &said);
	return said == c ? after : NULL;
}

/* Only the last star needs to be tried again: what stands between two stars is
 * best matched as early as possible. */
bool
glob_segment(struct bytes pattern, struct bytes name)
{
	const unsigned char *p = (const unsigned char *)pattern.p;
	const unsigned char *end = p + pattern.n, *star = NULL, *next;
	const unsigned char *s = (const unsigned char *)name.p, *again = s;
	const unsigned char *stop = s + name.n;

	while (s < stop) {
		if (p < end && *p == '*') {
			star = ++p;
			again = s;
			continue;
		}
		next = p < end ? one_matches(p, end, *s) : NULL;
		if (next) {
			p = next;
			s++;
		} else if (star) {
			p = star;
			s = ++again;
		} else {
			return false;
		}
	}
	while (p < end && *p == '*')
		p++;
	return p == end;
}

/* ---- paths ---- */

/* Cuts the first segment off *rest. */
static struct bytes
cut_segment(struct bytes *rest)
{
	const char *slash = rest->n ? memchr(rest->p, '/', rest->n) : NULL;
	struct bytes s = { rest->p, slash ? (size_t)(slash - rest->p) :
	    rest->n };
	size_t used = s.n + (slash != NULL);

	*rest = (struct bytes){ rest->p + used, rest->n - used };
	return s;
}

static bool
is_any_depth(struct bytes segment)
{
	return segment.n == 2 && memcmp(segment.p, "**", 2) == 0;
}

/* The same once more, with "**" for the star and segments for bytes; at the end
 * it stands for one or more, elsewhere for none or more. */
static bool
path_matches(struct bytes pattern, struct bytes path)
{
	struct bytes starred = { NULL, 0 }, again = path;

	while (path.n > 0) {
		struct bytes p = pattern, s = path, segment;

		segment = cut_segment(&p);
		if (pattern.n > 0 && is_any_depth(segment)) {
			if (p.n == 0)
				return true;
			starred = pattern = p;
			again = path;
			continue;
		}
		if (pattern.n > 0 && glob_segment(segment, cut_segment(&s))) {
			pattern = p;
			path = s;
		} else if (starred.p) {
			pattern = starred;
			cut_segment(&again);
			path = again;
		} else {
			return false;
		}
	}
	return pattern.n == 0;
}

static struct bytes
last_segment(struct bytes path)
{
	size_t n = path.n;

	while (n > 0 && path.p[n - 1] != '/')
		n--;
	return (struct bytes){ path.p + n, path.n - n };
}

enum glob_answer
globs_ask(const struct globs *g, struct bytes path, bool directory)
{
	struct bytes name = last_segment(path);

	for (size_t i = g->n; i > 0; i--) {
		const struct glob *v = &g->v[i - 1];
		struct bytes text = { v->text, v->n };

		if (v->directories && !directory)
			continue;
		if (v->anchored ? path_matches(text, path) :
		    glob_segment(text, name))
			return v->takes_back ? GLOB_INCLUDED : GLOB_EXCLUDED;
	}
	return GLOB_NONE;
}

/* ---- reading ---- */

/* Blanks at the end go, unless a backslash stands before the last one. */
static size_t
without_blanks(struct bytes s)
{
	size_t n = s.n;

	while (n > 0 && s.p[n - 1] == ' ' &&
	    !(n > 1 && s.p[n - 2] == '\\'))
		n--;
	return n;
}

static void
add(struct globs *g, struct bytes line, bool takes_back)
{
	struct glob *v;
	bool directories;

	line.n = without_blanks(line);
	directories = line.n > 0 && line.p[line.n - 1] == '/';
	line.n -= directories;
	if (line.n == 0)
		return;
	if (g->n == g->cap) {
		g->cap = g->cap ? 2 * g->cap : 8;
		g->v = mem_grow(g->v, g->cap, sizeof(*g->v));
	}
	v = &g->v[g->n++];
	v->takes_back = takes_back;
	v->directories = directories;
	v->anchored = memchr(line.p, '/', line.n) != NULL;
	if (line.p[0] == '/')
		line = (struct bytes){ line.p + 1, line.n - 1 };
	v->text = mem_dup(line.p, line.n);
	v->n = line.n;
}

void
globs_add(struct globs *g, struct bytes line)
{
	bool takes_back = line.n > 0 && line.p[0] == '!';

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n == 0 || line.p[0] == '#')
		return;
	add(g, (struct bytes){ line.p + takes_back, line.n - takes_back },
	    takes_back);
}

void
globs_add_included(struct globs *g, struct bytes line)
{
	add(g, line, true);
}

void
globs_add_exact(struct globs *g, struct bytes path)
{
	struct buf line = { 0 };

	buf_addc(&line, '/');
	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] != '/')
			buf_addc(&line, '\\');
		buf_addc(&line, path.p[i]);
	}
	add(g, (struct bytes){ line.p, line.len }, false);
	buf_release(&line);
}

void
globs_add_lines(struct globs *g, struct bytes text)
{
	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) : text.n;

		globs_add(g, (struct bytes){ text.p, n });
		n += end != NULL;
		text = (struct bytes){ text.p + n, text.n - n };
	}
}

void
globs_release(struct globs *g)
{
	for (size_t i = 0; i < g->n; i++)
		free(g->v[i].text);
	free(g->v);
	*g = (struct globs){ 0 };
}
