/* Who works, as JSON. */
#include <stdlib.h>
#include <string.h>

#include "stats.h"

static void
type_names(struct json *j, const struct selection *sel)
{
	json_begin_array(j, "types");
	for (size_t i = 0; i < sel->n; i++)
		json_put_string(j, NULL, sel->types[i]);
	json_end_array(j);
}

void
workers_json(struct json *j, const struct summary *s)
{
	int64_t slots, active;

	summary_slots(s, &slots, &active);
	json_begin_object(j, "workers");
	report_known(j, "configured", s->configured ? s->configured : -1);
	json_put_int(j, "effective", slots);
	json_put_int(j, "active", active);
	json_begin_array(j, "processes");
	for (size_t i = 0; i < s->stats.nworkers; i++) {
		const struct worker_stats *w = &s->stats.workers[i];

		json_begin_object(j, NULL);
		json_put_int(j, "id", w->id);
		json_put_string(j, "host", w->host);
		json_put_int(j, "pid", w->pid);
		json_put_bool(j, "alive", w->alive);
		json_put_bool(j, "overdue", w->overdue);
		json_put_time(j, "started_at", w->started);
		json_put_time(j, "heartbeat_at", w->heartbeat);
		json_put_seconds(j, "lease_seconds", w->lease);
		type_names(j, &w->serves);
		json_put_int(j, "limit", w->limit);
		json_put_int(j, "running", w->running);
		json_end_object(j);
	}
	json_end_array(j);
	json_end_object(j);
}

void
average_json(struct json *j, const char *name, const struct average *a)
{
	if (a == NULL) {
		json_put_null(j, name);
		return;
	}
	json_begin_object(j, name);
	report_percent(j, "cpu_percent", a->cpu_percent);
	report_known(j, "memory_bytes", (int64_t)a->memory);
	json_put_seconds(j, "duration_seconds", (int64_t)a->duration);
	json_put_time(j, "updated_at", a->updated);
	json_end_object(j);
}

/* ---- by host ---- */

struct hosts {
	const char **v;
	size_t n;
};

static void
add_host(struct hosts *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (strcmp(h->v[i], name) == 0)
			return;
	h->v = mem_grow(h->v, h->n + 1, sizeof(*h->v));
	h->v[h->n++] = name;
}

/* Where workers are, or were */
static void
find_hosts(const struct stats *s, struct hosts *h)
{
	for (size_t i = 0; i < s->nworkers; i++)
		add_host(h, s->workers[i].host);
	for (size_t i = 0; i < s->ntypes; i++)
		for (size_t k = 0; k < s->types[i].naverages; k++)
			add_host(h, s->types[i].averages[k].host);
}

static void
host_workers(struct json *j, const struct stats *s, const char *host)
{
	int64_t processes = 0, slots = 0, active = 0;

	for (size_t i = 0; i < s->nworkers; i++) {
		const struct worker_stats *w = &s->workers[i];

		if (!w->alive || strcmp(w->host, host) != 0)
			continue;
		processes++;
		slots += w->limit;
		active += w->running;
	}
	json_put_int(j, "processes", processes);
	json_put_int(j, "limit", slots);
	json_put_int(j, "running", active);
}

static void
host_types(struct json *j, const struct stats *s, const char *host)
{
	json_begin_array(j, "types");
	for (size_t i = 0; i < s->ntypes; i++) {
		const struct type_stats *t = &s->types[i];

		for (size_t k = 0; k < t->naverages; k++) {
			if (strcmp(t->averages[k].host, host) != 0)
				continue;
			json_begin_object(j, NULL);
			json_put_string(j, "type", t->type);
			average_json(j, "average", &t->averages[k].average);
			json_end_object(j);
		}
	}
	json_end_array(j);
}

void
hosts_json(struct json *j, const struct summary *s)
{
	struct hosts h = { NULL, 0 };

	find_hosts(&s->stats, &h);
	json_begin_array(j, "hosts");
	for (size_t i = 0; i < h.n; i++) {
		json_begin_object(j, NULL);
		json_put_string(j, "host", h.v[i]);
		host_workers(j, &s->stats, h.v[i]);
		host_types(j, &s->stats, h.v[i]);
		json_end_object(j);
	}
	json_end_array(j);
	free(h.v);
}
