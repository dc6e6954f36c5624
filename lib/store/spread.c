#include "store/spread.h"

#include <stdlib.h>

void
spread_add(struct spread *s, const struct sum *v)
{
	struct sum *to = &s->sum;

	if (v->n == 0)
		return;
	if (to->n == 0 || v->min < to->min)
		to->min = v->min;
	if (to->n == 0 || v->max > to->max)
		to->max = v->max;
	to->n += v->n;
	to->sum += v->sum;
}

int64_t *
spread_counts(struct spread *s)
{
	if (s->count == NULL)
		s->count = mem_zero(HIST_BUCKETS, sizeof(*s->count));
	return s->count;
}

void
spread_add_spread(struct spread *s, const struct spread *more)
{
	int64_t *to = more->count ? spread_counts(s) : NULL;

	for (int i = 0; to && i < HIST_BUCKETS; i++)
		to[i] += more->count[i];
}

void
spread_distribution(const struct spread *s, struct distribution *d)
{
	struct hist_row *rows;
	size_t n = 0;

	d->count = s->sum.n;
	if (s->sum.n == 0)
		return;
	d->min = s->sum.min;
	d->max = s->sum.max;
	d->sum = s->sum.sum;
	d->mean = (double)s->sum.sum / (double)s->sum.n;
	rows = mem_alloc(HIST_BUCKETS * sizeof(*rows));
	for (int i = 0; s->count && i < HIST_BUCKETS; i++)
		if (s->count[i])
			rows[n++] = (struct hist_row){ i, s->count[i] };
	d->p50 = hist_quantile(rows, n, 0.50, d->min, d->max);
	d->p95 = hist_quantile(rows, n, 0.95, d->min, d->max);
	d->p99 = hist_quantile(rows, n, 0.99, d->min, d->max);
	free(rows);
}

/* Each attempt that is measured has a run time. */
int64_t
spread_bytes(const struct spread *distributions, const int64_t *counters)
{
	if (counters[METRIC_SUCCEEDED] > distributions[METRIC_DURATION].sum.n)
		return -1;
	return distributions[METRIC_INPUT].sum.sum +
	    counters[METRIC_INGESTED];
}

void
spread_release(struct spread *s)
{
	free(s->count);
	*s = (struct spread){ 0 };
}
