/* The lanes that have something ready, and the first of their jobs. */
#include <stdlib.h>
#include <string.h>

#include "rules/command.h"
#include "store/claiming.h"

const char *
type_handler(struct store *s, struct type *t)
{
	return setting_effective(s, t, SET_HANDLER)->text;
}

/* ---- the lanes ---- */

static void
add_lane(struct claiming *c, struct lane *l, int64_t ready, double vtime)
{
	const struct selection *sel = c->request->selection;
	struct store *s = c->store;

	/* and what this transaction itself made ready or took away */
	ready += l->delta[STATE_READY];
	if (ready <= 0 || !selection_has(sel, l->type->name) ||
	    catalog_paused(s, l->type, s->tx.now) ||
	    !selection_runs(sel, type_handler(s, l->type)))
		return;
	c->lanes[c->n] = (struct turn_lane){ l->id, l->priority, ready, vtime,
	    false };
	c->sources[c->n++] = (struct source){ .lane = l, .stored = vtime,
	    .capped = type_has_cap(s, l->type),
	    .throttled = throttle_has(s, l->type) };
}

static int
read_lanes(struct claiming *c, struct err *err)
{
	struct store *s = c->store;
	size_t most = s->catalog.nlanes;
	struct query q;
	int code, got;

	c->lanes = mem_alloc((most + 1) * sizeof(*c->lanes));
	c->sources = mem_alloc((most + 1) * sizeof(*c->sources));
	code = db_start(&q, &s->db, SQL_LANES_READY, err, "");
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		struct lane *l = catalog_lane(s, db_column_int(&q, 0));

		if (l && c->n < most)
			add_lane(c, l, db_column_int(&q, 1),
			    db_column_double(&q, 2, 0));
	}
	return got < 0 ? err->code : 0;
}

double
ready_cost(const struct claiming *c, const struct source *o)
{
	struct setting_value v;

	return turn_cost(1, setting_number(c->store, o->lane->type, SET_WEIGHT,
	    &v) ? v.f : 1);
}

/* A lane that was empty for long must not be served alone until it has caught
 * up: no lane lags more than the costliest job behind the most served. */
static void
catch_up(struct claiming *c)
{
	double last = 0, lag = 0;

	for (size_t i = 0; i < c->n; i++) {
		double cost = ready_cost(c, &c->sources[i]);

		if (c->lanes[i].vtime > last)
			last = c->lanes[i].vtime;
		if (cost > lag)
			lag = cost;
	}
	for (size_t i = 0; i < c->n; i++)
		if (c->lanes[i].vtime < last - lag)
			c->lanes[i].vtime = last - lag;
}

int
ready_lanes(struct claiming *c, struct err *err)
{
	int code = throttles_read(c->store, err);

	if (code == 0)
		code = read_lanes(c, err);
	catch_up(c);
	return code;
}

static bool
wants_one(const char *handler)
{
	struct arena arena = { 0 };
	const char *const *argv;
	struct err ignored;
	size_t argc;
	bool one = command_parse(handler, &arena, &argv, &argc,
		&ignored) == 0 && command_wants_one(argv);

	arena_release(&arena);
	return one;
}

size_t
ready_batch(const struct claiming *c, const struct source *o,
	const struct slot_request *r)
{
	struct type *type = o->lane->type;
	int64_t n = r->jobs;
	const char *handler;

	if (r->batch)
		n = setting_int(c->store, type, SET_BATCH_FILES, 1);
	if (n > r->jobs)
		n = r->jobs;
	handler = n > 1 && r->words ? type_handler(c->store, type) : NULL;
	return handler != NULL && wants_one(handler) ? 1 : (size_t)n;
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
worth_reading(const struct claiming *c, size_t k)
{
	int64_t lanes = 0, n;

	for (size_t i = 0; i < c->n; i++)
		lanes += !c->lanes[i].held && c->lanes[i].ready > 0;
	n = c->wanted / lanes + 1;
	return (size_t)(n < c->lanes[k].ready ? n : c->lanes[k].ready);
}

static int
read_jobs(struct claiming *c, struct source *o, size_t most, struct err *err)
{
	struct arena *a = &c->turn->arena;
	const char *handler = type_handler(c->store, o->lane->type);
	struct query q;
	int code, got;

	if (o->type == NULL) {
		o->type = arena_copy(a, bytes_of(o->lane->type->name)).p;
		o->handler = arena_copy(a, bytes_of(handler)).p;
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

/* The first one there; NULL: there is none. */
int
ready_head(struct claiming *c, size_t k, struct claimed **j, struct err *err)
{
	struct source *o = &c->sources[k];
	int code = 0;

	if (o->taken == o->n)
		code = read_jobs(c, o, worth_reading(c, k), err);
	*j = o->taken < o->n ? &o->jobs[o->taken] : NULL;
	return code;
}
