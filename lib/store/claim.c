/* What starts next: each slot takes the jobs whose turn it is. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "store/claiming.h"

/* ---- a slot ---- */

/* What a slot has already, and what it gets */
struct filling {
	const struct slot_request *request;
	const struct holding *held;	/* NULL: it is empty */
	struct type *type;	/* of its jobs, NULL: none yet */
	bool company;		/* what it gets is not alone there */
	bool full;
	size_t got, most;
};

/* How many it may get; before their type is known, of whatever type */
static size_t
most_of(const struct claiming *c, const struct slot_request *r,
	const struct type *t)
{
	size_t most = 1, n;

	if (!r->batch && !r->words)
		return (size_t)r->jobs;
	for (size_t i = 0; i < c->order.n; i++) {
		if (t && c->sources[i].lane->type != t)
			continue;
		n = ready_batch(&c->sources[i], r);
		if (n > most)
			most = n;
	}
	return most;
}

/* Nothing is added to a job that has to be alone. */
static int
look_at_slot(struct claiming *c, struct filling *f, struct err *err)
{
	struct store *s = c->store;
	size_t n = holdings_of(&c->held, c->request->worker,
	    f->request->slot, &f->held);
	int64_t alone = 0;
	int code = 0;

	if (n == 0) {
		f->held = NULL;
		return 0;
	}
	f->type = catalog_type(s, f->held->type);
	f->company = true;
	if (n == 1 && !f->held->company)
		code = db_int(&s->db, SQL_LEASE_ALONE, &alone, 0, err, "ii",
		    f->held->claim, (int64_t)f->held->slot);
	f->full = alone != 0;
	return code;
}

/* A slot that runs is under its cap already; for another type it would have to
 * be empty. */
static bool
over_cap(struct claiming *c, const struct filling *f, const struct source *o)
{
	bool over;
	int64_t cap;

	if (!o->terms->capped || (f->held && o->lane->type == f->type))
		return false;
	if (f->held)
		type_rests(f->type);
	over = type_capped(c->store, o->lane->type, &cap) != NULL;
	if (f->held)
		type_runs(f->type);
	return over;
}

static bool
is_throttled(struct claiming *c, const struct source *o)
{
	int64_t until;

	if (!o->throttled)
		return false;
	until = throttle_until(c->store, o->lane->type, c->store->tx.now);
	if (until != INT64_MAX && until != 0)
		turn_look_at(c->turn, until);
	return until != 0;
}

/* Who claims ahead under a cap would keep another worker from running the job
 * meanwhile; and what waits in the worker has not started, as far as others
 * can tell. */
static bool
is_for_others(const struct filling *f, const struct source *o)
{
	return f->request->ahead && ((o->terms->capped && f->held == NULL) ||
	    o->throttled);
}

/* Marks the lanes that the slot may not take from now. */
static void
hold_lanes(struct claiming *c, const struct filling *f)
{
	const struct slot_request *r = f->request;

	for (size_t i = 0; i < c->order.n; i++) {
		const struct source *o = &c->sources[i];
		struct turn_lane *l = &c->order.lanes[i];

		l->elsewhere = is_for_others(f, o);
		l->held = (r->type && strcmp(o->lane->type->name, r->type)) ||
		    over_cap(c, f, o) || is_throttled(c, o);
	}
}

/* What else there is could start, but not here. */
static void
take_one_type(struct claiming *c, const struct type *t)
{
	for (size_t i = 0; i < c->order.n; i++)
		c->order.lanes[i].elsewhere |= c->sources[i].lane->type != t;
}

/* A slot that runs gets more of its type only when that has its turn; else it
 * would never come to the end of it, and others never to theirs. */
static int
others_turn(struct claiming *c, const struct filling *f, bool *yes,
	struct err *err)
{
	struct claimed *j;
	int k, code;

	do {
		k = turn_choose(&c->order);
		*yes = k != TURN_NOBODY && c->sources[k].lane->type != f->type;
		if (!*yes || !c->aging)
			return 0;
		/* it may not be as old as it was thought to be */
		code = ready_first(c, &k, &j, err);
	} while (code == 0 && j == NULL);
	return code;
}

/* In memory: the rows follow when the slot has got all it gets. */
static int
take_job(struct claiming *c, struct filling *f, int k,
	const struct claimed *j, struct err *err)
{
	struct source *o = &c->sources[k];
	struct turn *t = c->turn;

	t->jobs[t->njobs] = *j;
	t->jobs[t->njobs++].slot = f->request->slot;
	/* Whoever put it in may have died before it synced. */
	if (j->id >= c->store->synced_job && j->id > t->young)
		t->young = j->id;
	o->taken++;
	f->got++;
	/* one job shows whether the breaker may be closed */
	f->full = j->alone || throttle_open(c->store, o->lane->type);
	if (o->throttled)
		throttle_started(c->store, o->lane->type);
	c->wanted--;
	service_take(c, k, f->got == 1);
	return tx_move(c->store, c->event, j->id, o->lane, STATE_READY,
	    VERB_CLAIM, STATE_RUNNING, REASON_NONE, 0, 0, err);
}

/* *none: there is nothing more for this slot, or nothing that may go before
 * what has to go into another one. */
static int
take_next(struct claiming *c, struct filling *f, bool *none, struct err *err)
{
	int k = turn_choose(&c->order), code;
	struct claimed *j;

	*none = k == TURN_NOBODY || turn_outranked(&c->order, k);
	if (*none)
		return 0;
	code = ready_first(c, &k, &j, err);
	if (code || j == NULL)
		return code;
	/* It needs the slot empty, which would never be if others passed it. */
	*none = j->alone && (f->company || f->got > 0);
	if (*none)
		return 0;
	if (f->got > 0 && is_throttled(c, &c->sources[k])) {
		c->order.lanes[k].held = true;
		return 0;
	}
	if (f->type == NULL) {
		f->type = c->sources[k].lane->type;
		f->most = most_of(c, f->request, f->type);
		take_one_type(c, f->type);
	}
	return take_job(c, f, k, j, err);
}

/* ---- the rows ---- */

/* A statement for many jobs by their lane has to remember which they are before
 * it changes the first: dearer than one for each, when they are few.  Where
 * nothing else lies between them it goes from row to row. */
#define LANE_MIN 16
#define RUN_MIN 2

static enum statement
claim_of(const struct claimed *j, size_t n)
{
	if (n >= RUN_MIN && j[n - 1].id - j->id == (int64_t)n - 1)
		return SQL_RUN_CLAIM;
	return n >= LANE_MIN ? SQL_LANE_CLAIM : SQL_JOB_CLAIM;
}

/* Jobs that follow each other in their lane */
static int
mark_running(struct claiming *c, const struct claimed *j, size_t n,
	struct err *err)
{
	enum statement which = claim_of(j, n);
	struct db *db = &c->store->db;
	int64_t slot = j->slot, changed = 0;
	int code = 0;

	if (which != SQL_JOB_CLAIM) {
		code = db_run(db, which, err, "iiiii", j->stored.lane,
		    j->id, j[n - 1].id, c->seq, slot);
		changed = db_changes(db);
	}
	for (size_t i = 0; i < n && which == SQL_JOB_CLAIM && code == 0; i++) {
		code = db_run(db, SQL_JOB_CLAIM, err, "iii", j[i].id, c->seq,
		    slot);
		changed += db_changes(db);
	}
	if (code == 0 && changed != (int64_t)n)
		return err_set(err, EX_SOFTWARE, "claim jobs %" PRId64 " to %"
		    PRId64 ": %" PRId64 " of %zu were ready", j->id,
		    j[n - 1].id, changed, n);
	return code;
}

/* The ids of jobs, as lease.ids has them: those that follow each other are one
 * pair, in which is no job of anybody else. */
static void
put_ids(struct buf *b, const struct claimed *j, size_t n)
{
	size_t run;

	buf_reset(b);
	for (size_t i = 0; i < n; i += run) {
		for (run = 1; i + run < n &&
		    j[i + run].id == j[i].id + (int64_t)run; run++)
			;
		buf_addf(b, "%c[%" PRId64 ",%" PRId64 "]", i ? ',' : '[',
		    j[i].id, j[i + run - 1].id);
	}
	buf_addc(b, ']');
}

static int
write_slot(struct claiming *c, const struct filling *f, struct err *err)
{
	const struct slot_request *r = f->request;
	const struct claimed *j = &c->turn->jobs[c->turn->njobs - f->got];
	struct store *s = c->store;
	bool company = r->ahead || f->held || f->got > 1;
	size_t run;
	int code = 0;

	for (size_t i = 0; i < f->got && code == 0; i += run) {
		for (run = 1; i + run < f->got &&
		    j[i + run].stored.lane == j[i].stored.lane; run++)
			;
		code = mark_running(c, &j[i], run, err);
	}
	put_ids(&c->ids, j, f->got);
	if (code == 0)
		code = db_run(&s->db, SQL_LEASE_INSERT, err, "iiiiiix",
		    c->seq, (int64_t)r->slot, c->request->worker, f->type->id,
		    (int64_t)f->got, (int64_t)company, buf_bytes(&c->ids));
	if (code == 0 && f->held && !f->held->company)
		code = db_run(&s->db, SQL_LEASE_COMPANY, err, "ii",
		    f->held->claim, (int64_t)r->slot);
	if (f->held == NULL)
		type_runs(f->type);
	tx_count(s, f->type, METRIC_STARTED, (int64_t)f->got);
	return code;
}

static int
claim_slot(struct claiming *c, const struct slot_request *r, struct err *err)
{
	struct filling f = { .request = r, .company = r->ahead };
	size_t most = most_of(c, r, NULL);
	bool none = false;
	int code = look_at_slot(c, &f, err);

	f.most = f.type ? most_of(c, r, f.type) : most;
	hold_lanes(c, &f);
	if (code == 0 && f.type && !f.full)
		code = others_turn(c, &f, &f.full, err);
	if (f.type)
		take_one_type(c, f.type);
	while (code == 0 && !none && !f.full && f.got < f.most)
		code = take_next(c, &f, &none, err);
	c->wanted -= (int64_t)(most - f.got);
	return code || f.got == 0 ? code : write_slot(c, &f, err);
}

static int
claim_all(struct claiming *c, struct err *err)
{
	const struct turn_request *r = c->request;
	int64_t ready = 0;
	int code;

	c->event = tx_event(c->store, KIND_CLAIM);
	c->seq = tx_event_seq(c->store, c->event);
	for (size_t i = 0; i < c->order.n; i++)
		ready += c->order.lanes[i].ready;
	for (size_t i = 0; i < r->nslots; i++)
		c->wanted += (int64_t)most_of(c, &r->slots[i], NULL);
	c->turn->jobs = mem_grow(c->turn->jobs,
	    (size_t)(c->wanted < ready ? c->wanted : ready),
	    sizeof(*c->turn->jobs));
	code = holdings_read(c->store, &c->held, err);
	if (code == 0)
		holdings_count(c->store, &c->held);
	for (size_t i = 0; i < r->nslots && code == 0; i++)
		code = claim_slot(c, &r->slots[i], err);
	return code;
}

int
claim_jobs(struct store *s, const struct turn_request *r, struct turn *t,
	struct err *err)
{
	struct claiming c = { .store = s, .request = r, .turn = t };
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
	code = ready_lanes(&c, err);
	if (code == 0 && c.order.n)
		code = claim_all(&c, err);
	free(c.order.lanes);
	free(c.sources);
	buf_release(&c.ids);
	holdings_release(&c.held);
	return code;
}
