/* Who works, and who was told to pause. */
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "store/reading.h"

static void
copy_text(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

static void
read_worker(struct query *q, struct worker_stats *w)
{
	const char *types = db_column_text(q, 5);
	struct proc_id who = { .pid = (pid_t)db_column_int(q, 3),
	    .start = db_column_int(q, 4) };

	w->id = db_column_int(q, 0);
	copy_text(w->host, sizeof(w->host), db_column_text(q, 1));
	copy_text(who.boot, sizeof(who.boot), db_column_text(q, 2));
	w->pid = (int)who.pid;
	w->types = mem_strdup(types ? types : "");
	w->own_command = db_column_int(q, 6);
	w->limit = (int)db_column_int(q, 7);
	w->started = db_column_int(q, 8);
	w->heartbeat = db_column_int(q, 9);
	w->running = (int)db_column_int(q, 10);
	/* it may have claimed ahead of its slots */
	if (w->running > w->limit)
		w->running = w->limit;
	w->alive = proc_alive(&who);
}

int
crew_read(struct store *s, struct worker_stats **v, size_t *n,
	struct err *err)
{
	struct query q;
	int code, got;

	*v = NULL;
	*n = 0;
	code = db_start(&q, &s->db, SQL_CREW, err, "");
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		*v = mem_grow(*v, *n + 1, sizeof(**v));
		read_worker(&q, &(*v)[(*n)++]);
	}
	return got < 0 ? err->code : 0;
}

void
crew_release(struct worker_stats *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i].types);
	free(v);
}

bool
worker_serves(const struct worker_stats *w, const char *type)
{
	const char *at = w->types;
	char name[TYPE_MAX + 1];

	if (at[0] == '\0')
		return true;
	while (*at) {
		size_t n = strcspn(at, " ");

		if (n <= TYPE_MAX) {
			snprintf(name, sizeof(name), "%.*s", (int)n, at);
			if (type_within(type, name))
				return true;
		}
		at += n + (at[n] == ' ');
	}
	return false;
}

int
pause_read(struct store *s, const struct type *t, int64_t now,
	struct pause *p, struct err *err)
{
	struct query q;
	int code, got;

	memset(p, 0, sizeof(*p));
	code = t ? db_start(&q, &s->db, SQL_PAUSE_OF_TYPE, err, "i", t->id) :
	    db_start(&q, &s->db, SQL_PAUSE_OF_QUEUE, err, "");
	if (code)
		return code;
	got = db_row(&q, err);
	if (got < 0)
		return err->code;
	if (got == 0)
		return 0;
	p->until = db_column_or(&q, 1, 0);
	p->on = db_column_int(&q, 0) && (p->until == 0 || p->until > now);
	copy_text(p->reason, sizeof(p->reason), db_column_text(&q, 2));
	db_end(&q);
	return 0;
}
