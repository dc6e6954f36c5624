/*
 * Numbers of the queue: depth from the lanes, counts and distributions of a
 * window from metric and hist.
 */
#include <stdlib.h>
#include <string.h>

#include "store/claim.h"
#include "store/schema.h"
#include "store/spread.h"

/* How many of the delayed jobs are looked at whether they are due */
#define DUE_MAX 100000

struct slot {			/* one type that is wanted */
	int64_t id;		/* 0: all of them together */
	struct type *type;	/* while the first snapshot is open only */
	struct type_stats *out;
	struct spread spread[METRIC_END];
};

struct counting {
	struct store *store;
	struct span span;
	struct slot *slots;	/* [0] is the total */
	size_t n;
	size_t hint;		/* the slot that was found last, from 1 on */
};

/* Rows come sorted: it is the one of before, or the next one, most often. */
static struct slot *
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

/* ---- depth ---- */

static void
add_depth(struct depth *to, const struct depth *d)
{
	to->ready += d->ready;
	to->delayed += d->delayed;
	to->waiting += d->waiting;
	to->running += d->running;
	to->quarantined += d->quarantined;
	to->succeeded += d->succeeded;
	to->cancelled += d->cancelled;
	if (d->oldest_ready && (to->oldest_ready == 0 ||
	    d->oldest_ready < to->oldest_ready))
		to->oldest_ready = d->oldest_ready;
}

/* NULL: of a type that is not wanted */
static struct slot *
slot_of_lane(struct counting *c, int64_t id)
{
	struct lane *lane = catalog_lane(c->store, id);

	return lane ? slot_of(c, lane->type->id) : NULL;
}

static void
count_depth(struct counting *c, struct slot *slot, const struct depth *d)
{
	add_depth(&slot->out->depth, d);
	add_depth(&c->slots[0].out->depth, d);
}

static int
read_lane(struct counting *c, struct query *q, struct err *err)
{
	int64_t lane = db_column_int(q, 0);
	struct slot *slot = slot_of_lane(c, lane);
	struct depth d = { db_column_int(q, 1), db_column_int(q, 2),
	    db_column_int(q, 3), db_column_int(q, 4), db_column_int(q, 5),
	    db_column_int(q, 6), db_column_int(q, 7), 0 };
	int code = 0;

	if (slot == NULL)
		return 0;
	/* of its first rows: a repeated or promoted job may stand before one
	 * that has waited for longer */
	if (d.ready)
		code = db_int(&c->store->db, SQL_STATS_HEAD, &d.oldest_ready,
		    0, err, "i", lane);
	count_depth(c, slot, &d);
	return code;
}

/* What is due counts as ready, though no claim has seen it yet. */
static int
read_due(struct counting *c, int64_t now, struct err *err)
{
	struct query q;
	int code, got;

	code = db_start(&q, &c->store->db, SQL_STATS_DUE, err, "ii", now,
	    (int64_t)DUE_MAX);
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		struct slot *slot = slot_of_lane(c, db_column_int(&q, 0));
		int64_t n = db_column_int(&q, 1);

		if (slot)
			count_depth(c, slot, &(struct depth){ .ready = n,
			    .delayed = -n,
			    .oldest_ready = db_column_int(&q, 2) });
	}
	return got < 0 ? err->code : 0;
}

static int
read_depths(struct counting *c, int64_t now, struct err *err)
{
	struct query q;
	int code, got = 0;

	code = db_start(&q, &c->store->db, SQL_STATS_LANES, err, "");
	while (code == 0 && (got = db_row(&q, err)) == 1)
		code = read_lane(c, &q, err);
	if (code)
		db_end(&q);
	if (got < 0)
		code = err->code;
	return code ? code : read_due(c, now, err);
}

static int
read_pauses(struct counting *c, int64_t now, struct err *err)
{
	int code = 0;

	for (size_t i = 0; i < c->n && code == 0; i++) {
		struct slot *slot = &c->slots[i];
		struct pause p;

		code = pause_read(c->store, slot->type, now, &p, err);
		slot->out->paused = p.on;
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

static void
add_buckets(void *ctx, int64_t period, int64_t type, int64_t metric,
	const struct hist_row *rows, size_t n)
{
	struct counting *c = ctx;
	struct slot *slot = slot_of(c, type);

	(void)period;
	if (slot)
		spread_add_buckets(&slot->spread[metric], rows, n);
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
	out->bytes = slot->spread[METRIC_INPUT].sum.sum +
	    out->counter[METRIC_INGESTED];
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
	/* nothing is recorded from before the queue was made */
	out->since = c->span.since > info.created ? c->span.since :
	    info.created;
	if (out->since > out->sampled)
		out->since = out->sampled;
	if (code == 0)
		code = read_depths(c, out->sampled, err);
	if (code == 0)
		code = read_pauses(c, out->sampled, err);
	if (code == 0)
		code = read_breakers(c, out->sampled, err);
	if (code == 0)
		code = crew_read(c->store, &out->workers, &out->nworkers, err);
	if (code == 0)
		code = read_starved(c, out, err);
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
	struct counting c = { .store = s };
	struct span_reader reader = { .metric = add_metric,
	    .hist = r->counts ? NULL : add_buckets, .of = ~0u, .ctx = &c };
	int code;

	memset(out, 0, sizeof(*out));
	code = read_present(&c, r, out, err);
	if (code == 0)
		code = span_read(s, &c.span, &reader, err);
	sum_up(&c);
	for (size_t i = 0; i < c.n && code == 0; i++)
		finish_slot(&c.slots[i], r->buckets);
	counting_release(&c);
	if (code)
		stats_release(out);
	return code;
}

static void
release_buckets(struct type_stats *t)
{
	for (int m = 0; m < METRIC_DISTRIBUTIONS; m++)
		free(t->buckets[m]);
}

void
stats_release(struct stats *st)
{
	crew_release(st->workers, st->nworkers);
	watchers_release(st->watchers, st->nwatchers);
	release_buckets(&st->total);
	for (size_t i = 0; i < st->ntypes; i++)
		release_buckets(&st->types[i]);
	free(st->types);
	memset(st, 0, sizeof(*st));
}
