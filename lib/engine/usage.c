/* Adding up what the processes of a tree have used. */
#include "engine/usage.h"

void
usage_none(struct usage *u)
{
	*u = (struct usage)USAGE_NONE;
}

static int64_t
plus(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a + b;
}

void
usage_add(struct usage *sum, const struct usage *more)
{
	sum->cpu = plus(sum->cpu, more->cpu);
	if (more->max_rss > sum->max_rss) {
		sum->max_rss = more->max_rss;
		sum->source = more->source;
	}
	sum->read = plus(sum->read, more->read);
	sum->written = plus(sum->written, more->written);
	sum->io_operations = plus(sum->io_operations, more->io_operations);
}
