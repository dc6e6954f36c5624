/* What reports are made of is read. */
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "stats.h"

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
		struct setting_value v;
		bool set;

		s->types[i].active = t->full_by[0] != '\0';
		s->total.active |= s->types[i].active;
		code = store_setting_value(s->store, t->type, SET_MAX_QUEUE,
		    &v, &set, err);
		if (code)
			continue;
		s->types[i].max_queue = set ? v.i : 0;
		code = store_setting_value(s->store, t->type, SET_ON_FULL, &v,
		    &set, err);
		s->types[i].on_full = code == 0 && set ?
		    (enum on_full)v.choice : FULL_BLOCK;
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

int
summary_read(struct summary *s, const struct stats_request *r, struct err *err)
{
	int code = store_stats(s->store, r, &s->stats, err);

	s->type = r->type;
	if (code)
		return code;
	s->asked = r->since;
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
	return code;
}

void
summary_release(struct summary *s)
{
	stats_release(&s->stats);
	series_release(&s->series);
	failures_release(&s->failures);
	free(s->types);
	s->types = NULL;
}
