#include "store/span.h"

#include "rules/period.h"
#include "store/schema.h"

#define CHUNK 2000
#define SNAPSHOT (20 * NS_PER_MS)	/* before another one is taken */

static int
has_rows(struct store *s, int64_t period, bool *has, struct err *err)
{
	int64_t found;
	int code = db_int(&s->db, SQL_SPAN_HAS, &found, 0, err, "i", period);

	*has = found;
	return code;
}

/* The first time of which something is kept: what is older is gone, or about to
 * go (rollup.c). */
static int64_t
first_kept(struct store *s)
{
	int64_t ever = period_start(PERIOD_MINUTES);
	int64_t day = period_of(PERIOD_IS_DAY, clock_wall(s->clock)) -
	    setting_int(s, NULL, SET_TELEMETRY_RETENTION, 0) /
	    period_length(PERIOD_IS_DAY);

	return day > period_of(PERIOD_IS_DAY, ever) ? period_start(day) : ever;
}

int
span_since(struct store *s, int64_t since, struct span *w,
	struct err *err)
{
	int64_t day, hour, minute, first = first_kept(s);
	int64_t now = clock_wall(s->clock);
	bool days, hours;
	int code;

	if (since < first)
		since = first;
	day = period_of(PERIOD_IS_DAY, since);
	code = has_rows(s, day, &days, err);
	if (days)
		since = period_start(day);
	hour = period_of(PERIOD_IS_HOUR, since);
	if (code == 0)
		code = has_rows(s, hour, &hours, err);
	if (code)
		return code;
	if (hours)
		since = period_start(hour);
	minute = period_of(PERIOD_IS_MINUTE, since);
	w->since = period_start(minute);
	w->n = 3;
	w->ranges[0] = (struct period_range){ minute,
	    period_of(PERIOD_IS_MINUTE, now) + 1 };
	w->ranges[1] = (struct period_range){ days || hours ? hour : hour + 1,
	    period_of(PERIOD_IS_HOUR, now) + 1 };
	w->ranges[2] = (struct period_range){ days ? day : day + 1,
	    period_of(PERIOD_IS_DAY, now) + 1 };
	return 0;
}

int64_t
span_covered(const struct span *w, int64_t created, int64_t now)
{
	int64_t since = w->since > created || created > now ? w->since :
	    created;

	return since < now ? since : now;
}

void
span_ever(struct span *w)
{
	*w = (struct span){ .n = 2, .ranges = {
	    { PERIOD_MINUTES, INT64_MAX }, { PERIOD_EVER, PERIOD_DAYS } } };
}

/* After the row of (period, type, metric, bucket), or (period, type, reason,
 * exit) */
struct mark {
	int64_t period, type, metric, bucket;
};

static bool
is_wanted(const struct span_reader *r, int64_t metric)
{
	return metric > 0 && metric < METRIC_DISTRIBUTIONS &&
	    (r->of >> metric & 1);
}

/* NULL: nowhere */
static int64_t *
counts_of(const struct span_reader *r, const struct mark *at)
{
	return r->hist && is_wanted(r, at->metric) ? r->hist(r->ctx,
	    at->period, at->type, at->metric) : NULL;
}

static void
tell_metric(const struct span_reader *r, const struct mark *at,
	const struct sum *v)
{
	for (; r; r = r->next)
		r->metric(r->ctx, at->period, at->type, at->metric, v);
}

static void
tell_bucket(const struct span_reader *r, const struct mark *at, int64_t bucket,
	int64_t n)
{
	for (; r; r = r->next) {
		int64_t *count = counts_of(r, at);

		if (count)
			count[bucket] += n;
	}
}

static void
tell_buckets(const struct span_reader *r, const struct mark *at,
	struct bytes packed)
{
	for (; r; r = r->next) {
		int64_t *count = counts_of(r, at);

		if (count)
			hist_add(packed, count);
	}
}

static void
tell_sample(const struct span_reader *r, int64_t minute,
	const struct sample *p)
{
	struct mark at = { minute, p->type, METRIC_INGESTED, 0 };

	if (p->ingested)
		tell_metric(r, &at, &(struct sum){ .n = p->ingested });
	for (at.metric = 1; at.metric < METRIC_DISTRIBUTIONS; at.metric++) {
		int64_t v = p->v[at.metric];

		if (v < 0)
			continue;
		tell_metric(r, &at, &(struct sum){ 1, v, v, v });
		tell_bucket(r, &at, hist_bucket(v), 1);
	}
}

/* What is still to be added to minutes of the range */
static int
read_samples(struct store *s, const struct span_reader *r,
	const struct period_range *range, struct err *err)
{
	struct sample v;
	struct query q;
	int got = 0, code;

	if (s->version < SCHEMA_SAMPLES || range->end <= PERIOD_MINUTES)
		return 0;
	code = samples_start(&q, s, err);
	while (code == 0 && (got = sample_next(&q, &v, err)) == 1) {
		int64_t minute = period_of(PERIOD_IS_MINUTE, v.at);

		if (minute >= range->first && minute < range->end)
			tell_sample(r, minute, &v);
	}
	return got < 0 ? err->code : code;
}

static int
read_metrics(struct store *s, const struct span_reader *r,
	const struct period_range *range, struct mark *at, int64_t *rows,
	struct err *err)
{
	bool buckets = r->hist && s->version >= SCHEMA_BUCKETS;
	struct query q;
	int code = db_start(&q, &s->db, buckets ? SQL_STATS_METRIC_BUCKETS :
	    SQL_STATS_METRIC, err, "iiiii", at->period, at->type, at->metric,
	    range->end, (int64_t)CHUNK);
	int got;

	if (code)
		return code;
	for (*rows = 0; (got = db_row(&q, err)) == 1; ++*rows) {
		struct sum v = { db_column_int(&q, 3), db_column_int(&q, 4),
		    db_column_or(&q, 5, 0), db_column_or(&q, 6, 0) };

		*at = (struct mark){ db_column_int(&q, 0),
		    db_column_int(&q, 1), db_column_int(&q, 2), 0 };
		tell_metric(r, at, &v);
		if (buckets)
			tell_buckets(r, at, db_column_bytes(&q, 7));
	}
	if (got < 0)
		return err->code;
	/* in the snapshot of the last minutes, to which they are going to be
	 * added */
	return *rows < CHUNK ? read_samples(s, r, range, err) : 0;
}

static struct mark
mark_of(struct query *q)
{
	return (struct mark){ db_column_int(q, 0), db_column_int(q, 1),
	    db_column_int(q, 2), db_column_int(q, 3) };
}

static int
read_hists(struct store *s, const struct span_reader *r,
	const struct period_range *range, struct mark *at, int64_t *rows,
	struct err *err)
{
	struct query q;
	int code = db_start(&q, &s->db, SQL_STATS_HIST, err, "iiiiii",
	    at->period, at->type, at->metric, at->bucket, range->end,
	    (int64_t)CHUNK);
	int got;

	if (code)
		return code;
	for (*rows = 0; (got = db_row(&q, err)) == 1; ++*rows) {
		*at = mark_of(&q);
		if (at->bucket >= 0 && at->bucket < HIST_BUCKETS)
			tell_bucket(r, at, at->bucket, db_column_int(&q, 4));
	}
	return got < 0 ? err->code : 0;
}

static void
tell_failure(const struct span_reader *r, struct query *q)
{
	enum reason reason = (enum reason)db_column_int(q, 2);

	r->failure(r->ctx, &(struct failure){ .type = db_column_int(q, 1),
	    .reason = reason, .has_exit = reason != REASON_CRASH,
	    .exit = (int)db_column_int(q, 3), .count = db_column_int(q, 4),
	    .quarantined = db_column_int(q, 5),
	    .cancelled = db_column_int(q, 6), .first = db_column_int(q, 7),
	    .last = db_column_int(q, 8), .job = db_column_int(q, 9),
	    .attempt = db_column_int(q, 10) });
}

static int
read_failures(struct store *s, const struct span_reader *r,
	const struct period_range *range, struct mark *at, int64_t *rows,
	struct err *err)
{
	struct query q;
	int code = db_start(&q, &s->db, s->version < SCHEMA_FAILURES ?
	    SQL_STATS_FAILURE_PAST : SQL_STATS_FAILURE, err, "iiiiii",
	    at->period, at->type, at->metric, at->bucket, range->end,
	    (int64_t)CHUNK);
	int got;

	if (code)
		return code;
	for (*rows = 0; (got = db_row(&q, err)) == 1; ++*rows) {
		*at = mark_of(&q);
		tell_failure(r, &q);
	}
	return got < 0 ? err->code : 0;
}

typedef int chunk_fn(struct store *s, const struct span_reader *r,
	const struct period_range *range, struct mark *at, int64_t *rows,
	struct err *err);

/* *until: when the snapshot is old enough */
static int
renew(struct store *s, int64_t *until, struct err *err)
{
	int64_t now = clock_boot(s->clock);

	if (now < *until)
		return 0;
	read_end(s);
	*until = now + SNAPSHOT;
	return read_begin(s, err);
}

static int
read_range(struct store *s, const struct span_reader *r,
	const struct period_range *range, chunk_fn *fn, int64_t *until,
	struct err *err)
{
	struct mark at = { range->first, INT64_MIN, 0, 0 };
	int64_t rows;
	int code;

	do {
		code = fn(s, r, range, &at, &rows, err);
		if (code == 0)
			code = renew(s, until, err);
	} while (code == 0 && rows == CHUNK);
	return code;
}

int
span_read(struct store *s, const struct span *w,
	const struct span_reader *r, struct err *err)
{
	const struct {
		chunk_fn *fn;
		bool wanted;
	} tables[] = { { read_metrics, r->metric }, { read_hists, r->hist },
		{ read_failures, r->failure } };
	int64_t until = clock_boot(s->clock) + SNAPSHOT;
	int code = read_begin(s, err);

	if (code)
		return code;
	for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++)
		for (size_t i = 0; i < w->n && code == 0; i++)
			if (tables[t].wanted)
				code = read_range(s, r, &w->ranges[i],
				    tables[t].fn, &until, err);
	read_end(s);
	return code;
}
