#include "engine/gauge.h"

#include "base/clock.h"
#include "engine/usage.h"

/* CPU time of what runs is told in hundredths of a second, so a shorter time
 * says too little. */
#define SHORT (NS_PER_S / 2)

static double
percent(int64_t cpu, int64_t took)
{
	return took > 0 ? 100 * (double)cpu / (double)took : 0;
}

static double
larger(double a, double b)
{
	return a > b ? a : b;
}

/* A process that nobody has waited for yet takes its time with it: from one
 * look to the next it may seem that time was given back. */
static void
grow(struct gauge *g, int64_t started, int64_t now, int64_t cpu)
{
	int64_t since = g->at ? g->at : started;

	if (now - since < SHORT)
		return;
	g->cpu_peak = larger(g->cpu_peak, percent(cpu - g->cpu, now - since));
	g->at = now;
	g->cpu = cpu;
}

void
gauge_look(struct gauge *g, int64_t started, int64_t now, int64_t cpu,
	int64_t memory)
{
	g->looks++;
	g->memory = memory;
	g->memory_sum += (double)memory;
	grow(g, started, now, cpu);
}

void
gauge_read(struct gauge *g, struct tree *t, const struct pids *roots,
	const struct usage *gone, int64_t started, int64_t now)
{
	struct pids found = { NULL, 0, 0 };
	struct usage all = *gone, one;
	int64_t memory = 0;

	for (size_t i = 0; i < roots->n; i++) {
		pids_add(&found, roots->v[i]);
		tree_below(t, roots->v[i], &found);
	}
	for (size_t i = 0; i < found.n; i++) {
		usage_glance(found.v[i], &one);
		usage_add(&all, &one);
		memory += one.max_rss > 0 ? one.max_rss : 0;
	}
	pids_release(&found);
	if (memory > 0)
		gauge_look(g, started, now, all.cpu, memory);
}

struct footprint
gauge_end(const struct gauge *g, int64_t started, int64_t took, int64_t cpu)
{
	struct gauge last = *g;

	if (g->looks == 0)
		return (struct footprint)FOOTPRINT_NONE;
	if (cpu >= 0)
		grow(&last, started, started + took, cpu);
	/* it was at least once as fast as on average */
	return (struct footprint){
		.cpu_peak = larger(last.cpu_peak, percent(cpu, took)),
		.memory_mean = (int64_t)(g->memory_sum / (double)g->looks) };
}
