/* Which types are listed, and in what order. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "top.h"

static int64_t
value(const struct type_stats *t, const char *sort)
{
	const struct distribution *run = &t->dist[METRIC_DURATION];

	switch (sort[0]) {
	case 'd':
		return t->counter[METRIC_SUCCEEDED];
	case 'f':
		return t->counter[METRIC_FAILED];
	case 'q':
		return t->depth.quarantined;
	case 'p':
		return run->count ? run->p95 : -1;
	default:
		return strcmp(sort, "ready") == 0 ? t->depth.ready :
		    t->depth.running;
	}
}

static int
compare(const void *va, const void *vb, void *ctx)
{
	const struct type_stats *a = *(const struct type_stats *const *)va;
	const struct type_stats *b = *(const struct type_stats *const *)vb;
	const struct top *t = ctx;
	const char *sort = top_sort(t);
	bool back = t->descending[t->view];
	int64_t x, y;

	if (sort[0] == 'n')
		return back ? strcmp(b->type, a->type) :
		    strcmp(a->type, b->type);
	x = value(a, sort);
	y = value(b, sort);
	if (x != y)
		return (x < y) != back ? -1 : 1;
	return strcmp(a->type, b->type);
}

size_t
top_types(const struct top *t, const struct stats *s,
	const struct type_stats **out)
{
	struct buf pattern = { 0 };
	size_t n = 0;

	top_pattern(t, &pattern);
	for (size_t i = 0; i < s->ntypes; i++)
		if (!stats_only_parent(s, &s->types[i]) &&
		    (pattern.len == 0 ||
		    fnmatch(pattern.p, s->types[i].type, 0) == 0))
			out[n++] = &s->types[i];
	buf_release(&pattern);
	qsort_r(out, n, sizeof(*out), compare, (void *)(uintptr_t)t);
	return n;
}
