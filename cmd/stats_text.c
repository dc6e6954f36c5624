/* The report of iq-stats for people: fits 80 columns and 24 lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "stats.h"

/* No line may break: what does not fit is not shown. */
static void
put_line(const struct report *r, struct buf *b)
{
	report_clip(r, b);
	report_line(b);
}

static void
line_head(struct buf *b, const char *name)
{
	buf_addf(b, "%-11s", name);
}

/* "6.1 MB": powers of 1000, as the target is said */
static void
add_megabytes(struct buf *b, double bytes)
{
	buf_addf(b, "%.*f MB/s", bytes < 1e5 ? 3 : 1, bytes / 1e6);
}

static void
first_line(const struct summary *s, const struct report *r,
	struct buf *b)
{
	line_head(b, "queue");
	text_escape(b, bytes_of(store_path(s->store)));
	if (s->type)
		buf_addf(b, "  type %s", s->type);
	put_line(r, b);
	line_head(b, "at");
	time_format(b, s->stats.sampled);
	buf_adds(b, ", of the last ");
	duration_human(b, s->stats.sampled - s->stats.since);
	put_line(r, b);
}

static void
workers(const struct summary *s, const struct report *r, struct buf *b)
{
	int64_t slots, active;
	size_t alive = 0, overdue = 0;

	summary_slots(s, &slots, &active);
	for (size_t i = 0; i < s->stats.nworkers; i++) {
		alive += s->stats.workers[i].alive;
		overdue += s->stats.workers[i].overdue;
	}
	line_head(b, "permits");
	buf_addf(b, "%lld of %lld in use, %zu %s", (long long)active,
	    (long long)slots, alive, alive == 1 ? "process" : "processes");
	if (s->stats.nworkers > alive)
		buf_addf(b, ", %zu dead", s->stats.nworkers - alive);
	if (overdue)
		buf_addf(b, ", %zu OVERDUE", overdue);
	if (s->stats.total.paused)
		buf_adds(b, "; the whole queue is PAUSED");
	put_line(r, b);
}

static void
depth(const struct summary *s, const struct report *r, struct buf *b)
{
	const struct depth *d = &s->stats.total.depth;

	line_head(b, "depth");
	buf_addf(b, "ready %lld  delayed %lld  waiting %lld  running %lld  "
	    "quarantined %lld", (long long)d->ready, (long long)d->delayed,
	    (long long)d->waiting, (long long)d->running,
	    (long long)d->quarantined);
	put_line(r, b);
	line_head(b, "");
	buf_addf(b, "succeeded %lld  cancelled %lld  oldest ready ",
	    (long long)d->succeeded, (long long)d->cancelled);
	if (d->oldest_ready)
		duration_human(b, s->stats.sampled > d->oldest_ready ?
		    s->stats.sampled - d->oldest_ready : 0);
	else
		buf_addc(b, '-');
	put_line(r, b);
}

static void
throughput(const struct summary *s, const struct report *r,
	struct buf *b)
{
	const struct type_stats *t = &s->stats.total;
	double bytes = summary_rate(s, t->bytes);

	line_head(b, "throughput");
	if (bytes < 0) {
		buf_adds(b, "-");
	} else {
		buf_addf(b, "%.1f jobs/s  %.1f files/s  ", summary_rate(s,
		    t->counter[METRIC_SUCCEEDED]), summary_rate(s,
		    t->dist[METRIC_INPUT].count));
		add_megabytes(b, bytes);
		buf_adds(b, bytes >= (double)s->target ? "  meets " :
		    t->depth.ready + t->depth.running == 0 ?
		    "  idle now; target " : "  below ");
		add_megabytes(b, (double)s->target);
	}
	put_line(r, b);
}

static void
counters(const struct summary *s, const struct report *r, struct buf *b)
{
	const struct type_stats *t = &s->stats.total;
	double success = summary_success(t);

	line_head(b, "intake");
	for (int m = METRIC_ENQUEUED; m <= METRIC_REJECTED; m++)
		buf_addf(b, "%s %lld  ", metric_name(m),
		    (long long)t->counter[m]);
	if (s->total.active)
		buf_adds(b, "FULL");
	while (b->p[b->len - 1] == ' ')
		b->len--;
	put_line(r, b);
	line_head(b, "outcomes");
	for (int m = METRIC_SUCCEEDED; m <= METRIC_CRASHED; m++)
		buf_addf(b, "%s %lld  ", metric_name(m),
		    (long long)t->counter[m]);
	if (success >= 0)
		buf_addf(b, "(%.1f %%)", success);
	while (b->p[b->len - 1] == ' ')
		b->len--;
	put_line(r, b);
}

static void
add_measure(struct table *t, enum metric m, int64_t v, bool known)
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

static void
distributions(const struct summary *s, const struct report *r)
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
	struct table t;

	table_init(&t, columns, sizeof(columns) / sizeof(*columns), r);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		enum metric m = rows[i].metric;
		const struct distribution *d = &s->stats.total.dist[m];

		table_cell(&t, "%s", rows[i].name);
		table_cell(&t, "%lld", (long long)d->count);
		add_measure(&t, m, (int64_t)d->mean, d->count > 0);
		add_measure(&t, m, d->p50, d->count > 0);
		add_measure(&t, m, d->p95, d->count > 0);
		add_measure(&t, m, d->p99, d->count > 0);
		add_measure(&t, m, d->max, d->count > 0);
	}
	table_flush(&t);
	table_release(&t);
}

static void
machine(const struct summary *s, const struct report *r, struct buf *b)
{
	const struct machine *m = &s->machine;

	line_head(b, "system");
	if (s->cpu_percent >= 0)
		buf_addf(b, "load %.0f %%  ", s->cpu_percent);
	if (m->memory > 0) {
		buf_adds(b, "free memory ");
		size_human(b, m->memory_available);
		buf_adds(b, "  ");
	}
	if (s->disk > 0) {
		buf_adds(b, "free disk ");
		size_human(b, s->disk_free);
		buf_adds(b, "  ");
	}
	if (m->pressure_io >= 0)
		buf_addf(b, "PSI %.0f/%.0f/%.0f", m->pressure_cpu,
		    m->pressure_memory, m->pressure_io);
	while (b->p[b->len - 1] == ' ')
		b->len--;
	put_line(r, b);
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
	add_measure(table, METRIC_DURATION, d->p95, d->count > 0);
	table_cell(table, "%s%s%s", t->paused ? "paused " : "",
	    t->breaker ? "breaker " : "", full ? "full" : "");
}

/* By name; the busiest only when there are not lines for all. */
static void
types(const struct summary *s, const struct report *r, size_t lines)
{
	static const struct column columns[] = {
		{ "TYPE", false, 26 }, { "READY", true, 0 },
		{ "RUN", true, 0 }, { "DONE", true, 0 }, { "FAILED", true, 0 },
		{ "QUAR", true, 0 }, { "P95 RUN", true, 0 },
		{ "STATE", false, 0 },
	};
	size_t n = s->stats.ntypes, shown = n > lines ? lines - 1 : n;
	const struct type_stats **order;
	struct table table;

	if (n == 0)
		return;
	order = mem_alloc(n * sizeof(*order));
	for (size_t i = 0; i < n; i++)
		order[i] = &s->stats.types[i];
	if (shown < n)
		qsort(order, n, sizeof(*order), busier_first);
	table_init(&table, columns, sizeof(columns) / sizeof(*columns), r);
	for (size_t i = 0; i < shown; i++)
		add_type(&table, s, order[i]);
	table_flush(&table);
	table_release(&table);
	free(order);
	if (shown < n)
		printf("... and %zu more types\n", n - shown);
}

static void
add_host(struct table *t, const struct worker_stats *w)
{
	struct buf beat = { 0 }, types = { 0 };

	if (w->alive)
		duration_human(&beat, w->silent > 0 ? w->silent : 0);
	else
		buf_adds(&beat, "dead");
	if (w->overdue)
		buf_adds(&beat, " OVERDUE");
	for (size_t i = 0; i < w->serves.n; i++)
		buf_addf(&types, "%s%s", i ? " " : "", w->serves.types[i]);
	table_cell(t, "%lld", (long long)w->id);
	table_cell(t, "%s", w->host);
	table_cell(t, "%d", w->pid);
	table_cell(t, "%d", w->running);
	table_cell(t, "%d", w->limit);
	table_bytes(t, (struct bytes){ beat.p, beat.len });
	table_cell(t, "%s", types.len ? types.p : "all");
	buf_release(&beat);
	buf_release(&types);
}

static void
hosts(const struct summary *s, const struct report *r)
{
	static const struct column columns[] = {
		{ "WORKER", true, 0 }, { "HOST", false, 30 },
		{ "PID", true, 0 }, { "RUN", true, 0 }, { "LIMIT", true, 0 },
		{ "BEAT", true, 0 }, { "TYPES", false, 0 },
	};
	struct table t;

	table_init(&t, columns, sizeof(columns) / sizeof(*columns), r);
	for (size_t i = 0; i < s->stats.nworkers; i++)
		add_host(&t, &s->stats.workers[i]);
	table_flush(&t);
	table_release(&t);
}

#define LINES_AROUND 20		/* all but the types: their header and a prompt, too */

void
stats_text(const struct summary *s, const struct report *r)
{
	size_t lines = r->height == 0 ? SIZE_MAX :
	    r->height > LINES_AROUND + 1 ? r->height - LINES_AROUND : 1;
	struct buf b = { 0 };

	first_line(s, r, &b);
	workers(s, r, &b);
	depth(s, r, &b);
	throughput(s, r, &b);
	counters(s, r, &b);
	machine(s, r, &b);
	report_line(&b);
	if (s->by == BY_FAILURE) {
		failures_text(&s->failures, r, lines);
	} else {
		distributions(s, r);
		report_line(&b);
		if (s->by == BY_HOST)
			hosts(s, r);
		else
			types(s, r, lines);
	}
	buf_release(&b);
}
