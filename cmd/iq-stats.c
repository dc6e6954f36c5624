/* Tells what the queue holds, what it did in a window of time, and how fast. */
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "stats_options.h"

static int
global_number(struct summary *s, enum setting_key k, int64_t *out,
	struct err *err)
{
	struct setting_value v;
	bool set;
	int code = store_setting_value(s->store, NULL, k, &v, &set, err);

	*out = code == 0 && set ? v.i : 0;
	return code;
}

static int
read_backpressure(struct summary *s, struct err *err)
{
	int code = global_number(s, SET_MAX_QUEUE, &s->total.max_queue, err);

	s->types = mem_zero(s->stats.ntypes + 1, sizeof(*s->types));
	for (size_t i = 0; i < s->stats.ntypes && code == 0; i++) {
		const struct type_stats *t = &s->stats.types[i];
		int64_t pending = t->depth.ready + t->depth.delayed +
		    t->depth.waiting;
		struct setting_value v;
		bool set;

		code = store_setting_value(s->store, t->type, SET_MAX_QUEUE,
		    &v, &set, err);
		if (code || !set)
			continue;
		s->types[i].max_queue = v.i;
		s->types[i].active = v.i > 0 && pending >= v.i;
		s->total.active |= s->types[i].active;
	}
	return code;
}

static void
read_disk(struct summary *s)
{
	char *dir = mem_strdup(store_path(s->store));
	struct statvfs fs;
	char *slash = strrchr(dir, '/');

	s->disk = s->disk_free = -1;
	slash[slash == dir] = '\0';
	if (statvfs(dir, &fs) == 0) {
		s->disk = (int64_t)fs.f_blocks * (int64_t)fs.f_frsize;
		s->disk_free = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	}
	free(dir);
}

static int
gather(struct summary *s, const struct stats_options *o, struct err *err)
{
	bool ever = o->form == STATS_PROMETHEUS;
	int code = store_stats(s->store, &(struct stats_request){
	    .type = o->type, .since = o->since, .ever = ever,
	    .buckets = ever }, &s->stats, err);

	if (code)
		return code;
	s->window = (double)(s->stats.sampled - s->stats.since) / NS_PER_S;
	code = global_number(s, SET_TARGET_BYTES_PER_SECOND, &s->target, err);
	if (code == 0)
		code = global_number(s, SET_WORKERS, &s->configured, err);
	if (code == 0)
		code = read_backpressure(s, err);
	if (code == 0 && s->type && s->stats.ntypes == 0)
		code = err_set(err, EX_NOINPUT, "report on %s: no such type",
		    s->type);
	machine_read(&s->machine);
	s->cpu_percent = machine_cpu_percent();
	read_disk(s);
	if (code == 0 && (s->by == BY_FAILURE || o->form == STATS_HTML))
		code = failures_read(s, err);
	return code;
}

static int
show_page(struct summary *s, const struct stats_options *o, struct err *err)
{
	struct series series;
	int code = store_series(s->store, &(struct stats_request){
	    .type = o->type, .since = o->since }, &series, err);

	if (code == 0)
		code = stats_html(s, &series, err);
	series_release(&series);
	return code;
}

static int
show_json(struct summary *s, struct err *err)
{
	struct buf b = { 0 };
	int code = stats_json_add(&b, s, err);

	if (code == 0)
		report_line(&b);
	buf_release(&b);
	return code;
}

static int
show(struct summary *s, const struct stats_options *o, struct err *err)
{
	struct report report;

	report_init(&report, o->print);
	if (o->form == STATS_HTML)
		return show_page(s, o, err);
	if (o->form == STATS_PROMETHEUS)
		stats_prometheus(s);
	else if (report.json)
		return show_json(s, err);
	else
		stats_text(s, &report);
	return 0;
}

int
main(int argc, char **argv)
{
	struct stats_options o;
	struct summary s = { 0 };
	struct err err = { 0 };
	int code;

	stats_options_parse(&o, argc, argv);
	s.type = o.type;
	s.by = o.by;
	code = store_open(&s.store, &(struct store_options){
	    .path = o.args.queue, .mode = STORE_READ,
	    .program = o.args.program->name }, &err);
	if (code == 0)
		code = gather(&s, &o, &err);
	if (o.form == STATS_HEALTH)
		code = stats_health(&s, o.print == REPORT_JSON, code, &err);
	else if (code == 0)
		code = show(&s, &o, &err);
	if (o.form != STATS_HEALTH && code)
		warn_say("%s", err.text);
	stats_release(&s.stats);
	failures_release(&s.failures);
	free(s.types);
	store_close(s.store);
	return output_finish(code);
}
