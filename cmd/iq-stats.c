/* Tells what the queue holds, what it did in a window of time, and how fast. */
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/num.h"
#include "stats.h"
#include "type_option.h"

enum {
	O_SINCE = OPT_LONG, O_BY, O_FAILURES, O_HEALTH, O_PROMETHEUS, O_HTML
};

static const struct opt opts[] = {
	{ 't', "type", "TYPE", "of this type and its children only", "type",
	    false },
	{ O_SINCE, "since", "TIME", "what happened since TIME (-1h)", NULL,
	    false },
	{ O_BY, "by", "WHAT", "break down by type or host (type)",
	    "type host", false },
	{ O_FAILURES, "failures", NULL, "group the attempts that failed",
	    NULL, false },
	{ O_HEALTH, "health", NULL, "as a monitoring plugin", NULL, true },
	{ O_PROMETHEUS, "prometheus", NULL, "Prometheus text", NULL, true },
	{ O_HTML, "html", NULL, "one page", NULL, true },
	REPORT_OPTIONS,
	OPT_END
};

static const char *const synopsis[] = {
	"[-t TYPE] [--since TIME] [--by type|host | --failures] "
	    "[--text | --json]",
	NULL
};

static const struct program program = {
	.name = "iq-stats",
	.purpose = "report what the queue holds, what it did and how fast",
	.synopsis = synopsis,
	.opts = opts,
};

#define HOUR (3600 * NS_PER_S)

struct stats_program {
	struct args args;
	struct summary summary;
	int64_t since;
	int form;
};

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
gather(struct stats_program *p, struct err *err)
{
	struct summary *s = &p->summary;
	int code = store_stats(s->store, &(struct stats_request){
	    .type = s->type, .since = p->since }, &s->stats, err);

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
	if (code == 0 && s->by == BY_FAILURE)
		code = failures_read(s, err);
	return code;
}

static void
break_down(struct summary *s, const char *what)
{
	if (strcmp(what, "host") != 0 && strcmp(what, "type") != 0)
		die_usage("--by: type or host, not '%s'", what);
	s->by = what[0] == 'h' ? BY_HOST : BY_TYPE;
}

static void
parse_options(struct stats_program *p, int argc, char **argv)
{
	int64_t now = clock_system.wall(NULL);
	struct err err;
	const char *value;
	int id;

	p->since = now - HOUR;
	args_init(&p->args, &program, argc, argv, false);
	while ((id = args_next(&p->args, &value)) != 0) {
		if (id == 't') {
			type_option(&p->summary.type, value);
		} else if (id == O_SINCE) {
			if (time_parse(value, now, &p->since, &err) != 0)
				die_usage("--since: %s", err.text);
		} else if (id == O_BY) {
			break_down(&p->summary, value);
		} else if (id == O_FAILURES) {
			p->summary.by = BY_FAILURE;
		} else {
			p->form = id;
		}
	}
	if (p->args.argc)
		die_usage("does not take '%s'", p->args.argv[0]);
}

int
main(int argc, char **argv)
{
	struct stats_program p = { 0 };
	struct summary *s = &p.summary;
	struct report report;
	struct err err = { 0 };
	int code;

	parse_options(&p, argc, argv);
	report_init(&report, p.form);
	code = store_open(&s->store, &(struct store_options){
	    .path = p.args.queue, .mode = STORE_READ,
	    .program = program.name }, &err);
	if (code == 0)
		code = gather(&p, &err);
	if (code == 0 && report.json)
		code = stats_json(s, &err);
	else if (code == 0)
		stats_text(s, &report);
	if (code)
		warn_say("%s", err.text);
	stats_release(&s->stats);
	failures_release(&s->failures);
	free(s->types);
	store_close(s->store);
	return output_finish(code);
}
