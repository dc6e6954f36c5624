/* What happened over time, for iq-stats --html. */
#include <math.h>
#include <stdlib.h>

#include "stats_html.h"

/* One number of a bin, NAN: there is none */
typedef double bin_fn(const struct series_bin *v);

static double
rate(const struct series_bin *v, int64_t n)
{
	/* a bin that has just begun says nothing yet */
	return v->covered < NS_PER_S ? NAN : (double)n * NS_PER_S /
	    (double)v->covered;
}

static double
done_rate(const struct series_bin *v)
{
	return rate(v, v->counter[METRIC_SUCCEEDED]);
}

static double
failed_rate(const struct series_bin *v)
{
	return rate(v, v->counter[METRIC_FAILED] + v->counter[METRIC_CRASHED]);
}

static double
intake_rate(const struct series_bin *v)
{
	return rate(v, v->counter[METRIC_ENQUEUED]);
}

static double
byte_rate(const struct series_bin *v)
{
	return v->bytes < 0 ? NAN : rate(v, v->bytes);
}

static double
depth_of(const struct series_bin *v, enum metric m)
{
	double d = v->depth[m - METRIC_READY];

	return d < 0 ? NAN : d;
}

static double
ready(const struct series_bin *v)
{
	return depth_of(v, METRIC_READY);
}

static double
put_off(const struct series_bin *v)
{
	return depth_of(v, METRIC_DELAYED) + depth_of(v, METRIC_WAITING);
}

static double
running(const struct series_bin *v)
{
	return depth_of(v, METRIC_RUNNING);
}

static double
quarantined(const struct series_bin *v)
{
	return depth_of(v, METRIC_IN_QUARANTINE);
}

#define PERCENTILE(name, dist, field) \
	static double name(const struct series_bin *v) \
	{ \
		return v->dist.count ? (double)v->dist.field : NAN; \
	}
PERCENTILE(wait_p50, wait, p50)
PERCENTILE(wait_p95, wait, p95)
PERCENTILE(wait_p99, wait, p99)
PERCENTILE(run_p50, duration, p50)
PERCENTILE(run_p95, duration, p95)
PERCENTILE(run_p99, duration, p99)

#define LINES 4

static const struct picture {
	const char *title;
	enum html_kind kind;
	bool log, target;
	struct {
		const char *name;
		bin_fn *fn;
	} lines[LINES];
} pictures[] = {
	{ "Jobs per second", HTML_RATE, false, false, {
	    { "succeeded", done_rate }, { "failed", failed_rate },
	    { "enqueued", intake_rate } } },
	{ "Throughput", HTML_BYTE_RATE, false, true, {
	    { "ingested", byte_rate } } },
	{ "Depth", HTML_COUNT, false, false, { { "ready", ready },
	    { "quarantined", quarantined }, { "delayed, waiting", put_off },
	    { "running", running } } },
	{ "Run time", HTML_SECONDS, true, false, { { "P50", run_p50 },
	    { "P95", run_p95 }, { "P99", run_p99 } } },
	{ "Queue wait", HTML_SECONDS, true, false, { { "P50", wait_p50 },
	    { "P95", wait_p95 }, { "P99", wait_p99 } } },
};
#define NPICTURES (sizeof(pictures) / sizeof(*pictures))

static void
draw(struct buf *b, const struct series *v, const struct picture *p,
	double target)
{
	struct html_line lines[LINES];
	struct html_plot plot = { .title = p->title, .kind = p->kind,
	    .log = p->log, .series = v, .lines = lines,
	    .mark = p->target ? "target" : NULL, .mark_at = target };
	double *values = mem_alloc(LINES * v->n * sizeof(*values));

	for (; plot.n < LINES && p->lines[plot.n].name; plot.n++) {
		double *of = values + plot.n * v->n;

		for (size_t i = 0; i < v->n; i++)
			of[i] = p->lines[plot.n].fn(&v->bins[i]);
		lines[plot.n] = (struct html_line){ p->lines[plot.n].name, of };
	}
	html_draw(b, &plot);
	free(values);
}

void
stats_html_plots(struct buf *b, const struct series *v, double target)
{
	buf_adds(b, "<div class=\"plots\">\n");
	for (size_t i = 0; i < NPICTURES; i++)
		draw(b, v, &pictures[i], target);
	buf_adds(b, "</div>\n");
}

static void
add_bin(struct buf *b, const struct series *v, const struct series_bin *bin)
{
	static const enum metric counters[] = { METRIC_ENQUEUED,
		METRIC_SUCCEEDED, METRIC_FAILED, METRIC_CRASHED };

	buf_adds(b, "<tr><td class=\"l\">");
	html_time(b, bin->start, v->step, true);
	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++)
		buf_addf(b, "<td>%lld", (long long)bin->counter[counters[i]]);
	buf_adds(b, "<td>");
	if (bin->bytes >= 0)
		buf_addf(b, "%lld", (long long)bin->bytes);
	/* from the depth on */
	for (size_t p = 2; p < NPICTURES; p++)
		for (size_t k = 0; k < LINES && pictures[p].lines[k].fn; k++) {
			double value = pictures[p].lines[k].fn(bin);

			buf_adds(b, "<td>");
			if (!isnan(value))
				html_number(b, pictures[p].kind, value);
		}
	buf_adds(b, "\n");
}

void
stats_html_series(struct buf *b, const struct series *v)
{
	buf_adds(b, "<details><summary>The same as numbers</summary>\n"
	    "<div class=\"table\"><table id=\"series\"><tr><th class=\"l\">From"
	    "<th>Enqueued<th>Succeeded<th>Failed<th>Crashed<th>Bytes");
	for (size_t p = 2; p < NPICTURES; p++)
		for (size_t k = 0; k < LINES && pictures[p].lines[k].fn; k++)
			buf_addf(b, "<th>%s, %s", pictures[p].title,
			    pictures[p].lines[k].name);
	buf_adds(b, "\n");
	for (size_t i = 0; i < v->n; i++)
		add_bin(b, v, &v->bins[i]);
	buf_adds(b, "</table></div></details>\n");
}
