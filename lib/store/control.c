/* What an operator does to jobs. */
#include <string.h>

#include "rules/json.h"
#include "store/frozen.h"

static const struct {
	enum verb verb;
	enum event_kind kind;
} of_verb[] = {
	[JOB_RETRY] = { VERB_REVIVE, KIND_RETRY },
	[JOB_CANCEL] = { VERB_CANCEL, KIND_CANCEL },
	[JOB_KILL] = { VERB_CANCEL, KIND_CANCEL },
	[JOB_RELEASE] = { VERB_RELEASE, KIND_RELEASE },
	[JOB_QUARANTINE] = { VERB_QUARANTINE, KIND_QUARANTINE },
	[JOB_DISCARD] = { VERB_DISCARD, KIND_DISCARD },
	[JOB_PRIORITY] = { VERB_DEFER, KIND_PRIORITY },
};

struct control {
	struct store *store;
	enum job_verb verb;
	int priority;
	struct control_result *out;
};

/* Its worker kills or gives back the job; the lease stays until then. */
static int
order(struct control *c, const struct frozen *f, struct err *err)
{
	struct event *e = tx_event(c->store, of_verb[c->verb].kind);

	event_detail(e, "{\"ordered\":%lld}", (long long)f->id);
	c->out->ok = c->out->ordered = true;
	c->out->to = c->verb == JOB_KILL ? STATE_CANCELLED : STATE_READY;
	c->store->tx.wake = true;
	return db_run(&c->store->db, SQL_JOB_ORDER, err, "ii", f->id,
	    (int64_t)(c->verb == JOB_KILL ? 1 : 2));
}

/* Puts a job that had given up its place at the end of the list of its key.
 * *older: the one that it follows now; *newer: a pending one does its work
 * already. */
static int
rejoin(struct store *s, const struct frozen *f, int64_t *older, bool *newer,
	struct err *err)
{
	struct query q;
	int64_t last = 0;
	enum state state = STATE_NONE;
	int code, got;

	*older = f->older;
	*newer = false;
	if (f->key.p == NULL)
		return 0;
	code = db_start(&q, &s->db, SQL_JOB_BY_KEY, err, "ib", f->type,
	    f->key);
	if (code)
		return code;
	got = db_row(&q, err);
	if (got < 0)
		return err->code;
	if (got == 1) {
		last = db_column_int(&q, 0);
		state = (enum state)db_column_int(&q, 2);
		db_end(&q);
	}
	if (last == 0 || last == f->id)
		return 0;
	if (state <= STATE_WAITING) {
		*newer = true;
		return 0;
	}
	if (f->newer || f->older)
		code = job_unlink(s, f->newer, f->older, err);
	*older = last;
	return code ? code : db_run(&s->db, SQL_JOB_NEWER, err, "iz", last,
	    f->id);
}

static int
revive(struct control *c, struct frozen *f, enum state from, struct query *q,
	struct err *err)
{
	struct store *s = c->store;
	struct event *e = tx_event(s, KIND_RETRY);
	int64_t id = f->id, older;
	struct lane *lane = f->lane;
	enum state to;
	bool newer;
	int code = rejoin(s, f, &older, &newer, err);

	db_end(q);
	if (code)
		return code;
	if (newer) {
		code = settle_pending(s, id, VERB_SUPERSEDE,
		    REASON_SUPERSEDED, KIND_RETRY, &from, &c->out->ok, err);
		c->out->to = STATE_CANCELLED;
		return code;
	}
	/* its own row first: it becomes the last of its key again */
	code = job_place(s, id, older, 0, true, &to, err);
	if (code == 0)
		code = tx_move(s, e, id, lane, from, VERB_REVIVE, to,
		    REASON_OPERATOR, 0, 0, err);
	c->out->ok = code == 0;
	c->out->to = to;
	return code ? code : db_run(&s->db, SQL_JOB_REVIVE, err, "iizz", id,
	    (int64_t)to, to == STATE_READY ? s->tx.now : INT64_C(0), older);
}

static int
quarantine(struct control *c, const struct frozen *f, enum state from,
	struct query *q, struct err *err)
{
	struct store *s = c->store;
	int64_t id = f->id;
	int code = tx_move(s, tx_event(s, KIND_QUARANTINE), id, f->lane, from,
	    VERB_QUARANTINE, STATE_QUARANTINED, REASON_OPERATOR, 0, 0, err);

	db_end(q);
	c->out->ok = code == 0;
	c->out->to = STATE_QUARANTINED;
	if (code == 0)
		code = db_run(&s->db, SQL_JOB_QUARANTINE, err, "ii", id,
		    (int64_t)REASON_OPERATOR);
	return code ? code : job_release_children(s, id, STATE_QUARANTINED,
	    err);
}

static int
reprioritise(struct control *c, const struct frozen *f, enum state from,
	struct query *q, struct err *err)
{
	struct store *s = c->store;
	struct lane *lane;
	int64_t id = f->id;
	struct lane *was = f->lane;
	struct event *e;
	int code;

	db_end(q);
	if (from == STATE_RUNNING)
		return 0;
	code = catalog_make_lane(s, was->type, was->class, c->priority, &lane,
	    err);
	if (code)
		return code;
	e = tx_event(s, KIND_PRIORITY);
	event_move(e, id, was->type->id, from, from, REASON_OPERATOR, 0, 0);
	if (e->detail.len == 0)
		event_detail(e, "{\"priority\":%d}", c->priority);
	tx_relane(was, lane, from);
	c->out->ok = true;
	c->out->to = from;
	s->tx.wake = true;
	return db_run(&s->db, SQL_JOB_LANE, err, "ii", id, lane->id);
}

static int
control_live(struct control *c, struct frozen *f, enum state from,
	struct query *q, struct err *err)
{
	int64_t id = f->id;
	enum verb verb = of_verb[c->verb].verb;

	c->out->found = true;
	c->out->from = c->out->to = from;
	if (from == STATE_RUNNING && (c->verb == JOB_KILL ||
	    c->verb == JOB_RELEASE)) {
		db_end(q);
		return order(c, f, err);
	}
	if (c->verb == JOB_PRIORITY)
		return reprioritise(c, f, from, q, err);
	if (!state_accepts(from, verb) || from == STATE_RUNNING ||
	    c->verb == JOB_RELEASE) {
		db_end(q);
		return 0;
	}
	if (c->verb == JOB_RETRY)
		return revive(c, f, from, q, err);
	if (c->verb == JOB_QUARANTINE)
		return quarantine(c, f, from, q, err);
	db_end(q);
	c->out->to = STATE_CANCELLED;
	return settle_pending(c->store, id, verb, c->verb == JOB_DISCARD ?
	    REASON_DISCARDED : REASON_OPERATOR, of_verb[c->verb].kind,
	    &c->out->from, &c->out->ok, err);
}

/* ---- a cancelled job comes back from history ---- */

struct ended {
	int64_t attempt, type, lane, created;
	enum state state;
	struct bytes key, path, group, payload;
	int64_t no_path, event, max_attempts, timeout;
	struct arena arena;
};

static int
read_ended(struct store *s, int64_t id, struct ended *e, struct err *err)
{
	struct query q;
	int code = db_start(&q, &s->db, SQL_ENDED, err, "i", id);
	int got;

	if (code)
		return code;
	got = db_row(&q, err);
	if (got <= 0)
		return got < 0 ? err->code : 0;
	e->attempt = db_column_int(&q, 0) - db_column_int(&q, 4);
	e->type = db_column_int(&q, 1);
	e->lane = db_column_or(&q, 2, 0);
	e->state = (enum state)db_column_int(&q, 3);
	e->created = db_column_int(&q, 5);
	e->key = arena_copy(&e->arena, db_column_bytes(&q, 6));
	e->path = arena_copy(&e->arena, db_column_bytes(&q, 7));
	e->no_path = db_column_or(&q, 8, 0);
	e->event = db_column_or(&q, 9, 0);
	e->max_attempts = db_column_or(&q, 10, 0);
	e->timeout = db_column_or(&q, 11, 0);
	e->group = arena_copy(&e->arena, db_column_bytes(&q, 12));
	e->payload = arena_copy(&e->arena, db_column_bytes(&q, 13));
	db_end(&q);
	return 0;
}

static int
resurrect(struct control *c, int64_t id, struct ended *e, struct err *err)
{
	struct store *s = c->store;
	struct frozen f = { .id = id, .type = e->type, .key = e->key };
	struct lane *lane = catalog_lane(s, e->lane);
	enum state to;
	int64_t older;
	bool newer;
	int code;

	if (lane == NULL)
		return err_set(err, EX_SOFTWARE, "revive job %lld: its lane "
		    "does not exist", (long long)id);
	code = rejoin(s, &f, &older, &newer, err);
	/* a newer one does its work: it stays cancelled */
	if (code || newer)
		return code;
	code = job_place(s, id, older, 0, false, &to, err);
	if (code == 0)
		code = tx_move(s, tx_event(s, KIND_RETRY), id, lane,
		    STATE_CANCELLED, VERB_REVIVE, to, REASON_OPERATOR, 0, 0,
		    err);
	/* that it ended unstarted is no longer so, and its number is that of
	 * the next start */
	if (code == 0)
		code = db_run(&s->db, SQL_ENDED_FORGET, err, "i", id);
	c->out->ok = code == 0;
	c->out->to = to;
	return code ? code : db_run(&s->db, SQL_JOB_RESURRECT, err,
	    "iiiiibbzzizzozzbx", id, e->type, e->lane, (int64_t)to,
	    e->created, e->key, e->path, e->no_path, e->event, e->attempt,
	    to == STATE_READY ? s->tx.now : INT64_C(0), older, INT64_C(-1),
	    e->max_attempts, e->timeout, e->group, e->payload);
}

static int
control_ended(struct control *c, int64_t id, struct err *err)
{
	struct ended e = { 0 };
	int code = read_ended(c->store, id, &e, err);

	c->out->found = e.state != STATE_NONE;
	c->out->from = c->out->to = e.state;
	if (code == 0 && c->verb == JOB_RETRY && e.state == STATE_CANCELLED)
		code = resurrect(c, id, &e, err);
	arena_release(&e.arena);
	return code;
}

static int
control_one(struct control *c, int64_t id, struct err *err)
{
	struct frozen f;
	struct query q;
	int code = db_start(&q, &c->store->db, SQL_JOB_FIND, err, "i", id);
	int got;

	*c->out = (struct control_result){ .id = id };
	if (code)
		return code;
	got = db_row(&q, err);
	if (got < 0)
		return err->code;
	if (got == 0)
		return control_ended(c, id, err);
	code = frozen_read(c->store, &q, &f, err);
	return code ? code : control_live(c, &f,
	    (enum state)db_column_int(&q, FROZEN_COLUMNS), &q, err);
}

int
store_control(struct store *s, enum job_verb verb, int priority,
	const int64_t *ids, size_t n, struct control_result *out,
	struct err *err)
{
	struct control c = { .store = s, .verb = verb, .priority = priority };
	int code = tx_begin(s, err);

	if (code)
		return code;
	for (size_t i = 0; i < n && code == 0; i++) {
		c.out = &out[i];
		code = control_one(&c, ids[i], err);
	}
	code = tx_end(s, code, err);
	return code ? code : store_sync(s, err);
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
	if (t)
		return db_run(&s->db, SQL_TYPE_PAUSE, err, "iizt", t->id,
		    (int64_t)on, until, reason);
	return db_run(&s->db, SQL_QUEUE_PAUSE, err, "izt", (int64_t)on, until,
	    reason);
}

int
store_pause(struct store *s, const char *type, const char *reason,
	int64_t until, struct err *err)
{
	int code = tx_begin(s, err);

	if (code == 0)
		code = tx_end(s, set_pause(s, true, type, reason, until, err),
		    err);
	return code ? code : store_sync(s, err);
}

int
store_resume(struct store *s, const char *type, struct err *err)
{
	int code = tx_begin(s, err);

	if (code == 0)
		code = tx_end(s, set_pause(s, false, type, NULL, 0, err), err);
	return code ? code : store_sync(s, err);
}
