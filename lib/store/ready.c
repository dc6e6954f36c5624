/* The lanes that have something ready, and the first of their jobs. */
#include <stdlib.h>
#include <string.h>

#include "store/claiming.h"

/* ---- the lanes ---- */

/* As urgent, and as old, as its first job is, which is looked at when its turn
 * comes: until then as that was the last time, which is less or the same, or
 * as can be. */
static void
look_at_age(struct store *s, const struct lane *l, int64_t aging,
	struct turn_lane *t)
{
	int64_t now = s->tx.now, since = now - l->head_seen;
	bool recent = l->head_seen && since >= 0 && since <= aging / 4;

	t->eligible = recent ? l->head_eligible : 0;
	t->level = aging == 0 ? l->priority : recent ?
	    turn_level(l->priority, now - l->head_eligible, aging) : 1;
}

/* Of every lane that this worker serves the clock of its priority and what
 * jobs cost are learnt, whether it has something or not. */
static void
add_lane(struct claiming *c, struct lane *l)
{
	const struct selection *sel = c->request->selection;
	struct store *s = c->store;
	const struct terms *terms = type_terms(s, l->type);
	struct standing now;
	struct turn_lane *t;
	struct source *o;

	if (!selection_has(sel, l->type->name) ||
	    !selection_runs(sel, terms->handler))
		return;
	now = standing_now(l);
	turn_see(&c->order, l->priority, now.start, now.cost);
	if (now.ready <= 0 || catalog_paused(s, l->type, s->tx.now))
		return;
	l->place = c->order.n++;
	t = &c->order.lanes[l->place];
	o = &c->sources[l->place];
	*t = (struct turn_lane){ .id = l->id, .priority = l->priority,
	    .large = l->class, .sibling = TURN_NOBODY, .ready = now.ready,
	    .weight = terms->weight, .cost = now.cost, .vtime = now.vtime,
	    .start = now.start };
	*o = (struct source){ .lane = l, .terms = terms,
	    .throttled = terms->limited || throttle_open(s, l->type) };
	c->aging |= terms->aging > 0;
	look_at_age(s, l, terms->aging, t);
}

static int
add_lanes(struct claiming *c, struct err *err)
{
	const struct catalog *all = &c->store->catalog;
	int code = standing_read(c->store, err);

	c->order.lanes = mem_alloc((all->nlanes + 1) *
	    sizeof(*c->order.lanes));
	c->sources = mem_alloc((all->nlanes + 1) * sizeof(*c->sources));
	for (size_t i = 0; i < all->nlanes && code == 0; i++)
		add_lane(c, all->lanes[i]);
	return code;
}

static void
pair_siblings(struct claiming *c)
{
	struct turn_lane *lanes = c->order.lanes;

	for (size_t i = 0; i < c->order.n; i++) {
		const struct lane *l = c->sources[i].lane;
		const struct lane *s =
		    l->type->lanes[!l->class][l->priority - 1];

		if (s && s->place < c->order.n &&
		    c->sources[s->place].lane == s)
			lanes[i].sibling = (int)s->place;
	}
}

static enum scheduler
scheduler_of(struct claiming *c)
{
	struct setting_value v;

	if (c->request->scheduler)
		return *c->request->scheduler;
	return setting_number(c->store, NULL, SET_SCHEDULER, &v) ?
	    (enum scheduler)v.choice : SCHEDULER_SIMPLE;
}

int
ready_lanes(struct claiming *c, struct err *err)
{
	int code = throttles_read(c->store, err);

	c->order.scheduler = scheduler_of(c);
	if (code == 0)
		code = add_lanes(c, err);
	pair_siblings(c);
	turn_begin(&c->order);
	return code;
}

size_t
ready_batch(const struct source *o, const struct slot_request *r)
{
	int64_t n = r->batch && o->terms->batch < r->jobs ? o->terms->batch :
	    r->jobs;

	return r->words && o->terms->wants_one ? 1 : (size_t)n;
}

/* ---- their jobs ---- */

static void
read_job(struct claiming *c, struct query *q, const struct source *o,
	struct claimed *j)
{
	struct arena *a = &c->turn->arena;
	struct bytes path = db_column_bytes(q, 2);
	struct type *type = o->lane->type;
	struct setting_value v;

	memset(j, 0, sizeof(*j));
	j->id = db_column_int(q, 0);
	j->claim = c->seq;
	j->type = o->type;
	j->handler = o->handler;
	j->key = arena_copy(a, db_column_bytes(q, 1));
	if (db_column_or(q, 3, 0) == 0)
		j->path = path.p ? arena_copy(a, path) : j->key;
	j->event = (enum file_event)db_column_or(q, 4, EVENT_NONE);
	j->attempt = (int)db_column_int(q, 5) + 1;
	j->attempts = (int)db_column_int(q, 6);
	j->priority = o->lane->priority;
	j->created = db_column_int(q, 7);
	j->eligible = db_column_or(q, 8, j->created);
	j->timeout = db_column_or(q, 9, setting_int(c->store, type,
	    SET_TIMEOUT, 0));
	j->payload = arena_copy(a, db_column_bytes(q, 10));
	j->alone = db_column_or(q, 11, 0);
	j->stored = (struct stored){ .lane = o->lane->id,
	    .own_path = path.p != NULL, .crashes = db_column_int(q, 12),
	    .max_attempts = db_column_or(q, 13, 0),
	    .timeout = db_column_or(q, 9, 0),
	    .group = arena_copy(a, db_column_bytes(q, 14)) };
	j->grace = setting_int(c->store, type, SET_GRACE, 10 * NS_PER_S);
	j->wait_leftovers = setting_number(c->store, type, SET_LEFTOVERS,
	    &v) && v.choice == 1;
}

/* About as many as will be taken from there, if all lanes get the same. */
static size_t
worth_reading(const struct claiming *c, int k)
{
	const struct turn_lane *l = c->order.lanes;
	int64_t lanes = 0, n;

	for (size_t i = 0; i < c->order.n; i++)
		lanes += !l[i].held && !l[i].elsewhere && l[i].ready > 0;
	n = c->wanted / lanes + 1;
	return (size_t)(n < l[k].ready ? n : l[k].ready);
}

static int
read_jobs(struct claiming *c, struct source *o, size_t most, struct err *err)
{
	struct arena *a = &c->turn->arena;
	struct query q;
	int code, got;

	if (o->type == NULL) {
		o->type = arena_copy(a, bytes_of(o->lane->type->name)).p;
		o->handler = arena_copy(a, bytes_of(o->terms->handler)).p;
	}
	o->jobs = arena_alloc(a, most * sizeof(*o->jobs));
	o->n = o->taken = 0;
	code = db_start(&q, &c->store->db, SQL_LANE_HEAD, err, "iii",
	    o->lane->id, o->last, (int64_t)most);
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1)
		read_job(c, &q, o, &o->jobs[o->n++]);
	if (o->n > 0)
		o->last = o->jobs[o->n - 1].id;
	return got < 0 ? err->code : 0;
}

/* Whether it is what its lane was chosen for */
static bool
is_as_old(struct claiming *c, int k, const struct claimed *j)
{
	struct turn_lane *l = &c->order.lanes[k];
	struct source *o = &c->sources[k];
	int64_t now = c->store->tx.now;
	int level = turn_level(l->priority, now - j->eligible, o->terms->aging);
	bool same = level <= l->level && j->eligible <= l->eligible;

	o->lane->head_eligible = l->eligible = j->eligible;
	o->lane->head_seen = now;
	l->level = level;
	return same;
}

/* The first one of a lane */
static int
head_of(struct claiming *c, int k, struct claimed **j, struct err *err)
{
	struct source *o = &c->sources[k];
	int code = 0;

	*j = NULL;
	if (o->taken == o->n)
		code = read_jobs(c, o, worth_reading(c, k), err);
	if (code)
		return code;
	if (o->taken == o->n)
		c->order.lanes[k].ready = 0;
	else if (!c->aging || is_as_old(c, k, &o->jobs[o->taken]))
		*j = &o->jobs[o->taken];
	return 0;
}

int
ready_first(struct claiming *c, int *k, struct claimed **j, struct err *err)
{
	const struct turn_lane *lanes = c->order.lanes, *l = &lanes[*k];
	int other = l->sibling;
	struct claimed *older = NULL;
	int code = head_of(c, *k, j, err);

	if (code || *j == NULL || c->order.scheduler != SCHEDULER_SIMPLE ||
	    other == TURN_NOBODY || lanes[other].ready <= 0 ||
	    lanes[other].held || lanes[other].elsewhere)
		return code;
	code = head_of(c, other, &older, err);
	if (older && lanes[other].level == l->level && older->id < (*j)->id) {
		*j = older;
		*k = other;
	}
	return code;
}
