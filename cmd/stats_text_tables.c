/* The tables of the report for people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "stats_text.h"

void
stats_text_measure(struct table *t, enum metric m, int64_t v, bool known)
{
	struct buf b = { 0 };

	if (!known)
		buf_addc(&b, '-');
	else if (m == METRIC_WAIT || m == METRIC_DURATION || m == METRIC_CPU)
		duration_human(&b, v);
	else
		size_human(&b, v);
	table_bytes(t, (struct bytes){ b.p, b.len });
	buf_release(&b);
}

void
stats_text_distributions(const struct summary *s, const struct report *r,
	size_t n)
{
	static const struct column columns[] = {
		{ "           ", false, 0 }, { "    COUNT", true, 0 },
		{ "     MEAN", true, 0 }, { "      P50", true, 0 },
		{ "      P95", true, 0 }, { "      P99", true, 0 },
		{ "      MAX", true, 0 },
	};
	static const struct {
		enum metric metric;
		const char *name;
	} rows[] = {
		{ METRIC_WAIT, "queue wait" }, { METRIC_DURATION, "run time" },
		{ METRIC_CPU, "CPU time" }, { METRIC_MAX_RSS, "memory" },
		{ METRIC_READ, "read" }, { METRIC_WRITTEN, "written" },
	};
	static const int spare[] = { 2, 6, 4, 1, 3, -1 };
	struct table t;

	table_init(&t, columns, sizeof(columns) / sizeof(*columns), r);
	table_spare(&t, spare);
	for (size_t i = 0; i < n && i < sizeof(rows) / sizeof(*rows); i++) {
		enum metric m = rows[i].metric;
		const struct distribution *d = &s->stats.total.dist[m];

		table_cell(&t, "%s", rows[i].name);
		table_cell(&t, "%lld", (long long)d->count);
		stats_text_measure(&t, m, (int64_t)d->mean, d->count > 0);
		stats_text_measure(&t, m, d->p50, d->count > 0);
		stats_text_measure(&t, m, d->p95, d->count > 0);
		stats_text_measure(&t, m, d->p99, d->count > 0);
		stats_text_measure(&t, m, d->max, d->count > 0);
	}
	table_flush(&t);
	table_release(&t);
}

/* What runs, what waits and what was done, in that order of weight */
static int
busier_first(const void *va, const void *vb)
{
	const struct type_stats *a = *(const struct type_stats *const *)va;
	const struct type_stats *b = *(const struct type_stats *const *)vb;
	int64_t d = b->depth.running - a->depth.running;

	if (d == 0)
		d = b->depth.ready - a->depth.ready;
	if (d == 0)
		d = b->counter[METRIC_SUCCEEDED] -
		    a->counter[METRIC_SUCCEEDED];
	return d ? (d > 0 ? 1 : -1) : strcmp(a->type, b->type);
}

static void
add_type(struct table *table, const struct summary *s,
	const struct type_stats *t)
{
	const struct distribution *d = &t->dist[METRIC_DURATION];
	bool full = s->types[t - s->stats.types].active;

	table_cell(table, "%s", t->type);
	table_cell(table, "%lld", (long long)t->depth.ready);
	table_cell(table, "%lld", (long long)t->depth.running);
	table_cell(table, "%lld", (long long)t->counter[METRIC_SUCCEEDED]);
	table_cell(table, "%lld", (long long)t->counter[METRIC_FAILED]);
	table_cell(table, "%lld", (long long)t->depth.quarantined);
	stats_text_measure(table, METRIC_DURATION, d->p95, d->count > 0);
	table_cell(table, "%s%s%s%s", t->paused ? "paused " : "",
	    t->breaker ? "breaker " : "", t->starved ? "starved " : "",
	    full ? "full" : "");
}

void
stats_text_table(const struct summary *s, const struct report *r,
	const struct type_stats *const *types, size_t n)
{
	static const struct column columns[] = {
		{ "TYPE", false, 26 }, { "READY", true, 0 },
		{ "RUN", true, 0 }, { "DONE", true, 0 }, { "FAILED", true, 0 },
		{ "QUAR", true, 0 }, { "P95 RUN", true, 0 },
		{ "STATE", false, 0 },
	};
	static const int spare[] = { 6, 5, 3, 4, 2, -1 };
	struct table table;

	table_init(&table, columns, sizeof(columns) / sizeof(*columns), r);
	table_spare(&table, spare);
	for (size_t i = 0; i < n; i++)
		add_type(&table, s, types[i]);
	table_flush(&table);
	table_release(&table);
}

/* By name; the busiest only when there are not lines for all. */
void
stats_text_types(const struct summary *s, const struct report *r, size_t lines)
{
	size_t n = 0, shown;
	const struct type_stats **order;
	struct buf more = { 0 };

	if (s->stats.ntypes == 0)
		return;
	order = mem_alloc(s->stats.ntypes * sizeof(*order));
	for (size_t i = 0; i < s->stats.ntypes; i++)
		if (!stats_only_parent(&s->stats, &s->stats.types[i]))
			order[n++] = &s->stats.types[i];
	shown = n > lines ? lines - 1 : n;
	if (shown < n)
		qsort(order, n, sizeof(*order), busier_first);
	stats_text_table(s, r, order, shown);
	free(order);
	if (shown < n) {
		buf_addf(&more, "... and %zu more types", n - shown);
		report_put(r, &more);
	}
	buf_release(&more);
}
