/* How a watch goes: for whoever reads it, and for the queue. */
#include <poll.h>

#include "rules/json.h"
#include "watch.h"

/* Bytes that may wait for a reader of --status-fd, or of stderr */
#define WAITS_MOST (64 << 10)
#define PATIENCE_MS 1000

void
watch_put_status(const struct watch_program_state *p, struct buf *out)
{
	const struct watch *w = &p->watch;
	const struct watch_tally *t = &w->tally;
	struct json j;

	json_init(&j, out);
	json_begin_object(&j, NULL);
	json_put_bool(&j, "healthy", w->health.healthy);
	json_put_string(&j, "reason", w->health.why);
	json_put_string(&j, "source", w->health.source);
	json_put_string(&j, "coverage", watch_coverage_name(
	    w->health.coverage));
	json_put_int(&j, "events", t->events);
	json_put_int(&j, "deduplicated", t->deduplicated);
	report_percent(&j, "deduplication_percent", t->events ? 100.0 *
	    (double)t->deduplicated / (double)t->events : -1);
	json_put_int(&j, "pending_files", w->health.pending);
	json_put_int(&j, "batches", p->batches + w->out.tally.batches);
	json_put_seconds(&j, "debounce_seconds", w->options.changes.window);
	json_put_int(&j, "batch_threshold",
	    (int64_t)w->options.changes.batch);
	json_put_int(&j, "overflows", t->overflows);
	json_put_int(&j, "restarts", t->restarts);
	json_put_int(&j, "scans", t->scans);
	json_put_int(&j, "fallback_scans", t->fallback_scans);
	json_end_object(&j);
}

static void
put_line(struct output *o, struct bytes line)
{
	if (o->waiting <= WAITS_MOST)
		output_add(o, line.p, line.n);
	output_flush(o);
}

void
watch_say(void *ctx, struct bytes line)
{
	struct watch_program_state *p = ctx;

	put_line(&p->says, line);
}

void
watch_say_rest(struct watch_program_state *p)
{
	struct pollfd reader = { .fd = p->says.fd, .events = POLLOUT };

	do
		output_flush(&p->says);
	while (p->says.waiting > 0 && poll(&reader, 1, PATIENCE_MS) > 0);
}

void
watch_tell_status(struct watch_program_state *p)
{
	struct buf line = { 0 };

	if (p->status_fd < 0)
		return;
	watch_put_status(p, &line);
	buf_addc(&line, '\n');
	put_line(&p->status, buf_bytes(&line));
	buf_release(&line);
}

static struct watcher_health
health_now(const struct watch_program_state *p)
{
	const struct watch_health *h = &p->watch.health;

	return (struct watcher_health){
		.healthy = h->healthy,
		.reason = h->why,
		.source = h->source,
		.coverage = h->coverage,
		.pending = h->pending,
		.debounce = p->watch.options.changes.window,
		.batch = (int64_t)p->watch.options.changes.batch,
	};
}

static bool
is_told(const struct watch_program_state *p, const struct watcher_health *now)
{
	const struct watcher_health *was = &p->told;

	return now->healthy == was->healthy && now->reason == was->reason &&
	    now->source == was->source && now->coverage == was->coverage &&
	    now->pending == was->pending && now->debounce == was->debounce &&
	    clock_boot(&clock_system) < p->told_at + WATCHER_TELLS;
}

int
watch_join(struct watch_program_state *p, struct err *err)
{
	struct watch *w = &p->watch;

	w->health = (struct watch_health){ .why = "starting",
	    .source = "scan" };
	p->told = health_now(p);
	p->told_at = clock_boot(&clock_system);
	return store_watch_join(p->source.scan.store, p->found.states,
	    p->found.n, &p->told, &p->number, err);
}

int
watch_leave(struct watch_program_state *p, struct err *err)
{
	return store_watch_leave(p->source.scan.store, p->number, err);
}

int
watch_save(struct watch_program_state *p, struct err *err)
{
	const struct watch_tally *now = &p->watch.tally, *was = &p->saved;
	struct watcher_health health = health_now(p);
	int64_t batches = p->watch.out.tally.batches;
	const char *type = p->source.type ? p->source.type : TYPE_DEFAULT;
	struct count v[] = {
		{ METRIC_EVENTS, now->events - was->events },
		{ METRIC_DEDUPLICATED, now->deduplicated -
		    was->deduplicated },
		{ METRIC_BATCHES, batches - p->batches_saved },
		{ METRIC_OVERFLOWS, now->overflows - was->overflows },
		{ METRIC_FALLBACK_SCANS, now->fallback_scans -
		    was->fallback_scans },
	};
	size_t n = sizeof(v) / sizeof(v[0]);
	bool any = false;
	int code;

	for (size_t i = 0; i < n; i++)
		any = any || v[i].n != 0;
	if (!any && is_told(p, &health))
		return 0;
	if (p->number == 0 && store_watch_join(p->source.scan.store,
	    p->found.states, p->found.n, &health, &p->number, err) != 0)
		return err->code;
	code = store_watch_tell(p->source.scan.store, p->number, &health,
	    type, v, any ? n : 0, err);
	if (code == 0) {
		p->saved = *now;
		p->batches_saved = batches;
		p->told = health;
		p->told_at = clock_boot(&clock_system);
	}
	return code;
}
