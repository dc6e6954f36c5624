/*
 * What a worker sees of its machine and its handlers, once a second.
 *
 * Only handlers that have run for that long are looked at, so that those that
 * do not cost nothing, and for at most a part of its time: to look at one takes
 * some 10 us for each of its processes, and one that has very many is looked at
 * less often.  A co-process is not: whose its memory is could not be told.
 */
#include <math.h>

#include "base/machine.h"
#include "engine/worker_state.h"

#define OLD NS_PER_S
#define AT_ONCE (5 * NS_PER_MS)
#define REST 199		/* times as long: a two-hundredth of its time */

static void
look_at_machine(struct worker *w)
{
	struct machine m;

	machine_read(&m);
	/* a whole number takes one byte of a row */
	w->conditions.system_cpu = (int)lround(machine_cpu_percent());
	w->conditions.system_memory = (int)lround(machine_memory_percent(&m));
}

static bool
is_old(const struct worker *w, const struct slot *s)
{
	return s->stage == SLOT_RUNNING && s->run.talk == NULL &&
		w->now - s->run.started_boot >= OLD;
}

/* In turn, beginning with whom there was no time for */
static void
look_at_handlers(struct worker *w)
{
	int64_t began = clock_boot(&clock_system), now = began;

	for (size_t n = 0; n < w->nslots && now - began < AT_ONCE; n++) {
		struct slot *s = w->slots[w->gauge_slot++ % w->nslots];

		if (!is_old(w, s))
			continue;
		slot_roots(w, s);
		gauge_read(&s->run.gauge, &w->tree, &w->roots, &s->run.usage,
			s->run.started_boot, now);
		now = clock_boot(&clock_system);
	}
	w->gauge_at = now + (now - began) * REST;
}

void
worker_look_around(struct worker *w)
{
	look_at_machine(w);
	if (w->gauge_at <= w->now)
		look_at_handlers(w);
}
