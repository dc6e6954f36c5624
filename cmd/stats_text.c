/* The report of iq-stats for people: fits 80 columns and 24 lines, and less. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "stats_text.h"

#define HEAD 11			/* columns of a line's name */

struct text {
	const struct report *report;
	struct buf line;
	size_t lines;		/* printed */
};

/* What does not fit is not shown. */
static void
end_line(struct text *t)
{
	report_clip(t->report, &t->line);
	report_put(t->report, &t->line);
	t->lines++;
}

static void
begin_line(struct text *t, const char *name)
{
	buf_addf(&t->line, "%-*s", HEAD, name);
}

/* Two blanks after the one before, or below it where it does not fit */
static void field(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void
field(struct text *t, const char *fmt, ...)
{
	size_t width = t->report->width;
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	if (t->line.len > HEAD && width && t->line.len + 2 + b.len > width) {
		end_line(t);
		begin_line(t, "");
	}
	if (t->line.len > HEAD)
		buf_adds(&t->line, "  ");
	buf_add(&t->line, b.p, b.len);
	buf_release(&b);
}

/* "6.1 MB": powers of 1000, as the target is said */
static void
add_megabytes(struct buf *b, double bytes)
{
	buf_addf(b, "%.*f MB/s", bytes < 1e5 ? 3 : 1, bytes / 1e6);
}

static void
first_lines(const struct summary *s, struct text *t)
{
	struct buf b = { 0 };

	begin_line(t, "queue");
	text_escape(&t->line, bytes_of(store_path(s->store)));
	if (s->type)
		buf_addf(&t->line, "  type %s", s->type);
	end_line(t);
	begin_line(t, "at");
	time_format(&b, s->stats.sampled);
	buf_adds(&b, ", of the last ");
	duration_human(&b, s->stats.sampled - s->stats.since);
	field(t, "%s", b.p);
	end_line(t);
	buf_release(&b);
}

static void
workers(const struct summary *s, struct text *t)
{
	int64_t slots, active;
	size_t alive = 0, overdue = 0;

	summary_slots(s, &slots, &active);
	for (size_t i = 0; i < s->stats.nworkers; i++) {
		alive += s->stats.workers[i].alive;
		overdue += s->stats.workers[i].overdue;
	}
	begin_line(t, "permits");
	buf_addf(&t->line, "%lld of %lld in use, %zu %s", (long long)active,
	    (long long)slots, alive, alive == 1 ? "process" : "processes");
	if (s->stats.nworkers > alive)
		buf_addf(&t->line, ", %zu dead", s->stats.nworkers - alive);
	if (overdue)
		buf_addf(&t->line, ", %zu OVERDUE", overdue);
	if (s->stats.total.paused)
		field(t, "the whole queue is PAUSED");
	end_line(t);
}

/* A line only where something is watched */
static void
watchers(const struct summary *s, struct text *t)
{
	size_t n = s->stats.nwatchers;
	struct watch_sum w;

	if (n == 0)
		return;
	summary_watch(s, &w);
	begin_line(t, "watch");
	buf_addf(&t->line, "%zu %s", n, n == 1 ? "process" : "processes");
	if (w.dead)
		buf_addf(&t->line, ", %zu DEAD", w.dead);
	if (w.unwell)
		buf_addf(&t->line, ", %zu NOT WELL", w.unwell);
	field(t, "%s", w.source ? w.source : "several sources");
	field(t, "coverage %s%s%s", watch_coverage_name(w.coverage),
	    w.misses ? ": " : "", w.misses ? w.misses : "");
	field(t, "pending %lld", (long long)w.pending);
	end_line(t);
}

static void
count_warning(void *ctx, const char *sentence)
{
	size_t *n = ctx;

	(void)sentence;
	++*n;
}

/* A line only where something is wrong with them; what that is takes more. */
static void
settings(const struct summary *s, struct text *t)
{
	struct buf b = { 0 };
	struct err unknown;
	size_t n = 0;

	if (settings_warnings(s, count_warning, &n, &unknown) != 0 || n == 0)
		return;
	buf_addf(&b, ": iq-stats %s%s%s--json | jq .settings_warnings",
	    s->type ? "-t " : "", s->type ? s->type : "", s->type ? " " : "");
	begin_line(t, "settings");
	buf_addf(&t->line, n == 1 ? "%zu warning" : "%zu warnings", n);
	/* it gets no second line: the tables need those */
	if (t->report->width == 0 ||
	    t->line.len + b.len <= t->report->width)
		buf_add(&t->line, b.p, b.len);
	else
		buf_adds(&t->line, ": see --json");
	end_line(t);
	buf_release(&b);
}

static void
depth(const struct summary *s, struct text *t)
{
	const struct depth *d = &s->stats.total.depth;
	struct buf b = { 0 };

	begin_line(t, "depth");
	field(t, "ready %lld", (long long)d->ready);
	field(t, "delayed %lld", (long long)d->delayed);
	field(t, "waiting %lld", (long long)d->waiting);
	field(t, "running %lld", (long long)d->running);
	field(t, "quarantined %lld", (long long)d->quarantined);
	end_line(t);
	begin_line(t, "");
	field(t, "succeeded %lld", (long long)d->succeeded);
	field(t, "cancelled %lld", (long long)d->cancelled);
	if (d->oldest_ready)
		duration_human(&b, summary_oldest(s, d));
	else
		buf_addc(&b, '-');
	field(t, "oldest ready %s", b.p);
	end_line(t);
	buf_release(&b);
}

static void
throughput(const struct summary *s, struct text *t)
{
	const struct type_stats *all = &s->stats.total;
	double jobs = summary_rate(s, all->counter[METRIC_SUCCEEDED]);
	double bytes = summary_rate(s, all->bytes);
	struct buf b = { 0 };

	begin_line(t, "throughput");
	if (jobs < 0)
		field(t, "-");
	else
		field(t, "%.1f jobs/s", jobs);
	if (bytes < 0 && jobs >= 0) {
		field(t, "files and bytes not known: telemetry was off");
	} else if (bytes >= 0) {
		field(t, "%.1f files/s", summary_files(s, all));
		add_megabytes(&b, bytes);
		field(t, "%s", b.p);
		buf_reset(&b);
		add_megabytes(&b, (double)s->target);
		field(t, "%s %s", bytes >= (double)s->target ? "meets" :
		    all->depth.ready + all->depth.running == 0 ?
		    "idle now; target" : "below", b.p);
	}
	end_line(t);
	buf_release(&b);
}

static void
counters(const struct summary *s, struct text *t)
{
	const struct type_stats *all = &s->stats.total;
	double success = summary_success(all);

	begin_line(t, "intake");
	for (int m = METRIC_ENQUEUED; m <= METRIC_REJECTED; m++)
		field(t, "%s %lld", metric_name(m),
		    (long long)all->counter[m]);
	if (s->total.active)
		field(t, "FULL");
	end_line(t);
	begin_line(t, "outcomes");
	for (int m = METRIC_SUCCEEDED; m <= METRIC_CRASHED; m++)
		field(t, "%s %lld", metric_name(m),
		    (long long)all->counter[m]);
	if (success >= 0)
		field(t, "(%.1f %%)", success);
	end_line(t);
}

static void
size_field(struct text *t, const char *name, int64_t bytes)
{
	struct buf b = { 0 };

	size_human(&b, bytes);
	field(t, "%s %s", name, b.p);
	buf_release(&b);
}

static void
machine(const struct summary *s, struct text *t)
{
	const struct machine *m = &s->machine;

	begin_line(t, "system");
	if (s->cpu_percent >= 0)
		field(t, "load %.0f %%", s->cpu_percent);
	if (m->memory > 0)
		size_field(t, "free memory", m->memory_available);
	if (s->disk > 0)
		size_field(t, "free disk", s->disk_free);
	if (m->pressure_io >= 0)
		field(t, "PSI %.0f/%.0f/%.0f", m->pressure_cpu,
		    m->pressure_memory, m->pressure_io);
	while (t->line.p[t->line.len - 1] == ' ')
		t->line.len--;
	end_line(t);
}

#define AROUND 2		/* lines: the head of the last table, and a prompt */
#define DISTRIBUTIONS 7		/* all of them and their head */
#define ROWS 3			/* that a breakdown gets, if need be at their cost */
#define HOST_ROWS 7		/* the same by host, where it is two tables */

size_t
stats_text_head(const struct summary *s, const struct report *r)
{
	struct text t = { .report = r };

	first_lines(s, &t);
	workers(s, &t);
	watchers(s, &t);
	settings(s, &t);
	depth(s, &t);
	throughput(s, &t);
	counters(s, &t);
	machine(s, &t);
	buf_release(&t.line);
	return t.lines;
}

static void
empty_line(const struct report *r)
{
	struct buf none = { 0 };

	report_put(r, &none);
	buf_release(&none);
}

void
stats_text(const struct summary *s, const struct report *r)
{
	size_t used = stats_text_head(s, r) + 1, left;

	empty_line(r);
	left = r->height == 0 ? SIZE_MAX : r->height > used + AROUND + 1 ?
	    r->height - used - AROUND : 1;
	if (s->by == BY_FAILURE) {
		failures_text(&s->failures, r, left);
	} else {
		size_t wanted = s->by == BY_HOST ? HOST_ROWS : ROWS;
		size_t rows = left >= DISTRIBUTIONS + 1 + wanted ?
		    DISTRIBUTIONS - 1 : left > 3 + 1 + wanted ?
		    left - 2 - wanted : 3;

		stats_text_distributions(s, r, rows);
		empty_line(r);
		left = left > rows + 2 ? left - rows - 2 : 1;
		if (s->by == BY_HOST)
			stats_text_hosts(s, r, left);
		else
			stats_text_types(s, r, left);
	}
}
