/* iq-stats --html: one page that needs nothing else. */
#include <math.h>

#include "base/num.h"
#include "stats_html.h"

static void
begin_tile(struct buf *b, const char *name)
{
	buf_addf(b, "<div><dt>%s<dd>", name);
}

static void
end_tile(struct buf *b)
{
	buf_adds(b, "</div>\n");
}

static void
count_tile(struct buf *b, const char *name, int64_t n, const char *where)
{
	begin_tile(b, name);
	html_value(b, HTML_COUNT, (double)n, "%s", where);
	end_tile(b);
}

static void
oldest_tile(struct buf *b, const struct summary *s)
{
	int64_t age = summary_oldest(s, &s->stats.total.depth);

	begin_tile(b, "oldest ready");
	html_value(b, HTML_SECONDS, age < 0 ? NAN : (double)age,
	    "depth.oldest_ready_seconds");
	end_tile(b);
}

static void
rate_tiles(struct buf *b, const struct summary *s)
{
	const struct type_stats *t = &s->stats.total;
	double jobs = summary_rate(s, t->counter[METRIC_SUCCEEDED]);
	double bytes = summary_rate(s, t->bytes);
	double success = summary_success(t);

	begin_tile(b, "jobs");
	html_value(b, HTML_RATE, jobs < 0 ? NAN : jobs,
	    "throughput.jobs_per_second");
	end_tile(b);
	begin_tile(b, "throughput");
	html_value(b, HTML_BYTE_RATE, bytes < 0 ? NAN : bytes,
	    "throughput.bytes_per_second");
	buf_addf(b, "<small>%s ", bytes >= (double)s->target ?
	    "meets the target of" : "target");
	html_number(b, HTML_BYTE_RATE, (double)s->target);
	buf_adds(b, "</small>");
	end_tile(b);
	begin_tile(b, "success");
	html_value(b, HTML_PERCENT, success < 0 ? NAN : success,
	    "outcomes.success_percent");
	end_tile(b);
}

static void
tiles(struct buf *b, const struct summary *s)
{
	const struct depth *d = &s->stats.total.depth;
	int64_t slots, active;

	summary_slots(s, &slots, &active);
	buf_adds(b, "<dl>\n");
	count_tile(b, "ready", d->ready, "depth.ready");
	oldest_tile(b, s);
	begin_tile(b, "running");
	html_value(b, HTML_COUNT, (double)d->running, "depth.running");
	buf_addf(b, "<small>%lld of %lld slots in use</small>",
	    (long long)active, (long long)slots);
	end_tile(b);
	count_tile(b, "delayed", d->delayed, "depth.delayed");
	count_tile(b, "waiting", d->waiting, "depth.waiting");
	count_tile(b, "quarantined", d->quarantined, "depth.quarantined");
	rate_tiles(b, s);
	count_tile(b, "enqueued", s->stats.total.counter[METRIC_ENQUEUED],
	    "intake.enqueued");
	count_tile(b, "succeeded", s->stats.total.counter[METRIC_SUCCEEDED],
	    "outcomes.succeeded");
	count_tile(b, "failed", s->stats.total.counter[METRIC_FAILED],
	    "outcomes.failed");
	count_tile(b, "crashed", s->stats.total.counter[METRIC_CRASHED],
	    "outcomes.crashed");
	buf_adds(b, "</dl>\n");
}

/* It may load nothing and run nothing, whatever a path would have it do. */
static void
top(struct buf *b, const struct summary *s)
{
	struct bytes path = bytes_of(store_path(s->store));

	buf_adds(b, "<!DOCTYPE html>\n<html lang=\"en\"><head>"
	    "<meta charset=\"utf-8\">"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'unsafe-inline'; "
	    "img-src data:\">"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\"><link rel=\"icon\" href=\"data:,\"><title>iq: ");
	html_text(b, path);
	buf_addf(b, "</title><style>%s</style></head>\n<body><h1>", html_style);
	html_text(b, path);
	buf_adds(b, "</h1>\n<p class=\"quiet\">");
	if (s->type)
		buf_addf(b, "type %s, ", s->type);
	time_format(b, s->stats.sampled);
	buf_adds(b, ", of the last ");
	duration_human(b, s->stats.sampled - s->stats.since);
	buf_adds(b, "; times are UTC</p>\n");
	if (s->stats.total.paused)
		buf_adds(b, "<p class=\"warn\">The whole queue is paused.</p>\n");
}

/* The report itself, for programs: no "<" is left in it. */
static int
add_report(struct buf *b, const struct summary *s, struct err *err)
{
	struct buf json = { 0 };
	int code = stats_json_add(&json, s, err);

	buf_adds(b, "<script type=\"application/json\" id=\"report\">");
	for (size_t i = 0; i < json.len; i++)
		if (json.p[i] == '<')
			buf_adds(b, "\\u003c");
		else
			buf_addc(b, json.p[i]);
	buf_adds(b, "</script>\n");
	buf_release(&json);
	return code;
}

int
stats_html(const struct summary *s, struct err *err)
{
	struct buf b = { 0 };
	int code;

	top(&b, s);
	code = stats_html_state(&b, s, err);
	tiles(&b, s);
	stats_html_plots(&b, &s->series, (double)s->target);
	stats_html_series(&b, &s->series);
	stats_html_types(&b, s);
	stats_html_failures(&b, &s->failures);
	stats_html_distributions(&b, s);
	if (code == 0)
		code = stats_html_limits(&b, s, err);
	stats_html_workers(&b, s);
	if (code == 0)
		code = add_report(&b, s, err);
	buf_adds(&b, "</body></html>");
	if (code == 0)
		report_line(&b);
	buf_release(&b);
	return code;
}
