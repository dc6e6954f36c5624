/* Numbers that follow from those that were read. */
#include <string.h>

#include "stats.h"

double
summary_rate(const struct summary *s, int64_t n)
{
	return s->window > 0 && n >= 0 ? (double)n / s->window : -1;
}

double
summary_files(const struct summary *s, const struct type_stats *t)
{
	return summary_rate(s, t->bytes < 0 ? -1 :
	    t->dist[METRIC_INPUT].count);
}

double
summary_success(const struct type_stats *t)
{
	int64_t good = t->counter[METRIC_SUCCEEDED];
	int64_t all = good + t->counter[METRIC_FAILED] +
	    t->counter[METRIC_CRASHED];

	return all ? 100.0 * (double)good / (double)all : -1;
}

double
summary_fairness(const struct summary *s)
{
	double sum = 0, squares = 0;
	size_t n = 0;

	for (size_t i = 0; i < s->stats.ntypes; i++) {
		const struct type_stats *t = &s->stats.types[i];
		double x = (double)t->dist[METRIC_DURATION].sum / t->weight;

		if (x > 0 || t->depth.ready > 0) {
			sum += x;
			squares += x * x;
			n++;
		}
	}
	return squares > 0 ? sum * sum / ((double)n * squares) : -1;
}

int64_t
summary_oldest(const struct summary *s, const struct depth *d)
{
	int64_t age = s->stats.sampled - d->oldest_ready;

	return d->oldest_ready == 0 ? -1 : age > 0 ? age : 0;
}

static void
add_watcher(struct watch_sum *to, const struct watcher_stats *w, bool first)
{
	const struct watcher_health *h = &w->health;

	if (first)
		*to = (struct watch_sum){ .healthy = true,
		    .coverage = h->coverage, .source = h->source,
		    .debounce = h->debounce, .batch = h->batch };
	to->healthy &= h->healthy;
	if (h->coverage < to->coverage)
		to->coverage = h->coverage;
	if (to->source && strcmp(to->source, h->source) != 0)
		to->source = NULL;
	if (to->debounce != h->debounce)
		to->debounce = -1;
	if (to->batch != h->batch)
		to->batch = -1;
	to->pending += w->alive ? h->pending : 0;
	to->dead += !w->alive;
	to->unwell += w->alive && !h->healthy;
	if (h->healthy && h->reason)
		to->misses = h->reason;
}

void
summary_watch(const struct summary *s, struct watch_sum *out)
{
	for (size_t i = 0; i < s->stats.nwatchers; i++)
		add_watcher(out, &s->stats.watchers[i], i == 0);
}

void
summary_slots(const struct summary *s, int64_t *slots, int64_t *active)
{
	*slots = *active = 0;
	for (size_t i = 0; i < s->stats.nworkers; i++) {
		const struct worker_stats *w = &s->stats.workers[i];

		if (w->alive)
			*slots += w->limit;
		/* what a dead worker left running still holds its place */
		*active += w->running;
	}
}

bool
stats_only_parent(const struct stats *s, const struct type_stats *t)
{
	const struct depth *d = &t->depth;
	int64_t any = d->ready | d->delayed | d->waiting | d->running |
	    d->quarantined | d->succeeded | d->cancelled;
	size_t n = strlen(t->type);

	for (int m = 0; m < METRIC_END; m++)
		any |= t->counter[m];
	for (size_t i = 0; any == 0 && !t->pause_own && !t->breaker &&
	    i < s->ntypes; i++) {
		const char *name = s->types[i].type;

		if (strncmp(name, t->type, n) == 0 && name[n] == '/')
			return true;
	}
	return false;
}
