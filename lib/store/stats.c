/*
 * Numbers of the queue: depth from the lanes, counts and distributions of a
 * window from metric and hist.
 *
 * Those two are read a chunk at a time, each in a snapshot of its own (never
 * longer than some milliseconds) and added up here: what is recorded meanwhile
 * may be in the one and not yet in the other, which shifts a percentile by
 * less than its bucket.
 */
#include <stdlib.h>
#include <string.h>

#include "store/reading.h"

#define CHUNK 10000
#define MINUTE (60 * NS_PER_S)

/* Of one type and metric; buckets only where there is something */
struct spread {
	int64_t *count;		/* HIST_BUCKETS, or NULL */
};

struct slot {			/* one type that is wanted */
	int64_t id;		/* 0: all of them together */
	struct type *type;	/* while the first snapshot is open only */
	struct type_stats *out;
	struct sum sums[METRIC_END];
	struct spread spread[METRIC_DISTRIBUTIONS];
};

struct counting {
	struct store *store;
	int64_t minute;		/* the first one wanted */
	struct slot *slots;	/* [0] is the total */
	size_t n;
};

static struct slot *
slot_of(struct counting *c, int64_t type)
{
	for (size_t i = 1; i < c->n; i++)
		if (c->slots[i].id == type)
			return &c->slots[i];
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

static int
read_lane(struct counting *c, struct query *q, struct err *err)
{
	struct lane *lane = catalog_lane(c->store, db_column_int(q, 0));
	struct slot *slot = lane ? slot_of(c, lane->type->id) : NULL;
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
		    0, err, "i", lane->id);
	add_depth(&slot->out->depth, &d);
	add_depth(&c->slots[0].out->depth, &d);
	return code;
}

static int
read_depths(struct counting *c, struct err *err)
{
	struct query q;
	int code, got = 0;

	code = db_start(&q, &c->store->db, SQL_STATS_LANES, err, "");
	while (code == 0 && (got = db_row(&q, err)) == 1)
		code = read_lane(c, &q, err);
	if (code)
		db_end(&q);
	return got < 0 ? err->code : code;
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

/* ---- the window ---- */

static void
add_sum(struct sum *to, const struct sum *v)
{
	if (v->n == 0)
		return;
	if (to->n == 0 || v->min < to->min)
		to->min = v->min;
	if (to->n == 0 || v->max > to->max)
		to->max = v->max;
	to->n += v->n;
	to->sum += v->sum;
}

/* After (minute, type, metric, bucket) stood in the last row */
struct mark {
	int64_t minute, type, metric, bucket;
};

static int
read_metrics(struct counting *c, struct mark *at, int64_t *rows,
	struct err *err)
{
	struct query q;
	int code = db_start(&q, &c->store->db, SQL_STATS_METRIC, err, "iiii",
	    at->minute, at->type, at->metric, (int64_t)CHUNK);
	int got;

	if (code)
		return code;
	for (*rows = 0; (got = db_row(&q, err)) == 1; ++*rows) {
		struct sum v = { db_column_int(&q, 3), db_column_int(&q, 4),
		    db_column_or(&q, 5, 0), db_column_or(&q, 6, 0) };
		struct slot *slot;

		*at = (struct mark){ db_column_int(&q, 0),
		    db_column_int(&q, 1), db_column_int(&q, 2), 0 };
		slot = slot_of(c, at->type);
		if (slot == NULL || at->metric <= 0 ||
		    at->metric >= METRIC_END)
			continue;
		add_sum(&slot->sums[at->metric], &v);
		add_sum(&c->slots[0].sums[at->metric], &v);
	}
	return got < 0 ? err->code : 0;
}

static void
add_bucket(struct slot *slot, int64_t metric, int64_t bucket, int64_t n)
{
	struct spread *s = &slot->spread[metric];

	if (s->count == NULL)
		s->count = mem_zero(HIST_BUCKETS, sizeof(*s->count));
	s->count[bucket] += n;
}

static int
read_hists(struct counting *c, struct mark *at, int64_t *rows,
	struct err *err)
{
	struct query q;
	int code = db_start(&q, &c->store->db, SQL_STATS_HIST, err, "iiiii",
	    at->minute, at->type, at->metric, at->bucket, (int64_t)CHUNK);
	int got;

	if (code)
		return code;
	for (*rows = 0; (got = db_row(&q, err)) == 1; ++*rows) {
		int64_t n = db_column_int(&q, 4);
		struct slot *slot;

		*at = (struct mark){ db_column_int(&q, 0),
		    db_column_int(&q, 1), db_column_int(&q, 2),
		    db_column_int(&q, 3) };
		slot = slot_of(c, at->type);
		if (slot == NULL || at->metric <= 0 ||
		    at->metric >= METRIC_DISTRIBUTIONS || at->bucket < 0 ||
		    at->bucket >= HIST_BUCKETS)
			continue;
		add_bucket(slot, at->metric, at->bucket, n);
		add_bucket(&c->slots[0], at->metric, at->bucket, n);
	}
	return got < 0 ? err->code : 0;
}

typedef int chunk_fn(struct counting *c, struct mark *at, int64_t *rows,
	struct err *err);

static int
read_window(struct counting *c, chunk_fn *fn, struct err *err)
{
	struct mark at = { c->minute, INT64_MIN, 0, 0 };
	int64_t rows;
	int code;

	do {
		code = read_begin(c->store, err);
		if (code)
			return code;
		code = fn(c, &at, &rows, err);
		read_end(c->store);
	} while (code == 0 && rows == CHUNK);
	return code;
}

static void
distribute(struct distribution *d, const struct sum *sum,
	const struct spread *spread)
{
	struct hist_row *rows;
	size_t n = 0;

	d->count = sum->n;
	if (sum->n == 0)
		return;
	d->min = sum->min;
	d->max = sum->max;
	d->mean = (double)sum->sum / (double)sum->n;
	rows = mem_alloc(HIST_BUCKETS * sizeof(*rows));
	for (int i = 0; spread->count && i < HIST_BUCKETS; i++)
		if (spread->count[i])
			rows[n++] = (struct hist_row){ i, spread->count[i] };
	d->p50 = hist_quantile(rows, n, 0.50, d->min, d->max);
	d->p95 = hist_quantile(rows, n, 0.95, d->min, d->max);
	d->p99 = hist_quantile(rows, n, 0.99, d->min, d->max);
	free(rows);
}

static void
finish_slot(struct slot *slot)
{
	struct type_stats *out = slot->out;

	for (int m = 1; m < METRIC_DISTRIBUTIONS; m++)
		distribute(&out->dist[m], &slot->sums[m], &slot->spread[m]);
	for (int m = METRIC_ENQUEUED; m < METRIC_END; m++)
		out->counter[m] = slot->sums[m].n;
	/* what was ingested: the files, or else what was read */
	out->bytes = slot->sums[METRIC_INPUT].n ?
	    slot->sums[METRIC_INPUT].sum : slot->sums[METRIC_READ].sum;
}

/* ---- the verb ---- */

static void
choose_types(struct counting *c, const char *type, struct stats *out)
{
	struct catalog *all = &c->store->catalog;

	out->types = mem_zero(all->ntypes + 1, sizeof(*out->types));
	c->slots = mem_zero(all->ntypes + 1, sizeof(*c->slots));
	c->slots[0].out = &out->total;
	c->n = 1;
	for (size_t i = 0; i < all->ntypes; i++) {
		struct type_stats *t = &out->types[out->ntypes];

		if (type && !type_within(all->types[i]->name, type))
			continue;
		snprintf(t->type, sizeof(t->type), "%s", all->types[i]->name);
		c->slots[c->n++] = (struct slot){ .id = all->types[i]->id,
		    .type = all->types[i], .out = t };
		out->ntypes++;
	}
}

/* What is true now, in one snapshot */
static int
read_present(struct counting *c, const char *type, int64_t since,
	struct stats *out, struct err *err)
{
	struct store_info info;
	int code = store_info(c->store, &info, err);

	if (code == 0)
		code = read_begin(c->store, err);
	if (code)
		return code;
	choose_types(c, type, out);
	out->sampled = clock_wall(c->store->clock);
	c->minute = since / MINUTE;
	/* whole minutes are recorded, and none before the queue was made */
	out->since = c->minute * MINUTE > info.created ? c->minute * MINUTE :
	    info.created;
	if (out->since > out->sampled)
		out->since = out->sampled;
	out->db_bytes = info.db_bytes;
	out->wal_bytes = info.wal_bytes;
	code = read_depths(c, err);
	if (code == 0)
		code = read_pauses(c, out->sampled, err);
	if (code == 0)
		code = read_breakers(c, out->sampled, err);
	if (code == 0)
		code = crew_read(c->store, &out->workers, &out->nworkers, err);
	read_end(c->store);
	return code;
}

static void
counting_release(struct counting *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (int m = 0; m < METRIC_DISTRIBUTIONS; m++)
			free(c->slots[i].spread[m].count);
	free(c->slots);
}

int
store_stats(struct store *s, const char *type, int64_t since,
	struct stats *out, struct err *err)
{
	struct counting c = { .store = s };
	int code;

	memset(out, 0, sizeof(*out));
	code = read_present(&c, type, since, out, err);
	if (code == 0)
		code = read_window(&c, read_metrics, err);
	if (code == 0)
		code = read_window(&c, read_hists, err);
	for (size_t i = 0; i < c.n && code == 0; i++)
		finish_slot(&c.slots[i]);
	counting_release(&c);
	if (code)
		stats_release(out);
	return code;
}

void
stats_release(struct stats *st)
{
	crew_release(st->workers, st->nworkers);
	free(st->types);
	memset(st, 0, sizeof(*st));
}
