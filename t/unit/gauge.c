/* What looks at a handler that runs make known. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "engine/gauge.h"
#include "engine/usage.h"
#include "tap.h"

#define S NS_PER_S
#define MIB ((int64_t)1 << 20)

static void
of_known_looks(void)
{
	struct gauge g = { 0 };
	struct footprint f = gauge_end(&g, 100 * S, 9 * S, 9 * S);

	ok(f.cpu_peak < 0 && f.memory_mean < 0,
		"nobody has looked, and nothing is known");
	gauge_look(&g, 100 * S, 101 * S, S / 2, 10 * MIB);
	gauge_look(&g, 100 * S, 102 * S, S / 2 + 3 * S, 40 * MIB);
	gauge_look(&g, 100 * S, 104 * S, S / 2 + 4 * S, 10 * MIB);
	is_int(g.memory, 10 * MIB, "what it takes now");
	f = gauge_end(&g, 100 * S, 5 * S, 5 * S);
	is_int(f.memory_mean, 20 * MIB, "the mean of what was seen");
	is_int((int64_t)f.cpu_peak, 300, "three cores for a second");
}

static void
of_what_comes_last(void)
{
	struct gauge g = { 0 };

	gauge_look(&g, 0, S, 0, MIB);
	is_int((int64_t)gauge_end(&g, 0, 2 * S, 2 * S).cpu_peak, 200,
		"what came after the last look counts");
	is_int((int64_t)gauge_end(&g, 0, S + S / 10, S).cpu_peak, 90,
		"but not a time that is too short: it is the average then");
	is_int((int64_t)gauge_end(&g, 0, 2 * S, -1).cpu_peak, 0,
		"what it has used in the end need not be known");
	gauge_look(&g, 0, 2 * S, S, MIB);
	gauge_look(&g, 0, 3 * S, S / 2, MIB);
	is_int((int64_t)gauge_end(&g, 0, 3 * S, S / 2).cpu_peak, 100,
		"who is gone takes his time with him, and no harm is done");
}

/* A large process, and so many below it; each says when it is that. */
static void
be_large(int below, int ready)
{
	char *room;

	while (below-- > 0 && fork() == 0)
		;
	room = mem_alloc((size_t)(32 * MIB));
	for (int64_t i = 0; i < 32 * MIB; i += 512)
		((volatile char *)room)[i] = 1;
	if (write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void
of_a_tree(void)
{
	struct gauge g = { 0 };
	struct pids roots = { NULL, 0, 0 };
	struct usage gone, alone;
	struct tree t;
	int ready[2];
	char said;

	tree_open(&t, NULL, NULL);
	usage_none(&gone);
	usage_glance(getpid(), &alone);
	if (alone.max_rss < 0) {
		ok(true, "# SKIP the system does not tell");
		tree_close(&t);
		return;
	}
	if (pipe(ready) != 0)
		exit(1);
	pids_add(&roots, fork());
	if (roots.v[0] == 0) {
		setpgid(0, 0);
		be_large(1, ready[1]);
	}
	ok(read(ready[0], &said, 1) == 1 && read(ready[0], &said, 1) == 1,
		"both are there");
	gauge_read(&g, &t, &roots, &gone, 0, S);
	/* and what each has of the program */
	ok(g.looks == 1 && g.memory > 64 * MIB &&
		g.memory < 64 * MIB * 21 / 20 + 2 * alone.max_rss,
		"%lld bytes of two processes", (long long)g.memory);
	kill(-roots.v[0], SIGKILL);
	waitpid(roots.v[0], NULL, 0);
	gauge_read(&g, &t, &roots, &gone, 0, 2 * S);
	ok(g.looks == 1, "one that is gone is not looked at");
	pids_release(&roots);
	tree_close(&t);
}

int
main(void)
{
	of_known_looks();
	of_what_comes_last();
	of_a_tree();
	return done();
}
