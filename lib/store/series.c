/* Telemetry over time: a window in pieces of equal length. */
#include <stdlib.h>
#include <string.h>

#include "rules/period.h"
#include "store/drawing.h"
#include "store/spread.h"

struct bin {
	struct spread spread[METRIC_DISTRIBUTIONS];	/* those shown */
	int64_t looks;
};

struct drawing {
	struct span_reader reader;
	struct series *out;
	struct bin *bins;
	bool *wanted;		/* by the id of the type */
	int64_t ntypes;
	bool all;
};

static bool
is_wanted(const struct drawing *d, int64_t type)
{
	return type >= 0 && type < d->ntypes && d->wanted[type];
}

/* What was rolled up belongs where it begins. */
static size_t
place(const struct drawing *d, int64_t period)
{
	const struct series *v = d->out;
	int64_t at = (period_start(period) - v->bins[0].start) / v->step;

	return at < 0 ? 0 : at >= (int64_t)v->n ? v->n - 1 : (size_t)at;
}

/* Rows of type 0 are of all types, and written whenever somebody looks. */
static void
add_depth(struct drawing *d, size_t at, int64_t type, int64_t metric,
	const struct sum *v)
{
	if (type == 0 && metric == METRIC_READY)
		d->bins[at].looks += v->n;
	if (d->all ? type == 0 : is_wanted(d, type))
		d->out->bins[at].depth[metric - METRIC_READY] +=
		    (double)v->sum;
}

static void
add_metric(void *ctx, int64_t period, int64_t type, int64_t metric,
	const struct sum *v)
{
	struct drawing *d = ctx;
	size_t at = place(d, period);

	if (metric >= METRIC_READY && metric <= METRIC_IN_QUARANTINE)
		add_depth(d, at, type, metric, v);
	else if (!is_wanted(d, type) || metric <= 0 || metric >= METRIC_END)
		return;
	else if (metric < METRIC_DISTRIBUTIONS)
		spread_add(&d->bins[at].spread[metric], v);
	else
		d->out->bins[at].counter[metric] += v->n;
}

static int64_t *
buckets_of(void *ctx, int64_t period, int64_t type, int64_t metric)
{
	struct drawing *d = ctx;

	return is_wanted(d, type) ? spread_counts(&d->bins[place(d, period)].
	    spread[metric]) : NULL;
}

static void
choose_types(struct drawing *d, const struct catalog *all, const char *type)
{
	for (size_t i = 0; i < all->ntypes; i++)
		if (all->types[i]->id >= d->ntypes)
			d->ntypes = all->types[i]->id + 1;
	d->all = type == NULL;
	d->wanted = mem_zero((size_t)d->ntypes + 1, sizeof(*d->wanted));
	for (size_t i = 0; i < all->ntypes; i++)
		d->wanted[all->types[i]->id] = d->all ||
		    type_within(all->types[i]->name, type);
}

/* The shortest period that is kept for as long as that */
static enum period_kind
kind_since(int64_t since, int64_t now)
{
	if (since >= now - ROLLUP_MINUTES * period_length(PERIOD_IS_MINUTE))
		return PERIOD_IS_MINUTE;
	if (since >= now - ROLLUP_HOURS * period_length(PERIOD_IS_HOUR))
		return PERIOD_IS_HOUR;
	return PERIOD_IS_DAY;
}

static void
cut(struct drawing *d, int64_t since, int64_t now)
{
	enum period_kind kind = kind_since(since, now);
	int64_t start = period_start(period_of(kind, since));
	int64_t step = period_length(kind), n = (now - start) / step + 1;
	struct series *v = d->out;

	v->step = step * ((n + SERIES_MOST - 1) / SERIES_MOST);
	v->n = (size_t)((now - start) / v->step) + 1;
	v->bins = mem_zero(v->n, sizeof(*v->bins));
	d->bins = mem_zero(v->n, sizeof(*d->bins));
	for (size_t i = 0; i < v->n; i++) {
		int64_t end = start + v->step;

		v->bins[i].start = start;
		v->bins[i].covered = (end < now ? end : now) -
		    (start > since ? start : since);
		start = end;
	}
}

struct drawing *
drawing_begin(struct store *s, const struct stats_request *r, int64_t since,
	int64_t now, struct series *out)
{
	struct drawing *d = mem_zero(1, sizeof(*d));

	*out = (struct series){ 0 };
	d->out = out;
	d->reader = (struct span_reader){ .metric = add_metric,
	    .hist = buckets_of, .ctx = d,
	    .of = 1u << METRIC_WAIT | 1u << METRIC_DURATION };
	choose_types(d, &s->catalog, r->type);
	cut(d, since, now);
	return d;
}

struct span_reader *
drawing_reader(struct drawing *d)
{
	return &d->reader;
}

static void
finish_bin(struct bin *b, struct series_bin *out)
{
	spread_distribution(&b->spread[METRIC_WAIT], &out->wait);
	spread_distribution(&b->spread[METRIC_DURATION], &out->duration);
	out->bytes = spread_bytes(b->spread, out->counter);
	for (size_t i = 0; i < SERIES_DEPTHS; i++)
		out->depth[i] = b->looks ? out->depth[i] / (double)b->looks :
		    -1;
	for (int m = 0; m < METRIC_DISTRIBUTIONS; m++)
		spread_release(&b->spread[m]);
}

void
drawing_end(struct drawing *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->out->n; i++)
		finish_bin(&d->bins[i], &d->out->bins[i]);
	free(d->bins);
	free(d->wanted);
	free(d);
}

int
store_series(struct store *s, const struct stats_request *r,
	struct series *out, struct err *err)
{
	struct store_info info;
	struct drawing *d = NULL;
	struct span span;
	int64_t now = clock_wall(s->clock);
	int code;

	*out = (struct series){ 0 };
	code = store_info(s, &info, err);
	if (code == 0)
		code = read_begin(s, err);
	if (code)
		return code;
	code = span_since(s, r->since, &span, err);
	if (code == 0)
		d = drawing_begin(s, r, span_covered(&span, info.created, now),
		    now, out);
	read_end(s);
	if (code == 0)
		code = span_read(s, &span, drawing_reader(d), err);
	drawing_end(d);
	if (code)
		series_release(out);
	return code;
}

void
series_release(struct series *v)
{
	free(v->bins);
	*v = (struct series){ 0 };
}
