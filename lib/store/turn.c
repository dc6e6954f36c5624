/* The worker's verb: what ended, what is due, what starts next. */
#include <stdlib.h>
#include <string.h>

#include "rules/turn.h"
#include "store/claim.h"

bool
selection_has(const struct selection *sel, const char *type)
{
	for (size_t i = 0; i < sel->n; i++)
		if (type_within(type, sel->types[i]))
			return true;
	return sel->n == 0;
}

const char *
type_handler(struct store *s, struct type *t)
{
	return setting_effective(s, t, SET_HANDLER)->text;
}

int
count_running(struct store *s, struct err *err)
{
	struct query q;
	int code, got;

	for (size_t i = 0; i < s->catalog.ntypes; i++)
		s->catalog.types[i]->running = 0;
	code = db_start(&q, &s->db, SQL_LEASE_COUNT, err, "");
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		struct type *t = catalog_type(s, db_column_int(&q, 0));
		for (; t; t = t->parent)
			t->running += db_column_int(&q, 1);
	}
	return got < 0 ? err->code : 0;
}

/* The cap that holds for t, t being the type asked about or a parent of it:
 * one that a type inherits bounds it by itself, one that an ancestor has of its
 * own bounds the sum below it. */
static bool
cap_of(struct store *s, struct type *t, bool own, int64_t *cap)
{
	struct setting_value v;

	if (!own && !t->set[SET_MAX_WORKERS] && !t->set[SET_PROFILE])
		return false;
	if (!setting_number(s, t, SET_MAX_WORKERS, &v))
		return false;
	*cap = v.i;
	return true;
}

struct type *
type_capped(struct store *s, struct type *t, int64_t *cap)
{
	for (bool own = true; t; t = t->parent, own = false)
		if (cap_of(s, t, own, cap) && t->running >= *cap)
			return t;
	return NULL;
}

bool
type_has_cap(struct store *s, struct type *t)
{
	int64_t cap;

	for (bool own = true; t; t = t->parent, own = false)
		if (cap_of(s, t, own, &cap))
			return true;
	return false;
}

struct choice {
	struct turn_lane *lanes;
	struct lane **rows;
	double *stored;		/* their vtime in the queue */
	size_t n;
};

static void
add_lane(struct store *s, const struct selection *sel, struct choice *c,
	struct lane *l, int64_t ready, double vtime)
{
	if (!selection_has(sel, l->type->name) ||
	    catalog_paused(s, l->type, s->tx.now) ||
	    (!sel->own_command && type_handler(s, l->type) == NULL))
		return;
	c->lanes = mem_grow(c->lanes, c->n + 1, sizeof(*c->lanes));
	c->rows = mem_grow(c->rows, c->n + 1, sizeof(*c->rows));
	c->rows[c->n] = l;
	c->lanes[c->n++] = (struct turn_lane){ l->id, l->priority, ready,
	    vtime, false };
}

/* Held lanes are marked, not left out: a cap is looked at again after each
 * claim. */
static int
read_lanes(struct store *s, const struct selection *sel, struct choice *c,
	struct err *err)
{
	struct query q;
	int code, got;

	code = db_start(&q, &s->db, SQL_LANES_READY, err, "");
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		struct lane *l = catalog_lane(s, db_column_int(&q, 0));

		if (l)
			add_lane(s, sel, c, l, db_column_int(&q, 1),
			    db_column_double(&q, 2, 0));
	}
	return got < 0 ? err->code : 0;
}

/* What this transaction itself made ready or took away */
static void
add_deltas(struct choice *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n; i++) {
		c->lanes[i].ready += c->rows[i]->delta[STATE_READY];
		if (c->lanes[i].ready <= 0)
			continue;
		c->lanes[kept] = c->lanes[i];
		c->rows[kept++] = c->rows[i];
	}
	c->n = kept;
}

/* ahead: for a job that will wait in the worker. Under a cap it would keep
 * another worker from running one meanwhile. */
static void
hold_capped(struct store *s, struct choice *c, bool ahead)
{
	int64_t cap;

	for (size_t i = 0; i < c->n; i++) {
		struct type *t = c->rows[i]->type;

		c->lanes[i].held = ahead ? type_has_cap(s, t) :
		    type_capped(s, t, &cap) != NULL;
	}
}

/* What the row of SQL_JOB_CLAIM tells */
static void
read_claimed(struct store *s, struct query *q, struct lane *lane,
	struct turn *t, struct claimed *j)
{
	struct type *type = lane->type;
	struct setting_value v;
	struct bytes key = db_column_bytes(q, 1), path = db_column_bytes(q, 2);
	const char *handler = type_handler(s, type);

	j->id = db_column_int(q, 0);
	j->type = arena_copy(&t->arena, bytes_of(type->name)).p;
	j->key = arena_copy(&t->arena, key);
	if (db_column_or(q, 3, 0) == 0)
		j->path = path.p ? arena_copy(&t->arena, path) : j->key;
	j->event = (enum file_event)db_column_or(q, 4, EVENT_NONE);
	j->attempt = (int)db_column_int(q, 5);
	j->attempts = (int)db_column_int(q, 6);
	j->created = db_column_int(q, 7);
	j->eligible = db_column_or(q, 8, j->created);
	j->timeout = db_column_or(q, 9, setting_int(s, type, SET_TIMEOUT, 0));
	j->payload = arena_copy(&t->arena, db_column_bytes(q, 10));
	j->grace = setting_int(s, type, SET_GRACE, 10 * NS_PER_S);
	j->wait_leftovers = setting_number(s, type, SET_LEFTOVERS, &v) &&
	    v.choice == 1;
	j->handler = handler ? arena_copy(&t->arena, bytes_of(handler)).p :
	    NULL;
	/* Whoever put it in may have died before it synced. */
	if (j->id >= s->synced_job)
		t->young = true;
}

static int
claim_from(struct store *s, struct lane *lane, const struct turn_request *r,
	size_t at, struct turn *t, bool *got_one, struct err *err)
{
	int64_t slot = r->slots[at], ahead = at >= r->nrun;
	struct claimed *j = &t->jobs[t->njobs];
	struct event *e = tx_event(s, KIND_CLAIM);
	struct query q;
	int code, got;

	*got_one = false;
	memset(j, 0, sizeof(*j));
	j->claim = tx_event_seq(s, e);
	j->slot = (int)slot;
	code = db_start(&q, &s->db, SQL_JOB_CLAIM, err, "iiii", lane->id,
	    j->claim, slot, ahead);
	if (code)
		return code;
	got = db_row(&q, err);
	if (got <= 0)
		return got < 0 ? err->code : 0;
	read_claimed(s, &q, lane, t, j);
	db_end(&q);
	code = tx_move(s, e, j->id, lane, STATE_READY, VERB_CLAIM,
	    STATE_RUNNING, REASON_NONE, 0, 0, err);
	if (code == 0)
		code = db_run(&s->db, SQL_LEASE_INSERT, err, "iiiiii",
		    j->claim, slot, r->worker, lane->type->id, INT64_C(1),
		    ahead);
	tx_count(s, lane->type, METRIC_STARTED, 1);
	t->njobs++;
	*got_one = true;
	return code;
}

static double
weight_of(struct store *s, struct type *t)
{
	struct setting_value v;

	return setting_number(s, t, SET_WEIGHT, &v) ? v.f : 1;
}

/* A lane that was empty for long must not be served alone until it has caught
 * up: no lane lags more than the costliest job behind the most served. */
static void
catch_up(struct store *s, struct choice *c)
{
	double last = 0, lag = 0;

	for (size_t i = 0; i < c->n; i++) {
		double cost = turn_cost(1, weight_of(s, c->rows[i]->type));

		c->stored[i] = c->lanes[i].vtime;
		if (c->lanes[i].vtime > last)
			last = c->lanes[i].vtime;
		if (cost > lag)
			lag = cost;
	}
	for (size_t i = 0; i < c->n; i++)
		if (c->lanes[i].vtime < last - lag)
			c->lanes[i].vtime = last - lag;
}

static int
claim_all(struct store *s, const struct turn_request *r, struct turn *t,
	struct choice *c, struct err *err)
{
	size_t slot = 0;
	int code = 0, k;

	while (slot < r->nslots && code == 0) {
		struct lane *lane;
		struct type *up;
		bool got;

		hold_capped(s, c, slot >= r->nrun);
		k = turn_choose(c->lanes, c->n);
		if (k < 0)
			break;
		lane = c->rows[k];
		code = claim_from(s, lane, r, slot, t, &got, err);
		if (!got) {
			c->lanes[k].ready = 0;
			continue;
		}
		slot++;
		c->lanes[k].ready--;
		/* what catch_up() added is stored with the first claim */
		lane->served = c->lanes[k].vtime - c->stored[k] +
		    turn_cost(1, weight_of(s, lane->type));
		c->lanes[k].vtime = c->stored[k] + lane->served;
		for (up = lane->type; up; up = up->parent)
			up->running++;
	}
	return code;
}

static int
claim(struct store *s, const struct turn_request *r, struct turn *t,
	struct err *err)
{
	struct choice c = { 0 };
	bool there = true;
	int code;

	if (r->nslots == 0)
		return 0;
	if (s->wrong_sidecar)
		return sidecar_error(s, err);
	/* Leases of one who is not there would be nobody's. */
	code = worker_exists(s, r->worker, &there, err);
	t->gone = !there;
	if (code || t->gone)
		return code;
	code = read_lanes(s, r->selection, &c, err);
	if (code == 0)
		add_deltas(&c);
	if (code == 0 && c.n)
		code = count_running(s, err);
	c.stored = mem_zero(c.n + 1, sizeof(*c.stored));
	catch_up(s, &c);
	if (code == 0 && c.n)
		code = claim_all(s, r, t, &c, err);
	free(c.stored);
	free(c.lanes);
	free(c.rows);
	return code;
}

static int
turn_body(struct store *s, const struct turn_request *r, struct turn *t,
	struct err *err)
{
	int64_t pause;
	int code = 0;

	t->old = s->outdated;
	for (size_t i = 0; i < r->nends && code == 0; i++)
		code = finish_attempt(s, r->worker, &r->ends[i], true,
		    &t->fates[i], err);
	if (code || t->old)
		return code;
	code = promote_due(s, err);
	if (code == 0)
		code = claim(s, r, t, err);
	if (code == 0)
		code = db_int(&s->db, SQL_JOB_NEXT_DUE, &t->next_due, 0, err,
		    "");
	pause = catalog_pause_end(s, s->tx.now);
	if (pause && (t->next_due == 0 || pause < t->next_due))
		t->next_due = pause;
	return code;
}

int
store_turn(struct store *s, const struct turn_request *r, struct turn *t,
	struct err *err)
{
	int code;

	arena_reset(&t->arena);
	t->fates = mem_grow(t->fates, r->nends + 1, sizeof(*t->fates));
	memset(t->fates, 0, (r->nends + 1) * sizeof(*t->fates));
	t->jobs = mem_grow(t->jobs, r->nslots + 1, sizeof(*t->jobs));
	t->njobs = 0;
	t->young = t->old = t->gone = false;
	t->next_due = 0;
	code = tx_begin(s, err);
	if (code)
		return code;
	code = tx_end(s, turn_body(s, r, t, err), err);
	if (code)
		t->njobs = 0;
	return code;
}

void
turn_release(struct turn *t)
{
	free(t->fates);
	free(t->jobs);
	arena_release(&t->arena);
	memset(t, 0, sizeof(*t));
}
