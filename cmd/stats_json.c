/* The report of iq-stats as one object, "schema": 1. */
#include <math.h>
#include <string.h>

#include "stats_health.h"

static bool
is_duration(enum metric m)
{
	return m == METRIC_WAIT || m == METRIC_DURATION || m == METRIC_CPU;
}

static void
put_value(struct json *j, const char *name, enum metric m, double v,
	bool known)
{
	if (!known)
		json_put_null(j, name);
	else if (is_duration(m))
		json_put_seconds(j, name, (int64_t)v);
	else
		json_put_int(j, name, (int64_t)v);
}

static void
distribution(struct json *j, const struct type_stats *t, enum metric m)
{
	const struct distribution *d = &t->dist[m];
	bool some = d->count > 0;

	json_begin_object(j, metric_name(m));
	json_put_int(j, "count", d->count);
	put_value(j, "mean", m, d->mean, some);
	put_value(j, "min", m, (double)d->min, some);
	put_value(j, "max", m, (double)d->max, some);
	put_value(j, "p50", m, (double)d->p50, some);
	put_value(j, "p95", m, (double)d->p95, some);
	put_value(j, "p99", m, (double)d->p99, some);
	json_end_object(j);
}

static void
distributions(struct json *j, const struct type_stats *t)
{
	distribution(j, t, METRIC_WAIT);
	json_put_null(j, metric_name(METRIC_PERMIT_CPU));
	json_put_null(j, metric_name(METRIC_PERMIT_IO));
	distribution(j, t, METRIC_DURATION);
	distribution(j, t, METRIC_CPU);
	distribution(j, t, METRIC_MAX_RSS);
	distribution(j, t, METRIC_READ);
	distribution(j, t, METRIC_WRITTEN);
}

static void
depth(struct json *j, const struct summary *s, const struct depth *d)
{
	json_begin_object(j, "depth");
	json_put_int(j, "ready", d->ready);
	json_put_int(j, "delayed", d->delayed);
	json_put_int(j, "waiting", d->waiting);
	json_put_int(j, "running", d->running);
	json_put_int(j, "quarantined", d->quarantined);
	json_put_int(j, "succeeded", d->succeeded);
	json_put_int(j, "cancelled", d->cancelled);
	json_put_seconds(j, "oldest_ready_seconds", summary_oldest(s, d));
	json_end_object(j);
}

static void
rate(struct json *j, const char *name, double v)
{
	json_put_float(j, name, v < 0 ? NAN : round(v * 1000) / 1000);
}

static void
throughput(struct json *j, const struct summary *s,
	const struct type_stats *t)
{
	double bytes = summary_rate(s, t->bytes);

	json_begin_object(j, "throughput");
	rate(j, "jobs_per_second", summary_rate(s,
	    t->counter[METRIC_SUCCEEDED]));
	rate(j, "files_per_second", summary_files(s, t));
	rate(j, "bytes_per_second", bytes);
	json_put_int(j, "target_bytes_per_second", s->target);
	if (bytes < 0)
		json_put_null(j, "meets_target");
	else
		json_put_bool(j, "meets_target", bytes >= (double)s->target);
	json_end_object(j);
}

static void
counters(struct json *j, const struct type_stats *t,
	const struct backpressure *b)
{
	json_begin_object(j, "backpressure");
	json_put_bool(j, "active", b->active);
	json_put_string(j, "reason", b->active ? "max_queue" : NULL);
	json_put_int(j, "events", t->counter[METRIC_BACKPRESSURE]);
	json_put_int(j, "max_queue", b->max_queue);
	json_end_object(j);
	json_begin_object(j, "intake");
	for (int m = METRIC_ENQUEUED; m <= METRIC_REJECTED; m++)
		json_put_int(j, metric_name(m), t->counter[m]);
	json_end_object(j);
	json_begin_object(j, "outcomes");
	json_put_int(j, "succeeded", t->counter[METRIC_SUCCEEDED]);
	json_put_int(j, "failed", t->counter[METRIC_FAILED]);
	json_put_int(j, "retried", t->counter[METRIC_RETRIED]);
	json_put_int(j, "quarantined", t->counter[METRIC_QUARANTINED]);
	json_put_int(j, "crashed", t->counter[METRIC_CRASHED]);
	report_percent(j, "success_percent", summary_success(t));
	json_end_object(j);
}

static void
watcher(struct json *j, const struct watcher_stats *w)
{
	const struct watcher_health *h = &w->health;

	json_begin_object(j, NULL);
	json_put_int(j, "id", w->id);
	json_put_string(j, "host", w->host);
	json_put_int(j, "pid", w->pid);
	json_put_bool(j, "alive", w->alive);
	json_put_bool(j, "overdue", w->overdue);
	json_put_time(j, "started_at", w->started);
	json_put_time(j, "told_at", w->told);
	json_put_string(j, "type", w->type[0] ? w->type : NULL);
	json_put_bytes(j, "name", w->name);
	json_begin_array(j, "directories");
	for (size_t i = 0; i < w->nroots; i++) {
		json_begin_object(j, NULL);
		json_put_path(j, "path", w->roots[i]);
		json_end_object(j);
	}
	json_end_array(j);
	json_put_bool(j, "healthy", h->healthy);
	json_put_string(j, "reason", h->reason);
	json_put_string(j, "source", h->source);
	json_put_string(j, "coverage", watch_coverage_name(h->coverage));
	json_put_int(j, "pending_files", h->pending);
	json_put_seconds(j, "debounce_seconds", h->debounce);
	json_put_int(j, "batch_threshold", h->batch);
	json_end_object(j);
}

/* Null where nothing is watched */
static void
watch_health(struct json *j, const struct summary *s)
{
	struct watch_sum w = { .pending = -1, .debounce = -1, .batch = -1 };

	if (s->stats.nwatchers == 0) {
		json_put_null(j, "healthy");
		json_put_null(j, "coverage");
	} else {
		summary_watch(s, &w);
		json_put_bool(j, "healthy", w.healthy);
		json_put_string(j, "coverage",
		    watch_coverage_name(w.coverage));
	}
	json_put_string(j, "source", w.source);
	report_known(j, "pending_files", w.pending);
	json_put_seconds(j, "debounce_seconds", w.debounce);
	report_known(j, "batch_threshold", w.batch);
}

static void
watch(struct json *j, const struct summary *s)
{
	const struct type_stats *t = &s->stats.total;
	int64_t events = t->counter[METRIC_EVENTS];
	int64_t again = t->counter[METRIC_DEDUPLICATED];

	json_begin_object(j, "watch");
	watch_health(j, s);
	json_put_int(j, "events", events);
	json_put_int(j, "deduplicated", again);
	report_percent(j, "deduplication_percent", events > 0 ?
	    100.0 * (double)again / (double)events : -1);
	json_put_int(j, "batches", t->counter[METRIC_BATCHES]);
	json_put_int(j, "overflows", t->counter[METRIC_OVERFLOWS]);
	json_put_int(j, "fallback_scans",
	    t->counter[METRIC_FALLBACK_SCANS]);
	json_put_time(j, "last_scan_at", s->stats.last_scan);
	json_begin_array(j, "processes");
	for (size_t i = 0; i < s->stats.nwatchers; i++)
		watcher(j, &s->stats.watchers[i]);
	json_end_array(j);
	json_end_object(j);
}

static int
settings(struct json *j, const struct summary *s, struct err *err)
{
	int code = 0;

	json_begin_object(j, "settings");
	for (int k = 0; k < SET_COUNT && code == 0; k++) {
		enum origin origin;
		const char *text;

		code = store_setting(s->store, s->type, k, &text, &origin,
		    err);
		if (code)
			break;
		json_begin_object(j, setting_def(k)->name);
		report_setting_members(j, k, text, origin);
		json_end_object(j);
	}
	json_end_object(j);
	return code;
}

static void
pressure(struct json *j, const char *name, double v)
{
	json_put_float(j, name, v < 0 ? NAN : v);
}

static void
system_object(struct json *j, const struct summary *s)
{
	const struct machine *m = &s->machine;

	json_begin_object(j, "system");
	report_percent(j, "cpu_percent", s->cpu_percent);
	report_percent(j, "memory_percent", machine_memory_percent(m));
	report_known(j, "memory_available_bytes", m->memory_available);
	report_percent(j, "disk_percent", s->disk > 0 ? 100 - 100.0 *
	    (double)s->disk_free / (double)s->disk : -1);
	report_known(j, "disk_free_bytes", s->disk_free);
	json_begin_object(j, "pressure");
	pressure(j, "cpu", m->pressure_cpu);
	pressure(j, "memory", m->pressure_memory);
	pressure(j, "io", m->pressure_io);
	json_end_object(j);
	json_end_object(j);
}

static void
type_object(struct json *j, const struct summary *s, size_t i)
{
	const struct type_stats *t = &s->stats.types[i];

	json_begin_object(j, NULL);
	json_put_string(j, "type", t->type);
	json_put_bool(j, "paused", t->paused);
	json_put_time(j, "paused_until_at", t->paused_until);
	json_put_string(j, "pause_reason", t->pause_reason[0] ?
	    t->pause_reason : NULL);
	json_put_string(j, "breaker_state", breaker_state_name(t->breaker));
	average_json(j, "average", t->naverages ? &t->averages[0].average :
	    NULL);
	json_put_null(j, "optimal_concurrency");
	json_put_null(j, "bound_by");
	depth(j, s, &t->depth);
	throughput(j, s, t);
	distributions(j, t);
	counters(j, t, &s->types[i]);
	json_end_object(j);
}

static void
types(struct json *j, const struct summary *s)
{
	json_begin_array(j, "types");
	for (size_t i = 0; i < s->stats.ntypes; i++)
		type_object(j, s, i);
	json_end_array(j);
}

static void
fairness(struct json *j, const struct summary *s)
{
	double jain = summary_fairness(s);

	json_begin_object(j, "fairness");
	json_put_float(j, "jain_index", jain < 0 ? NAN :
	    round(jain * 1000) / 1000);
	json_begin_array(j, "starved");
	for (size_t i = 0; i < s->stats.ntypes; i++)
		if (s->stats.types[i].starved)
			json_put_string(j, NULL, s->stats.types[i].type);
	json_end_array(j);
	json_end_object(j);
}

static void
put_warning(void *ctx, const char *sentence)
{
	json_put_string(ctx, NULL, sentence);
}

static int
whole(struct json *j, const struct summary *s, struct err *err)
{
	const struct type_stats *t = &s->stats.total;
	int code;

	json_put_bool(j, "paused", t->paused);
	depth(j, s, &t->depth);
	workers_json(j, s);
	throughput(j, s, t);
	distributions(j, t);
	json_put_null(j, "tokens");
	counters(j, t, &s->total);
	watch(j, s);
	fairness(j, s);
	system_object(j, s);
	json_begin_array(j, "settings_warnings");
	code = settings_warnings(s, put_warning, j, err);
	json_end_array(j);
	if (s->health) {
		json_begin_object(j, "health");
		health_json(j, s->health);
		json_end_object(j);
	}
	if (s->by == BY_HOST)
		hosts_json(j, s);
	else if (s->by != BY_FAILURE)
		types(j, s);
	if (s->by == BY_FAILURE || s->by == BY_TYPE_AND_FAILURE)
		failures_json(j, &s->failures);
	return code;
}

int
stats_json_add(struct buf *b, const struct summary *s, struct err *err)
{
	struct json j;
	int code;

	json_init(&j, b);
	json_begin_object(&j, NULL);
	json_put_int(&j, "schema", 1);
	json_put_time(&j, "sampled_at", s->stats.sampled);
	json_put_path(&j, "queue", bytes_of(store_path(s->store)));
	json_put_seconds(&j, "window_seconds", s->stats.sampled -
	    s->stats.since);
	code = settings(&j, s, err);
	if (code == 0)
		code = whole(&j, s, err);
	if (code == 0)
		json_end_object(&j);
	return code;
}
