/* Pauses of a type, or of the whole queue. */
#include <string.h>

#include "rules/json.h"
#include "store/reading.h"
#include "store/reserve.h"

int
pause_read(struct store *s, const struct type *t, int64_t now,
	struct pause *p, struct err *err)
{
	const char *reason;
	struct query q;
	int got;

	memset(p, 0, sizeof(*p));
	got = t ? db_first(&q, &s->db, SQL_PAUSE_OF_TYPE, err, "i", t->id) :
	    db_first(&q, &s->db, SQL_PAUSE_OF_QUEUE, err, "");
	if (got <= 0)
		return got < 0 ? err->code : 0;
	p->until = db_column_or(&q, 1, 0);
	p->on = db_column_int(&q, 0) && (p->until == 0 || p->until > now);
	reason = db_column_text(&q, 2);
	snprintf(p->reason, sizeof(p->reason), "%s", reason ? reason : "");
	p->own = p->on;
	db_end(&q);
	return 0;
}

static bool
lasts_longer(const struct pause *a, const struct pause *b)
{
	if (!a->on || !b->on)
		return a->on;
	return b->until && (a->until == 0 || a->until > b->until);
}

int
pause_in_force(struct store *s, const struct type *t, int64_t now,
	struct pause *p, struct err *err)
{
	int code = pause_read(s, t, now, p, err);

	/* most often nothing is paused, and there is no more to ask */
	while (code == 0 && t && catalog_paused(s, t, now)) {
		struct pause above;

		t = t->parent;
		code = pause_read(s, t, now, &above, err);
		above.own = false;
		if (lasts_longer(&above, p))
			*p = above;
	}
	return code;
}

static void
pause_event(struct store *s, enum event_kind kind, const char *type,
	const char *reason, int64_t until)
{
	struct event *e = tx_event(s, kind);
	struct json j;

	json_init(&j, &e->detail);
	json_begin_array(&j, NULL);
	json_begin_object(&j, NULL);
	json_put_string(&j, "type", type);
	if (kind == KIND_PAUSE) {
		json_put_string(&j, "reason", reason);
		json_put_time(&j, "until_at", until);
	}
	json_end_object(&j);
	json_end_array(&j);
	s->tx.regenerate = s->tx.wake = true;
}

static int
set_pause(struct store *s, bool on, const char *type, const char *reason,
	int64_t until, struct err *err)
{
	struct type *t = NULL;
	int code = 0;

	if (type) {
		t = catalog_find(s, type, strlen(type));
		if (t == NULL && !on)
			return err_set(err, EX_NOINPUT, "resume %s: no such "
			    "type", type);
		/* a type may be paused before its first job */
		if (t == NULL)
			code = catalog_make_type(s, bytes_of(type), &t, err);
	}
	if (code)
		return code;
	pause_event(s, on ? KIND_PAUSE : KIND_RESUME, type, reason, until);
	if (!on)
		code = throttle_close(s, t, err);
	if (code)
		return code;
	if (t)
		return db_run(&s->db, SQL_TYPE_PAUSE, err, "iizt", t->id,
		    (int64_t)on, until, reason);
	return db_run(&s->db, SQL_QUEUE_PAUSE, err, "izt", (int64_t)on, until,
	    reason);
}

/* On a full disk as well: there it is wanted most. */
static int
change(struct store *s, bool on, const char *type, const char *reason,
	int64_t until, struct err *err)
{
	int code;

	do {
		code = tx_begin(s, err);
		if (code == 0)
			code = tx_end(s, set_pause(s, on, type, reason, until,
			    err), err);
	} while (code && reserve_break(s));
	return code ? code : store_sync(s, err);
}

int
store_pause(struct store *s, const char *type, const char *reason,
	int64_t until, struct err *err)
{
	return change(s, true, type, reason, until, err);
}

int
store_resume(struct store *s, const char *type, struct err *err)
{
	return change(s, false, type, NULL, 0, err);
}
