/* Who works. */
#include <stdlib.h>
#include <string.h>

#include "store/claim.h"
#include "store/reading.h"

/* The types as they are stored, separated by spaces */
static void
read_selection(struct worker_stats *w, const char *text, bool own_command)
{
	const char **types = NULL;
	char *save = NULL, *word;
	size_t n = 0;

	w->names = mem_strdup(text ? text : "");
	for (word = strtok_r(w->names, " ", &save); word;
	    word = strtok_r(NULL, " ", &save)) {
		types = mem_grow(types, n + 1, sizeof(*types));
		types[n++] = word;
	}
	w->serves = (struct selection){ .types = types, .n = n,
	    .own_command = own_command };
}

static void
read_worker(struct store *s, struct query *q, struct worker_stats *w)
{
	const char *host = db_column_text(q, 1);
	struct proc_id who;

	memset(w, 0, sizeof(*w));
	worker_process(q, 2, &who);
	w->id = db_column_int(q, 0);
	snprintf(w->host, sizeof(w->host), "%s", host ? host : "");
	w->pid = (int)who.pid;
	read_selection(w, db_column_text(q, 5), db_column_int(q, 6));
	w->limit = (int)db_column_int(q, 7);
	w->started = db_column_int(q, 8);
	w->heartbeat = db_column_int(q, 9);
	w->running = (int)db_column_int(q, 10);
	/* it may have claimed ahead of its slots */
	if (w->running > w->limit)
		w->running = w->limit;
	w->alive = worker_lives(s, w->id, &who);
	w->lease = db_column_int(q, 11);
	w->silent = clock_boot(s->clock) - db_column_int(q, 12);
	w->overdue = w->alive && w->silent > w->lease;
}

int
crew_read(struct store *s, struct worker_stats **v, size_t *n,
	struct err *err)
{
	struct query q;
	int code, got;

	*v = NULL;
	*n = 0;
	code = sidecar_look(s, err);
	if (code)
		return code;
	code = db_start(&q, &s->db, SQL_CREW, err, "");
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		*v = mem_grow(*v, *n + 1, sizeof(**v));
		read_worker(s, &q, &(*v)[(*n)++]);
	}
	return got < 0 ? err->code : 0;
}

void
crew_release(struct worker_stats *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free((void *)(uintptr_t)v[i].serves.types);
		free(v[i].names);
	}
	free(v);
}

bool
worker_able(struct store *s, const struct worker_stats *v, struct type *t)
{
	return v->alive && selection_has(&v->serves, t->name) &&
	    selection_runs(&v->serves, type_handler(s, t));
}
