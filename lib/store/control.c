/* What an operator does to jobs. */
#include "store/claim.h"
#include "store/frozen.h"
#include "store/reserve.h"

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

/* Who holds the lease; *l all 0: nobody does */
static int
find_lease(struct store *s, int64_t claim, int64_t slot, struct lease *l,
	struct proc_id *who, struct err *err)
{
	struct query q;
	int got = db_first(&q, &s->db, SQL_LEASE_FIND, err, "ii", claim,
	    slot);

	*l = (struct lease){ 0 };
	if (got <= 0)
		return got < 0 ? err->code : 0;
	*l = (struct lease){ db_column_int(&q, 0), claim, (int)slot,
	    db_column_int(&q, 1), db_column_int(&q, 9) };
	worker_process(&q, 2, who);
	db_end(&q);
	return 0;
}

/* The worker kills or gives back the job, and the lease stays until then.  Is
 * it dead, then whoever takes back what it held does; at once, when nothing of
 * it runs any more. */
static int
order(struct control *c, int64_t id, int64_t claim, int64_t slot,
	struct err *err)
{
	struct store *s = c->store;
	bool kill = c->verb == JOB_KILL;
	struct proc_id who;
	struct lease l;
	struct reaped reaped = { 0 };
	int64_t to = STATE_CANCELLED;
	int code = db_run(&s->db, SQL_JOB_ORDER, err, "ii", id, (int64_t)
	    (kill ? ORDERED_KILL : ORDERED_RELEASE));

	event_detail(tx_event(s, of_verb[c->verb].kind), "{\"ordered\":%lld}",
	    (long long)id);
	c->out->ok = true;
	c->out->to = kill ? STATE_CANCELLED : STATE_READY;
	if (code == 0)
		code = find_lease(s, claim, slot, &l, &who, err);
	if (code)
		return code;
	if (l.worker && !s->wrong_sidecar &&
	    !slot_held(s, l.worker, l.slot)) {
		code = lease_reap(s, &l, &reaped, err);
		if (code == 0)
			code = db_int(&s->db, SQL_JOB_STATE, &to,
			    STATE_CANCELLED, err, "i", id);
		c->out->to = (enum state)to;
		return code;
	}
	s->tx.wake = true;
	c->out->how = l.worker && worker_lives(s, l.worker, &who) ?
	    CARRIED_BY_WORKER : CARRIED_BY_NOBODY;
	return 0;
}

static int
revive(struct control *c, struct frozen *f, enum state from, struct query *q,
	struct err *err)
{
	struct store *s = c->store;
	struct event *e = tx_event(s, KIND_RETRY);
	int64_t id = f->id, older, newer;
	struct lane *lane = f->lane;
	enum state to;
	int code = job_rejoin(s, f, &older, &newer, err);

	db_end(q);
	if (code)
		return code;
	if (newer) {
		code = settle_pending(s, id, &(struct farewell){
		    VERB_SUPERSEDE, REASON_SUPERSEDED, KIND_RETRY, newer },
		    &from, &c->out->ok, err);
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
	/* what is to be cancelled stays so */
	if (from == STATE_RUNNING && (c->verb == JOB_KILL ||
	    (c->verb == JOB_RELEASE && f->ordered != ORDERED_KILL))) {
		int64_t claim = db_column_int(q, FROZEN_COLUMNS + 1);
		int64_t slot = db_column_int(q, FROZEN_COLUMNS + 2);

		db_end(q);
		return order(c, id, claim, slot, err);
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
	return settle_pending(c->store, id, &(struct farewell){ verb,
	    c->verb == JOB_DISCARD ? REASON_DISCARDED : REASON_OPERATOR,
	    of_verb[c->verb].kind, 0 }, &c->out->from, &c->out->ok, err);
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
	int got = db_first(&q, &s->db, SQL_ENDED, err, "i", id);

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
	int64_t older, newer;
	int code;

	if (lane == NULL)
		return err_set(err, EX_SOFTWARE, "revive job %lld: its lane "
		    "does not exist", (long long)id);
	code = job_rejoin(s, &f, &older, &newer, err);
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
	int got = db_first(&q, &c->store->db, SQL_JOB_FIND, err, "i", id);
	int code;

	*c->out = (struct control_result){ .id = id };
	if (got < 0)
		return err->code;
	if (got == 0)
		return control_ended(c, id, err);
	code = frozen_read(c->store, &q, &f, err);
	return code ? code : control_live(c, &f,
	    (enum state)db_column_int(&q, FROZEN_COLUMNS), &q, err);
}

static int
control_all(struct control *c, const int64_t *ids, size_t n,
	struct control_result *out, struct err *err)
{
	int code = tx_begin(c->store, err);

	if (code)
		return code;
	for (size_t i = 0; i < n && code == 0; i++) {
		c->out = &out[i];
		code = control_one(c, ids[i], err);
	}
	return tx_end(c->store, code, err);
}

int
store_control(struct store *s, enum job_verb verb, int priority,
	const int64_t *ids, size_t n, struct control_result *out,
	struct err *err)
{
	struct control c = { .store = s, .verb = verb, .priority = priority };
	int code;

	do {
		code = control_all(&c, ids, n, out, err);
	} while (code && reserve_break(s));
	if (code == 0)
		code = children_hear_all(s, err);
	return code ? code : store_sync(s, err);
}
