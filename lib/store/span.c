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

int
span_since(struct store *s, int64_t since, struct span *w,
	struct err *err)
{
	int64_t day, hour, minute;
	bool days, hours;
	int code;

	if (since < period_start(PERIOD_MINUTES))
		since = period_start(PERIOD_MINUTES);
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
	w->ranges[0] = (struct period_range){ minute, INT64_MAX };
	w->ranges[1] = (struct period_range){ days || hours ? hour : hour + 1,
	    PERIOD_MINUTES };
	w->ranges[2] = (struct period_range){ days ? day : day + 1,
	    PERIOD_HOURS };
	return 0;
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

static void
tell_buckets(const struct span_reader *r, const struct mark *at,
	struct bytes stored)
{
	struct hist_reader reader = hist_read(stored);
	struct hist_row rows[256];
	size_t n = 0;

	while (hist_next(&reader, &rows[n]))
		if (++n == sizeof(rows) / sizeof(*rows)) {
			r->hist(r->ctx, at->period, at->type, at->metric,
			    rows, n);
			n = 0;
		}
	if (n)
		r->hist(r->ctx, at->period, at->type, at->metric, rows, n);
}

static int
read_metrics(struct store *s, const struct span_reader *r, int64_t end,
	struct mark *at, int64_t *rows, struct err *err)
{
	bool buckets = r->hist && s->version >= SCHEMA_BUCKETS;
	struct query q;
	int code = db_start(&q, &s->db, buckets ? SQL_STATS_METRIC_BUCKETS :
	    SQL_STATS_METRIC, err, "iiiii", at->period, at->type, at->metric,
	    end, (int64_t)CHUNK);
	int got;

	if (code)
		return code;
	for (*rows = 0; (got = db_row(&q, err)) == 1; ++*rows) {
		struct sum v = { db_column_int(&q, 3), db_column_int(&q, 4),
		    db_column_or(&q, 5, 0), db_column_or(&q, 6, 0) };

		*at = (struct mark){ db_column_int(&q, 0),
		    db_column_int(&q, 1), db_column_int(&q, 2), 0 };
		r->metric(r->ctx, at->period, at->type, at->metric, &v);
		if (buckets && is_wanted(r, at->metric))
			tell_buckets(r, at, db_column_bytes(&q, 7));
	}
	return got < 0 ? err->code : 0;
}

static struct mark
mark_of(struct query *q)
{
	return (struct mark){ db_column_int(q, 0), db_column_int(q, 1),
	    db_column_int(q, 2), db_column_int(q, 3) };
}

static int
read_hists(struct store *s, const struct span_reader *r, int64_t end,
	struct mark *at, int64_t *rows, struct err *err)
{
	struct query q;
	int code = db_start(&q, &s->db, SQL_STATS_HIST, err, "iiiiii",
	    at->period, at->type, at->metric, at->bucket, end,
	    (int64_t)CHUNK);
	struct hist_row row;
	int got;

	if (code)
		return code;
	for (*rows = 0; (got = db_row(&q, err)) == 1; ++*rows) {
		*at = mark_of(&q);
		row = (struct hist_row){ (int)at->bucket,
		    db_column_int(&q, 4) };
		if (is_wanted(r, at->metric) && at->bucket >= 0 &&
		    at->bucket < HIST_BUCKETS)
			r->hist(r->ctx, at->period, at->type, at->metric,
			    &row, 1);
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
read_failures(struct store *s, const struct span_reader *r, int64_t end,
	struct mark *at, int64_t *rows, struct err *err)
{
	struct query q;
	int code = db_start(&q, &s->db, s->version < SCHEMA_FAILURES ?
	    SQL_STATS_FAILURE_PAST : SQL_STATS_FAILURE, err, "iiiiii",
	    at->period, at->type, at->metric, at->bucket, end,
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
	int64_t end, struct mark *at, int64_t *rows, struct err *err);

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
		code = fn(s, r, range->end, &at, &rows, err);
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
