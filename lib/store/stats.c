/*
 * Numbers of the queue: depth from the lanes, counts and distributions of a
 * window from metric and hist.
 */
#include <stdlib.h>
#include <string.h>

#include "rules/period.h"
#include "store/averages.h"
#include "store/claim.h"
#include "store/counting.h"
#include "store/drawing.h"
#include "store/enqueue.h"
#include "store/schema.h"

/* It is the one of before, or the next one, most often. */
struct slot *
slot_of(struct counting *c, int64_t type)
{
	for (size_t i = 1; i < c->n; i++) {
		size_t at = 1 + (c->hint + i - 2) % (c->n - 1);

		if (c->slots[at].id == type) {
			c->hint = at;
			return &c->slots[at];
		}
	}
	return NULL;
}

/* ---- the present ---- */

static int
read_pauses(struct counting *c, int64_t now, struct err *err)
{
	int code = 0;

	for (size_t i = 0; i < c->n && code == 0; i++) {
		struct slot *slot = &c->slots[i];
		struct pause p;

		code = pause_in_force(c->store, slot->type, now, &p, err);
		slot->out->paused = p.on;
		slot->out->pause_own = p.own;
		slot->out->paused_until = p.on ? p.until : 0;
		if (p.on)
			memcpy(slot->out->pause_reason, p.reason,
			    sizeof(p.reason));
	}
	return code;
}

const char *
breaker_state_name(enum breaker_state b)
{
	return b == BREAKER_IS_OPEN ? "open" : b == BREAKER_PROBES ?
	    "probing" : "closed";
}

static int
read_breakers(struct counting *c, int64_t now, struct err *err)
{
	struct store *s = c->store;
	int code = throttles_read(s, err);

	for (size_t i = 1; i < c->n && code == 0; i++) {
		struct type *t = c->slots[i].type;

		if (throttle_open(s, t))
			c->slots[i].out->breaker = throttle_breaker(s, t, now,
			    0) ? BREAKER_IS_OPEN : BREAKER_PROBES;
	}
	return code;
}

static int
read_bounds(struct counting *c, struct err *err)
{
	struct enqueueing q = { .store = c->store };
	struct type *by;
	int code = 0;

	for (size_t i = 1; i < c->n && code == 0; i++) {
		struct type_stats *out = c->slots[i].out;

		code = enqueue_full_by(&q, c->slots[i].type, &by, &out->bound,
		    err);
		if (code == 0 && by)
			snprintf(out->full_by, sizeof(out->full_by), "%s",
			    by->name);
	}
	return code;
}

static int
read_starved(struct counting *c, const struct stats *out, struct err *err)
{
	struct starving *v;
	size_t n;
	int code = starved_read(c->store, out->workers, out->nworkers,
	    out->sampled, &v, &n, err);

	for (size_t i = 0; i < n && code == 0; i++) {
		struct slot *slot = slot_of(c, v[i].type->id);

		if (slot)
			slot->out->starved = true;
	}
	free(v);
	return code;
}

static int
read_averages(struct counting *c, struct err *err)
{
	struct learning l;
	int code = learning_read(c->store, &l, err);

	for (size_t i = 0; i < l.n && code == 0; i++) {
		struct slot *slot = slot_of(c, l.v[i].type);

		if (slot)
			averages_add(slot->out, &l.v[i].on);
	}
	learning_release(&l);
	return code;
}

/* ---- the window ---- */

static void
add_metric(void *ctx, int64_t period, int64_t type, int64_t metric,
	const struct sum *v)
{
	struct counting *c = ctx;
	struct slot *slot = slot_of(c, type);

	(void)period;
	if (slot == NULL || metric <= 0 || metric >= METRIC_END)
		return;
	spread_add(&slot->spread[metric], v);
	spread_add(&c->slots[0].spread[metric], v);
}

static int64_t *
buckets_of(void *ctx, int64_t period, int64_t type, int64_t metric)
{
	struct slot *slot = slot_of(ctx, type);

	(void)period;
	return slot ? spread_counts(&slot->spread[metric]) : NULL;
}

/* Their buckets are the sum of those of the types. */
static void
sum_up(struct counting *c)
{
	for (size_t i = 1; i < c->n; i++)
		for (int m = 1; m < METRIC_DISTRIBUTIONS; m++)
			spread_add_spread(&c->slots[0].spread[m],
			    &c->slots[i].spread[m]);
}

static void
finish_slot(struct slot *slot, bool buckets)
{
	struct type_stats *out = slot->out;

	for (int m = 1; m < METRIC_DISTRIBUTIONS; m++) {
		spread_distribution(&slot->spread[m], &out->dist[m]);
		if (buckets) {
			out->buckets[m] = slot->spread[m].count;
			slot->spread[m].count = NULL;
		}
	}
	for (int m = METRIC_ENQUEUED; m < METRIC_END; m++)
		out->counter[m] = slot->spread[m].sum.n;
	out->bytes = spread_bytes(slot->spread, out->counter);
}

/* ---- the verb ---- */

static void
choose_types(struct counting *c, const char *type, struct stats *out)
{
	struct catalog *all = &c->store->catalog;

	out->types = mem_zero(all->ntypes + 1, sizeof(*out->types));
	c->slots = mem_zero(all->ntypes + 1, sizeof(*c->slots));
	c->slots[0].out = &out->total;
	c->n = c->hint = 1;
	for (size_t i = 0; i < all->ntypes; i++) {
		struct type_stats *t = &out->types[out->ntypes];

		if (type && !type_within(all->types[i]->name, type))
			continue;
		snprintf(t->type, sizeof(t->type), "%s", all->types[i]->name);
		t->weight = type_terms(c->store, all->types[i])->weight;
		c->slots[c->n++] = (struct slot){ .id = all->types[i]->id,
		    .type = all->types[i], .out = t };
		out->ntypes++;
	}
}

/* What was recorded at a time that is still to come */
static int
read_ahead(struct counting *c, struct stats *out, struct err *err)
{
	int64_t last;
	int code = db_int(&c->store->db, SQL_METRIC_LAST, &last, 0, err, "");

	if (code == 0 && period_kind(last) == PERIOD_IS_MINUTE &&
	    period_start(last) > out->sampled)
		out->ahead = period_start(last) - out->sampled;
	return code;
}

/* What is true now, in one snapshot */
static int
read_present(struct counting *c, const struct stats_request *r,
	struct stats *out, struct err *err)
{
	struct store_info info;
	int code = store_info(c->store, &info, err);

	if (code == 0)
		code = read_begin(c->store, err);
	if (code)
		return code;
	choose_types(c, r->type, out);
	out->sampled = clock_wall(c->store->clock);
	out->db_bytes = info.db_bytes;
	out->wal_bytes = info.wal_bytes;
	if (r->ever)
		span_ever(&c->span);
	else
		code = span_since(c->store, r->since, &c->span, err);
	out->since = span_covered(&c->span, info.created, out->sampled);
	if (code == 0)
		code = read_ahead(c, out, err);
	if (code == 0)
		code = depths_read(c, out->sampled, err);
	if (code == 0)
		code = read_pauses(c, out->sampled, err);
	if (code == 0)
		code = read_breakers(c, out->sampled, err);
	if (code == 0)
		code = read_bounds(c, err);
	if (code == 0)
		code = crew_read(c->store, &out->workers, &out->nworkers, err);
	if (code == 0)
		code = read_starved(c, out, err);
	if (code == 0)
		code = read_averages(c, err);
	if (code == 0)
		code = watchers_read(c->store, r->type, &out->watchers,
		    &out->nwatchers, err);
	if (code == 0 && c->store->version >= SCHEMA_SCANS)
		code = db_int(&c->store->db, SQL_SCAN_LAST, &out->last_scan, 0,
		    err, "");
	read_end(c->store);
	return code;
}

static void
counting_release(struct counting *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (int m = 0; m < METRIC_DISTRIBUTIONS; m++)
			spread_release(&c->slots[i].spread[m]);
	free(c->slots);
}

int
store_stats(struct store *s, const struct stats_request *r,
	struct stats *out, struct err *err)
{
	struct counting c = { .store = s, .run_at = INT64_MIN };
	struct span_reader reader = { .metric = add_metric,
	    .hist = r->counts ? NULL : buckets_of, .of = ~0u, .ctx = &c };
	struct drawing *d = NULL;
	int code;

	memset(out, 0, sizeof(*out));
	if (r->series)
		*r->series = (struct series){ 0 };
	code = read_present(&c, r, out, err);
	if (code == 0)
		code = depths_read_more(&c, out->sampled, err);
	if (code == 0 && r->series) {
		d = drawing_begin(s, r, out->since, out->sampled, r->series);
		reader.next = drawing_reader(d);
	}
	if (code == 0)
		code = span_read(s, &c.span, &reader, err);
	drawing_end(d);
	sum_up(&c);
	for (size_t i = 0; i < c.n && code == 0; i++)
		finish_slot(&c.slots[i], r->buckets);
	counting_release(&c);
	if (code && r->series)
		series_release(r->series);
	if (code)
		stats_release(out);
	return code;
}

static void
release_type(struct type_stats *t)
{
	free(t->averages);
	for (int m = 0; m < METRIC_DISTRIBUTIONS; m++)
		free(t->buckets[m]);
}

void
stats_release(struct stats *st)
{
	crew_release(st->workers, st->nworkers);
	watchers_release(st->watchers, st->nwatchers);
	release_type(&st->total);
	for (size_t i = 0; i < st->ntypes; i++)
		release_type(&st->types[i]);
	free(st->types);
	memset(st, 0, sizeof(*st));
}
