/* Counters and distributions: summed up in memory, and added to their rows
 * before the commit. */
#include <stdlib.h>
#include <string.h>

#include "rules/period.h"
#include "store/internal.h"

#define BUCKETS_FIRST 256

void
tx_count(struct store *s, struct type *t, enum metric m, int64_t n)
{
	(void)s;
	t->sums[m].n += n;
	t->touched = true;
}

/* Its place in the table, which is never full: n 0 is a free one. */
static struct bucket *
place_of(const struct tx *tx, int64_t type, int metric, int bucket)
{
	uint64_t key = ((uint64_t)type * METRIC_END + (uint64_t)metric) *
	    HIST_BUCKETS + (uint64_t)bucket;
	size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32);

	for (;; at++) {
		struct bucket *b = &tx->buckets[at & (tx->cap_buckets - 1)];

		if (b->n == 0 || (b->bucket == bucket && b->metric == metric &&
		    b->type == type))
			return b;
	}
}

static void
grow(struct tx *tx)
{
	struct bucket *old = tx->buckets;
	size_t n = tx->cap_buckets;

	tx->cap_buckets = n ? 2 * n : BUCKETS_FIRST;
	tx->buckets = mem_zero(tx->cap_buckets, sizeof(*tx->buckets));
	for (size_t i = 0; i < n; i++)
		if (old[i].n)
			*place_of(tx, old[i].type, old[i].metric,
			    old[i].bucket) = old[i];
	free(old);
}

static void
add_bucket(struct tx *tx, int64_t type, int metric, int bucket)
{
	struct bucket *b;

	if (2 * tx->nbuckets >= tx->cap_buckets)
		grow(tx);
	b = place_of(tx, type, metric, bucket);
	if (b->n == 0) {
		*b = (struct bucket){ type, metric, bucket, 0 };
		tx->nbuckets++;
	}
	b->n++;
}

bool
metrics_detailed(struct store *s)
{
	struct setting_value telemetry;

	return setting_number(s, NULL, SET_TELEMETRY, &telemetry) &&
	    telemetry.choice == 0;
}

void
metric_value(struct store *s, struct type *t, enum metric m, int64_t v)
{
	struct sum *sum = &t->sums[m];

	if (sum->n == 0 || v < sum->min)
		sum->min = v;
	if (sum->n == 0 || v > sum->max)
		sum->max = v;
	sum->n++;
	/* full is full: a sum is never too large for its column */
	sum->sum = v > INT64_MAX - sum->sum ? INT64_MAX : sum->sum + v;
	t->touched = true;
	add_bucket(&s->tx, t->id, m, hist_bucket(v));
}

static int
bucket_order(const void *va, const void *vb)
{
	const struct bucket *a = va, *b = vb;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->metric != b->metric)
		return a->metric - b->metric;
	return a->bucket - b->bucket;
}

/* In their order, as rows[i] for what is now buckets[i].  The table is empty
 * afterwards, but for them. */
static struct hist_row *
sort_buckets(struct tx *tx)
{
	struct hist_row *rows = mem_alloc((tx->nbuckets + 1) * sizeof(*rows));
	struct bucket *b = tx->buckets;
	size_t n = 0;

	for (size_t i = 0; i < tx->cap_buckets; i++)
		if (b[i].n)
			b[n++] = b[i];
	if (n > 1)
		qsort(b, n, sizeof(*b), bucket_order);
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct hist_row){ b[i].bucket, b[i].n };
	return rows;
}

/* The first of a metric, or where it would be */
static size_t
first_bucket(const struct tx *tx, int64_t type, int metric)
{
	struct bucket like = { type, metric, -1, 0 };
	size_t low = 0, high = tx->nbuckets;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (bucket_order(&tx->buckets[middle], &like) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int
metric_merge(struct store *s, const struct metric_key *k,
	const struct hist_row *rows, size_t n, struct buf *out, bool *there,
	struct err *err)
{
	struct query q;
	int got, code = db_start(&q, &s->db, SQL_METRIC_BUCKETS, err, "iii",
	    k->period, k->type, k->metric);

	buf_reset(out);
	if (code)
		return code;
	got = db_row(&q, err);
	if (got < 0)
		return err->code;
	*there = got;
	hist_merge(got ? db_column_bytes(&q, 0) : BYTES_NONE, rows, n, out);
	if (got)
		db_end(&q);
	return 0;
}

static int
add_distribution(struct store *s, const struct metric_key *k,
	const struct sum *v, const struct hist_row *rows, struct buf *stored,
	struct err *err)
{
	const struct tx *tx = &s->tx;
	size_t from = first_bucket(tx, k->type, (int)k->metric);
	size_t end = first_bucket(tx, k->type, (int)k->metric + 1);
	bool there = false;
	int code = metric_merge(s, k, rows + from, end - from, stored, &there,
	    err);

	/* an UPDATE is half the work of what would do both */
	return code ? code : db_run(&s->db, there ? SQL_METRIC_MORE :
	    SQL_METRIC_ADD, err, "iiiiiiib", k->period, k->type, k->metric,
	    v->n, v->sum, v->min, v->max, buf_bytes(stored));
}

/* Two statements, the second one once a minute: a program that does this once
 * has to compile them, and what would do both takes longer. */
static int
add_count(struct store *s, int64_t minute, int64_t type, int64_t metric,
	int64_t n, struct err *err)
{
	int code = db_run(&s->db, SQL_METRIC_COUNT, err, "iiii", minute, type,
	    metric, n);

	if (code == 0 && db_changes(&s->db) == 0)
		code = db_run(&s->db, SQL_METRIC_FIRST, err, "iiii", minute,
		    type, metric, n);
	return code;
}

static void
forget_buckets(struct tx *tx)
{
	if (tx->nbuckets)
		memset(tx->buckets, 0, tx->cap_buckets *
		    sizeof(*tx->buckets));
	tx->nbuckets = 0;
}

int
metrics_spread(struct store *s, int64_t minute, struct err *err)
{
	struct hist_row *rows = sort_buckets(&s->tx);
	struct buf stored = { 0 };
	int code = 0;

	for (size_t i = 0; i < s->catalog.ntypes && code == 0; i++) {
		struct type *t = s->catalog.types[i];

		for (int m = 1; t->touched && m < METRIC_DISTRIBUTIONS &&
		    code == 0; m++) {
			if (t->sums[m].n)
				code = add_distribution(s, &(struct metric_key){
				    minute, t->id, m }, &t->sums[m], rows,
				    &stored, err);
			t->sums[m] = (struct sum){ 0 };
		}
		if (t->sums[METRIC_INGESTED].n && code == 0)
			code = add_count(s, minute, t->id, METRIC_INGESTED,
			    t->sums[METRIC_INGESTED].n, err);
		t->sums[METRIC_INGESTED].n = 0;
	}
	forget_buckets(&s->tx);
	buf_release(&stored);
	free(rows);
	return code;
}

int
metrics_flush(struct store *s, struct err *err)
{
	int64_t minute = period_of(PERIOD_IS_MINUTE, s->tx.now);
	int code = samples_flush(s, err);

	for (size_t i = 0; i < s->catalog.ntypes; i++) {
		const struct type *t = s->catalog.types[i];

		for (int m = METRIC_ENQUEUED; t->touched && m < METRIC_END &&
		    code == 0; m++)
			if (t->sums[m].n)
				code = add_count(s, minute, t->id, m,
				    t->sums[m].n, err);
	}
	return code;
}

void
metrics_clear(struct store *s)
{
	struct catalog *c = &s->catalog;

	forget_buckets(&s->tx);
	s->tx.nsamples = 0;
	for (size_t i = 0; i < c->ntypes; i++)
		if (c->types[i]->touched) {
			memset(c->types[i]->sums, 0,
			    sizeof(c->types[i]->sums));
			c->types[i]->touched = false;
		}
}

int
metrics_add(struct store *s, const char *type, const struct count *v, size_t n,
	struct err *err)
{
	struct type *t;
	int code = 0;

	if (n > 0)
		code = catalog_make_type(s, bytes_of(type), &t, err);
	for (size_t i = 0; i < n && code == 0; i++)
		tx_count(s, t, v[i].metric, v[i].n);
	return code;
}

int
store_count(struct store *s, const char *type, const struct count *v, size_t n,
	struct err *err)
{
	int code = tx_begin(s, err);

	return code ? code : tx_end(s, metrics_add(s, type, v, n, err), err);
}
