/*
 * What was counted in the transactions that did it must have happened exactly
 * as often, whoever was killed when.  The audit log tells what jobs did, the
 * history what attempts took; none is to be pruned before, nor telemetry off.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "inspecting.h"
#include "rules/hist.h"

struct total {
	int64_t n, sum;		/* sum: of a distribution */
};

static struct total *
total_of(struct counted *c, int64_t type, int64_t metric)
{
	if (type >= c->ntypes) {
		c->v = mem_grow(c->v, (size_t)(type + 1) * METRIC_END,
		    sizeof(*c->v));
		for (int64_t i = c->ntypes * METRIC_END;
		    i < (type + 1) * METRIC_END; i++)
			c->v[i] = (struct total){ 0, 0 };
		c->ntypes = type + 1;
	}
	return &c->v[type * METRIC_END + metric];
}

static bool
is_pending(enum state s)
{
	return s == STATE_READY || s == STATE_DELAYED || s == STATE_WAITING;
}

/* What an operator quarantines, or does to what is there, is no outcome. */
static enum metric
metric_of(const struct move *m)
{
	if (m->from == STATE_NONE)
		return METRIC_ENQUEUED;
	if (m->to == STATE_SUCCEEDED)
		return METRIC_SUCCEEDED;
	if (m->to == STATE_CANCELLED)
		return METRIC_CANCELLED;
	if (m->to == STATE_FAILED)
		return METRIC_FAILED;
	if (m->to == STATE_QUARANTINED && !is_pending(m->from) &&
	    m->from != STATE_QUARANTINED)
		return METRIC_QUARANTINED;
	return m->from == STATE_FAILED && is_pending(m->to) ?
	    METRIC_RETRIED : METRIC_END;
}

void
counted_move(struct counted *c, const struct move *m)
{
	enum metric metric = metric_of(m);

	if (metric != METRIC_END)
		total_of(c, m->type, metric)->n += m->count;
}

/* Type, how many, and the sum of them.  A crash of one that a newer job
 * follows looks in the log like any other end. */
#define OF(values, which) "SELECT type, " values " FROM " which " GROUP BY type"
#define MEASURED(value, more) OF("count(" value "), sum(" value ")", \
	"history WHERE outcome IS NOT NULL AND started_at IS NOT NULL" more)
/* Jobs whose handler ran for several have had an equal part of that time each;
 * how many is in source.  Where nobody saw the end, it was as late as the event
 * that says so. */
#define RAN OF("count(*), sum((finished_at - started_at) /" \
	" max(1, ifnull(source, 0) / 8))", "history WHERE outcome IS NOT NULL" \
	" AND started_at IS NOT NULL AND finished_at < (SELECT at FROM" \
	" event WHERE seq = finish)")
static const struct {
	enum metric metric;
	const char *happened, *waits;	/* waits: to be counted, as samples */
} tables[] = {
	{ METRIC_STARTED, OF("count(*), 0", "history WHERE outcome IS NOT"
	    " NULL"), NULL },
	{ METRIC_STARTED, OF("count(*), 0", "job WHERE state = 4"), NULL },
	{ METRIC_CRASHED, OF("count(*), 0", "history WHERE outcome = 6"),
	    NULL },
	{ METRIC_WAIT, MEASURED("started_at - eligible_at", " AND started_at"
	    " >= eligible_at"), OF("count(wait), sum(wait)", "sample") },
	{ METRIC_DURATION, RAN, OF("count(duration), sum(duration)", "sample") },
	{ METRIC_CPU, MEASURED("cpu", ""),
	    OF("count(cpu), sum(cpu)", "sample") },
	{ METRIC_MAX_RSS, MEASURED("max_rss", ""),
	    OF("count(max_rss), sum(max_rss)", "sample") },
	{ METRIC_READ, MEASURED("read", ""),
	    OF("count(read), sum(read)", "sample") },
	{ METRIC_WRITTEN, MEASURED("written", ""),
	    OF("count(written), sum(written)", "sample") },
	{ METRIC_INPUT, MEASURED("input", " AND outcome = 0"),
	    OF("count(input), sum(input)", "sample") },
	{ METRIC_INGESTED, OF("sum(read), 0", "history WHERE outcome = 0"
	    " AND started_at IS NOT NULL AND input IS NULL"),
	    OF("sum(ingested), 0", "sample") },
};

/* Rows of type, count and sum are added, or taken away. */
static void
add_rows(sqlite3 *db, struct counted *c, enum metric metric, const char *sql,
	int sign, struct findings *f)
{
	sqlite3_stmt *st = sql ? query(db, sql, f) : NULL;

	while (st && sqlite3_step(st) == SQLITE_ROW) {
		struct total *t = total_of(c, sqlite3_column_int64(st, 0),
		    metric);

		t->n += sign * sqlite3_column_int64(st, 1);
		t->sum += sign * sqlite3_column_int64(st, 2);
	}
	sqlite3_finalize(st);
}

static bool
is_known(int64_t metric)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (tables[i].metric == metric)
			return true;
	return metric == METRIC_ENQUEUED || metric == METRIC_SUCCEEDED ||
	    metric == METRIC_FAILED || metric == METRIC_RETRIED ||
	    metric == METRIC_QUARANTINED || metric == METRIC_CANCELLED;
}

/* Every minute is there until it has become part of what was ever counted. */
static void
take_metrics(sqlite3 *db, struct counted *c, struct findings *f)
{
	sqlite3_stmt *st = query(db, "SELECT type, metric, sum(n), sum(sum)"
	    " FROM metric WHERE type > 0 AND (minute = 0 OR minute >="
	    " 10000000) GROUP BY type, metric", f);

	while (st && sqlite3_step(st) == SQLITE_ROW) {
		int64_t metric = sqlite3_column_int64(st, 1);
		struct total *t;

		if (!is_known(metric))
			continue;
		t = total_of(c, sqlite3_column_int64(st, 0), metric);
		t->n -= sqlite3_column_int64(st, 2);
		t->sum -= sqlite3_column_int64(st, 3);
	}
	sqlite3_finalize(st);
}

/* The buckets of a distribution have as many as it counts. */
static void
check_buckets(sqlite3 *db, struct findings *f)
{
	sqlite3_stmt *st = query(db, "SELECT minute, type, metric, n"
	    " - coalesce((SELECT sum(n) FROM hist h WHERE h.minute = m.minute"
	    " AND h.type = m.type AND h.metric = m.metric), 0), buckets"
	    " FROM metric m WHERE metric < 10", f);

	while (st && sqlite3_step(st) == SQLITE_ROW) {
		struct hist_reader r = hist_read(query_bytes(st, 4));
		int64_t n = sqlite3_column_int64(st, 3), found = 0;
		struct hist_row row;

		while (hist_next(&r, &row))
			found += row.count;
		if (found != n)
			finding(f, &f->wrong, "period %" PRId64 ", type %"
			    PRId64 ", %s: the buckets have %" PRId64
			    ", %" PRId64 " are counted",
			    (int64_t)sqlite3_column_int64(st, 0),
			    (int64_t)sqlite3_column_int64(st, 1),
			    metric_name(sqlite3_column_int(st, 2)), found, n);
	}
	sqlite3_finalize(st);
}

void
counted_check(sqlite3 *db, struct counted *c, struct findings *f)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		add_rows(db, c, tables[i].metric, tables[i].happened, 1, f);
		add_rows(db, c, tables[i].metric, tables[i].waits, -1, f);
	}
	take_metrics(db, c, f);
	for (int64_t i = 0; i < c->ntypes * METRIC_END; i++)
		if (c->v[i].n || c->v[i].sum)
			finding(f, &f->wrong, "type %" PRId64 ", %s: what "
			    "happened less what is counted is %" PRId64
			    ", in sum %" PRId64, i / METRIC_END,
			    metric_name((enum metric)(i % METRIC_END)),
			    c->v[i].n, c->v[i].sum);
	check_buckets(db, f);
}

void
counted_release(struct counted *c)
{
	free(c->v);
	*c = (struct counted){ 0 };
}
