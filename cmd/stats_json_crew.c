/* Who works, as JSON. */
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
hosts_json(struct json *j, const struct summary *s)
{
	const struct worker_stats *w = s->stats.workers;
	size_t n = s->stats.nworkers, k;

	json_begin_array(j, "hosts");
	for (size_t i = 0; i < n; i++) {
		int64_t processes = 0, slots = 0, active = 0;

		for (k = 0; strcmp(w[k].host, w[i].host) != 0; k++)
			;
		if (k < i)
			continue;	/* said already */
		for (; k < n; k++)
			if (w[k].alive && strcmp(w[k].host, w[i].host) == 0) {
				processes++;
				slots += w[k].limit;
				active += w[k].running;
			}
		json_begin_object(j, NULL);
		json_put_string(j, "host", w[i].host);
		json_put_int(j, "processes", processes);
		json_put_int(j, "limit", slots);
		json_put_int(j, "running", active);
		json_end_object(j);
	}
	json_end_array(j);
}
