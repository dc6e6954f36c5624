/* The tables of iq-stats --html. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "stats_html.h"

static void
head(struct buf *b, const char *title, const char *columns)
{
	buf_addf(b, "<h2>%s</h2>\n<div class=\"table\"><table><tr>%s\n", title,
	    columns);
}

static void
foot(struct buf *b)
{
	buf_adds(b, "</table></div>\n");
}

static void
cell(struct buf *b, int64_t n, const char *where, size_t i, const char *what)
{
	buf_adds(b, "<td>");
	html_value(b, HTML_COUNT, (double)n, "%s.%zu.%s", where, i, what);
}

static void
measure(struct buf *b, enum html_kind kind, const struct distribution *d,
	double v, const char *where)
{
	buf_adds(b, "<td>");
	html_value(b, kind, d->count ? v : NAN, "%s", where);
}

static enum html_kind
kind_of(enum metric m)
{
	return m == METRIC_WAIT || m == METRIC_DURATION || m == METRIC_CPU ?
	    HTML_SECONDS : HTML_BYTES;
}

static void
add_distribution(struct buf *b, const char *name, enum metric m,
	const struct distribution *d)
{
	const struct {
		const char *name;
		double v;
	} columns[] = {
		{ "mean", floor(d->mean) }, { "min", (double)d->min },
		{ "p50", (double)d->p50 }, { "p95", (double)d->p95 },
		{ "p99", (double)d->p99 }, { "max", (double)d->max },
	};
	char where[64];

	buf_addf(b, "<tr><td class=\"l\">%s<td>", name);
	html_value(b, HTML_COUNT, (double)d->count, "%s.count",
	    metric_name(m));
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		snprintf(where, sizeof(where), "%s.%s", metric_name(m),
		    columns[i].name);
		measure(b, kind_of(m), d, columns[i].v, where);
	}
	buf_adds(b, "\n");
}

void
stats_html_distributions(struct buf *b, const struct summary *s)
{
	static const struct {
		enum metric metric;
		const char *name;
	} rows[] = {
		{ METRIC_WAIT, "queue wait" }, { METRIC_DURATION, "run time" },
		{ METRIC_CPU, "CPU time" }, { METRIC_MAX_RSS, "memory" },
		{ METRIC_READ, "read" }, { METRIC_WRITTEN, "written" },
	};

	head(b, "Attempts", "<th class=\"l\"><th>Count<th>Mean<th>Min<th>P50"
	    "<th>P95<th>P99<th>Max");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		add_distribution(b, rows[i].name, rows[i].metric,
		    &s->stats.total.dist[rows[i].metric]);
	foot(b);
}

static void
add_state(struct buf *b, const struct summary *s, size_t i)
{
	const struct type_stats *t = &s->stats.types[i];

	buf_adds(b, "<td class=\"l s\">");
	if (t->paused)
		buf_adds(b, "<span class=\"warn\">paused</span> ");
	if (t->breaker != BREAKER_IS_CLOSED)
		buf_addf(b, "<span class=\"bad\">breaker %s</span> ",
		    breaker_state_name(t->breaker));
	if (t->starved)
		buf_adds(b, "<span class=\"warn\">starved</span> ");
	if (s->types[i].active)
		buf_adds(b, "<span class=\"bad\">full</span>");
}

static void
add_type(struct buf *b, const struct summary *s, size_t i)
{
	const struct type_stats *t = &s->stats.types[i];
	const struct distribution *run = &t->dist[METRIC_DURATION];
	const struct distribution *wait = &t->dist[METRIC_WAIT];
	char where[64];

	buf_addf(b, "<tr><td class=\"l t\">%s", t->type);
	add_state(b, s, i);
	cell(b, t->depth.ready, "types", i, "depth.ready");
	cell(b, t->depth.delayed, "types", i, "depth.delayed");
	cell(b, t->depth.waiting, "types", i, "depth.waiting");
	cell(b, t->depth.running, "types", i, "depth.running");
	cell(b, t->depth.quarantined, "types", i, "depth.quarantined");
	cell(b, t->counter[METRIC_SUCCEEDED], "types", i,
	    "outcomes.succeeded");
	cell(b, t->counter[METRIC_FAILED], "types", i, "outcomes.failed");
	cell(b, t->counter[METRIC_CRASHED], "types", i, "outcomes.crashed");
	snprintf(where, sizeof(where), "types.%zu.duration_seconds.p50", i);
	measure(b, HTML_SECONDS, run, (double)run->p50, where);
	snprintf(where, sizeof(where), "types.%zu.duration_seconds.p95", i);
	measure(b, HTML_SECONDS, run, (double)run->p95, where);
	snprintf(where, sizeof(where), "types.%zu.wait_seconds.p95", i);
	measure(b, HTML_SECONDS, wait, (double)wait->p95, where);
	buf_adds(b, "\n");
}

void
stats_html_types(struct buf *b, const struct summary *s)
{
	if (s->stats.ntypes == 0)
		return;
	head(b, "Types", "<th class=\"l\">Type<th class=\"l\">State<th>Ready"
	    "<th>Delayed<th>Waiting<th>Running<th>Quarantined<th>Succeeded"
	    "<th>Failed<th>Crashed<th>Run P50<th>Run P95<th>Wait P95");
	for (size_t i = 0; i < s->stats.ntypes; i++)
		if (!stats_only_parent(&s->stats, &s->stats.types[i]))
			add_type(b, s, i);
	foot(b);
}

void
stats_html_workers(struct buf *b, const struct summary *s)
{
	if (s->stats.nworkers == 0)
		return;
	head(b, "Workers", "<th>Worker<th class=\"l\">State<th class=\"l\">Host"
	    "<th>PID<th>Running<th>Limit<th class=\"l\">Started"
	    "<th class=\"l\">Types");
	for (size_t i = 0; i < s->stats.nworkers; i++) {
		const struct worker_stats *w = &s->stats.workers[i];

		buf_adds(b, "<tr>");
		cell(b, w->id, "workers.processes", i, "id");
		buf_adds(b, w->overdue ? "<td class=\"l warn\">overdue" :
		    w->alive ? "<td class=\"l good\">alive" :
		    "<td class=\"l bad\">dead");
		buf_adds(b, "<td class=\"l\">");
		html_string(b, w->host);
		cell(b, w->pid, "workers.processes", i, "pid");
		cell(b, w->running, "workers.processes", i, "running");
		cell(b, w->limit, "workers.processes", i, "limit");
		buf_adds(b, "<td class=\"l\">");
		html_time(b, w->started, 0, true);
		buf_adds(b, "<td class=\"l w\">");
		for (size_t k = 0; k < w->serves.n; k++)
			buf_addf(b, "%s%s", k ? " " : "", w->serves.types[k]);
		buf_adds(b, w->serves.n ? "\n" : "all\n");
	}
	foot(b);
}

void
stats_html_failures(struct buf *b, const struct failures *f)
{
	if (f->n == 0)
		return;
	head(b, "Failures", "<th>Failed<th class=\"l\">Type"
	    "<th class=\"l\">Reason<th>Exit<th>Retried<th>Quarantined"
	    "<th>Cancelled<th>Last job<th class=\"l\">It said");
	for (size_t i = 0; i < f->n; i++) {
		const struct failure *v = &f->v[i];
		const char *reason = reason_name(v->reason);

		buf_adds(b, "<tr>");
		cell(b, v->count, "failures", i, "count");
		buf_addf(b, "<td class=\"l\">%s<td class=\"l\">%s<td>",
		    v->name, reason ? reason : "?");
		html_value(b, HTML_COUNT, v->has_exit ? v->exit : NAN,
		    "failures.%zu.exit", i);
		cell(b, failure_retried(v), "failures", i, "retried");
		cell(b, v->quarantined, "failures", i, "quarantined");
		cell(b, v->cancelled, "failures", i, "cancelled");
		cell(b, v->job, "failures", i, "last_id");
		buf_adds(b, "<td class=\"l w\">");
		html_text(b, failure_said(v));
		buf_adds(b, "\n");
	}
	foot(b);
}
