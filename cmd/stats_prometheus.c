/*
 * iq-stats --prometheus: the text format 0.0.4 of Prometheus, for the textfile
 * collector of its node exporter.  Counters and histograms are of all that was
 * ever counted, and so only rise.
 */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "stats_health.h"
#include "store/place.h"

struct page {
	const struct summary *summary;	/* of all that was ever counted */
	struct buf label;	/* queue="..." */
	struct buf line;
};

/* In a label: backslash, quote and newline are escaped; what is not UTF-8 is
 * replaced. */
static void
add_label(struct buf *b, struct bytes s)
{
	size_t n;

	for (size_t i = 0; i < s.n; i += n ? n : 1) {
		n = utf8_length(s.p + i, s.n - i);
		if (n == 0)
			buf_adds(b, "\xef\xbf\xbd");
		else if (s.p[i] == '\n')
			buf_adds(b, "\\n");
		else if (s.p[i] == '"' || s.p[i] == '\\')
			buf_addf(b, "\\%c", s.p[i]);
		else
			buf_add(b, s.p + i, n);
	}
}

static void
head(struct page *p, const char *name, const char *kind, const char *help)
{
	buf_addf(&p->line, "# HELP iq_%s %s\n# TYPE iq_%s %s", name, help, name,
	    kind);
	report_line(&p->line);
}

/* type: NULL for none; more: further labels, each with a comma before it */
static void
value(struct page *p, const char *name, const char *type, const char *more,
	double v)
{
	buf_addf(&p->line, "iq_%s{%s", name, p->label.p);
	if (type)
		buf_addf(&p->line, ",type=\"%s\"", type);
	buf_addf(&p->line, "%s} %.17g", more, v);
	report_line(&p->line);
}

static void
single(struct page *p, const char *name, const char *help, double v)
{
	head(p, name, "gauge", help);
	value(p, name, NULL, "", v);
}

/* ---- what is now ---- */

static void
jobs(struct page *p)
{
	const struct stats *st = &p->summary->stats;

	head(p, "jobs", "gauge", "Live jobs, by type and state.");
	for (size_t i = 0; i < st->ntypes; i++) {
		const struct type_stats *t = &st->types[i];
		const struct depth *d = &t->depth;

		value(p, "jobs", t->type, ",state=\"ready\"", (double)d->ready);
		value(p, "jobs", t->type, ",state=\"delayed\"",
		    (double)d->delayed);
		value(p, "jobs", t->type, ",state=\"waiting\"",
		    (double)d->waiting);
		value(p, "jobs", t->type, ",state=\"running\"",
		    (double)d->running);
		value(p, "jobs", t->type, ",state=\"quarantined\"",
		    (double)d->quarantined);
	}
	head(p, "oldest_ready_seconds", "gauge",
	    "How long the oldest ready job has waited.");
	for (size_t i = 0; i < st->ntypes; i++) {
		int64_t oldest = st->types[i].depth.oldest_ready;

		value(p, "oldest_ready_seconds", st->types[i].type, "",
		    oldest && st->sampled > oldest ?
		    (double)(st->sampled - oldest) / NS_PER_S : 0);
	}
}

static void
types(struct page *p)
{
	const struct stats *st = &p->summary->stats;

	head(p, "type_paused", "gauge",
	    "1: the type is paused, by itself, a parent, or as all are.");
	for (size_t i = 0; i < st->ntypes; i++)
		value(p, "type_paused", st->types[i].type, "",
		    st->types[i].paused);
	head(p, "breaker_open", "gauge",
	    "1: its circuit breaker is open, if only for one job.");
	for (size_t i = 0; i < st->ntypes; i++)
		value(p, "breaker_open", st->types[i].type, "",
		    st->types[i].breaker != BREAKER_IS_CLOSED);
	head(p, "type_starved", "gauge",
	    "1: the type gets less than a tenth of its fair share.");
	for (size_t i = 0; i < st->ntypes; i++)
		value(p, "type_starved", st->types[i].type, "",
		    st->types[i].starved);
	head(p, "backpressure_active", "gauge",
	    "1: the type, or a parent, has reached max_queue.");
	for (size_t i = 0; i < st->ntypes; i++)
		value(p, "backpressure_active", st->types[i].type, "",
		    p->summary->types[i].active);
}

static void
workers(struct page *p)
{
	const struct stats *st = &p->summary->stats;
	int64_t slots, active, alive = 0, overdue = 0;

	summary_slots(p->summary, &slots, &active);
	for (size_t i = 0; i < st->nworkers; i++) {
		alive += st->workers[i].alive && !st->workers[i].overdue;
		overdue += st->workers[i].overdue;
	}
	head(p, "workers", "gauge", "Worker processes; overdue ones live, and "
	    "have been silent for longer than their lease.");
	value(p, "workers", NULL, ",state=\"alive\"", (double)alive);
	value(p, "workers", NULL, ",state=\"overdue\"", (double)overdue);
	value(p, "workers", NULL, ",state=\"dead\"",
	    (double)((int64_t)st->nworkers - alive - overdue));
	single(p, "slots", "Slots of live workers.", (double)slots);
	single(p, "slots_in_use", "Slots that run a job.", (double)active);
}

static void
watchers(struct page *p)
{
	const struct summary *s = p->summary;
	struct watch_sum w = { .pending = 0 };
	size_t n = s->stats.nwatchers;

	summary_watch(s, &w);
	head(p, "watchers", "gauge", "Processes that watch directories; those "
	    "that are unwell are silent, or only look from time to time.");
	value(p, "watchers", NULL, ",state=\"healthy\"",
	    (double)(n - w.dead - w.unwell));
	value(p, "watchers", NULL, ",state=\"unwell\"", (double)w.unwell);
	value(p, "watchers", NULL, ",state=\"dead\"", (double)w.dead);
	single(p, "watch_pending_files", "Paths that wait in them.",
	    (double)w.pending);
}

static void
whole(struct page *p)
{
	const struct summary *s = p->summary;

	head(p, "info", "gauge", "Version of iq.");
	value(p, "info", NULL, ",version=\"" IQ_VERSION "\"", 1);
	single(p, "paused", "1: the whole queue is paused.",
	    s->stats.total.paused);
	single(p, "file_bytes", "Size of the queue file.",
	    (double)s->stats.db_bytes);
	single(p, "wal_bytes", "Size of its write-ahead log.",
	    (double)s->stats.wal_bytes);
	if (s->disk > 0) {
		single(p, "disk_bytes", "Size of the file system of the queue.",
		    (double)s->disk);
		single(p, "disk_free_bytes", "What is free of it.",
		    (double)s->disk_free);
	}
	single(p, "target_bytes_per_second",
	    "Throughput that is aimed at: a setting.", (double)s->target);
}

/* ---- what was ---- */

static void
counters(struct page *p)
{
	static const struct {
		enum metric metric;
		const char *name, *help;
	} rows[] = {
		{ METRIC_ENQUEUED, "enqueued_total", "Jobs enqueued." },
		{ METRIC_MERGED, "merged_total",
		    "Records merged into a pending job." },
		{ METRIC_DROPPED, "dropped_total",
		    "Records dropped by a full queue." },
		{ METRIC_REJECTED, "rejected_total", "Records refused." },
		{ METRIC_STARTED, "started_total", "Attempts started." },
		{ METRIC_SUCCEEDED, "succeeded_total", "Jobs succeeded." },
		{ METRIC_FAILED, "failed_total", "Attempts failed." },
		{ METRIC_RETRIED, "retried_total",
		    "Failures that were tried again." },
		{ METRIC_QUARANTINED, "quarantined_total",
		    "Jobs quarantined." },
		{ METRIC_CRASHED, "crashed_total",
		    "Attempts whose worker died." },
		{ METRIC_CANCELLED, "cancelled_total", "Jobs cancelled." },
		{ METRIC_BACKPRESSURE, "backpressure_total",
		    "Times that a producer met a full queue." },
		{ METRIC_EVENTS, "source_events_total",
		    "Events that a source saw." },
		{ METRIC_DEDUPLICATED, "source_deduplicated_total",
		    "Of these, taken together with another." },
		{ METRIC_BATCHES, "source_batches_total",
		    "Batches that a source printed." },
		{ METRIC_OVERFLOWS, "source_overflows_total",
		    "Times that the system lost events of a source." },
		{ METRIC_FALLBACK_SCANS, "source_fallback_scans_total",
		    "Looks at everything while nobody told what happens." },
	};
	const struct stats *st = &p->summary->stats;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		head(p, rows[i].name, "counter", rows[i].help);
		for (size_t k = 0; k < st->ntypes; k++)
			value(p, rows[i].name, st->types[k].type, "",
			    (double)st->types[k].counter[rows[i].metric]);
	}
}

/* Between two buckets lies a power of two. Values are whole ns and bytes, so
 * those of up to one less are counted exactly. From 1 ms to 73 min, and from
 * 4 KiB to 64 GiB */
#define SECONDS_FIRST 20
#define SECONDS_LAST 42
#define BYTES_FIRST 12
#define BYTES_LAST 36
#define STEP 2

static int64_t
below(const int64_t *buckets, int power)
{
	int end = hist_bucket(INT64_C(1) << power);
	int64_t n = 0;

	for (int i = 0; buckets && i < end; i++)
		n += buckets[i];
	return n;
}

static void
histogram_of(struct page *p, const struct type_stats *t, enum metric m,
	const char *name, bool seconds)
{
	int first = seconds ? SECONDS_FIRST : BYTES_FIRST;
	int last = seconds ? SECONDS_LAST : BYTES_LAST;
	double unit = seconds ? NS_PER_S : 1;
	char part[64], le[64];

	snprintf(part, sizeof(part), "%s_bucket", name);
	for (int power = first; power <= last; power += STEP) {
		snprintf(le, sizeof(le), ",le=\"%.15g\"",
		    (double)((INT64_C(1) << power) - 1) / unit);
		value(p, part, t->type, le,
		    (double)below(t->buckets[m], power));
	}
	value(p, part, t->type, ",le=\"+Inf\"", (double)t->dist[m].count);
	snprintf(part, sizeof(part), "%s_sum", name);
	value(p, part, t->type, "", (double)t->dist[m].sum / unit);
	snprintf(part, sizeof(part), "%s_count", name);
	value(p, part, t->type, "", (double)t->dist[m].count);
}

static void
histograms(struct page *p)
{
	static const struct {
		enum metric metric;
		bool seconds;
		const char *help;
	} rows[] = {
		{ METRIC_WAIT, true, "From when an attempt could have started "
		    "to its start." },
		{ METRIC_DURATION, true, "Run time of attempts." },
		{ METRIC_CPU, true, "CPU time of attempts." },
		{ METRIC_MAX_RSS, false, "Memory of the largest process of an "
		    "attempt." },
		{ METRIC_READ, false, "Bytes that attempts read." },
		{ METRIC_WRITTEN, false, "Bytes that attempts wrote." },
	};
	const struct stats *st = &p->summary->stats;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *name = metric_name(rows[i].metric);

		head(p, name, "histogram", rows[i].help);
		for (size_t k = 0; k < st->ntypes; k++)
			histogram_of(p, &st->types[k], rows[i].metric, name,
			    rows[i].seconds);
	}
}

/* ---- what is wrong ---- */

static void
health(struct page *p, const struct health *h, bool up)
{
	struct buf label = { 0 };

	single(p, "up", "1: the queue could be read.", up);
	single(p, "health_status", "Exit status of iq-stats --health: 0 OK, 1 "
	    "WARNING, 2 CRITICAL, 3 UNKNOWN.", h->worst);
	head(p, "health", "gauge", "The same of each cause.");
	for (size_t i = 0; health_causes[i]; i++) {
		const char *cause = health_causes[i];
		enum level worst = FINE;

		for (size_t k = 0; k < h->n; k++)
			if (strcmp(h->v[k].cause, cause) == 0 &&
			    h->v[k].level > worst)
				worst = h->v[k].level;
		buf_addf(&label, ",cause=\"%s\"", cause);
		value(p, "health", NULL, label.p, worst);
		buf_reset(&label);
	}
	buf_release(&label);
}

static void
all(struct page *p)
{
	whole(p);
	workers(p);
	watchers(p);
	jobs(p);
	types(p);
	counters(p);
	histograms(p);
}

/* The same whether it can be read or not, but for links in a directory that has
 * gone; empty where nothing says which queue it is */
static void
add_queue(struct buf *b, const char *queue)
{
	char here[PATH_MAX];
	struct buf given = { 0 }, path = { 0 };
	struct err err;

	if (place_resolve(queue, false, &given, &err) != 0 && given.len &&
	    getcwd(here, sizeof(here)))
		path_resolve(&path, bytes_of(here),
		    (struct bytes){ given.p, given.len });
	else
		buf_add(&path, given.p, given.len);
	buf_adds(b, "queue=\"");
	add_label(b, (struct bytes){ path.p, path.len });
	buf_addc(b, '"');
	buf_release(&path);
	buf_release(&given);
}

int
stats_prometheus(const struct summary *last, const char *queue, int code,
	struct err *err)
{
	struct summary ever = { .store = last->store };
	struct page p = { .summary = &ever };
	struct health h;

	if (code == 0)
		code = summary_read(&ever, &(struct stats_request){
		    .type = last->type, .ever = true, .buckets = true }, err);
	code = health_find(&h, last, code, err);
	add_queue(&p.label, queue);
	health(&p, &h, code == 0);
	if (code == 0)
		all(&p);
	/* last: whoever has it has all of the page */
	single(&p, "sampled_timestamp_seconds", "When this was read.",
	    (double)clock_system.wall(NULL) / NS_PER_S);
	health_release(&h);
	summary_release(&ever);
	buf_release(&p.label);
	buf_release(&p.line);
	return code;
}
