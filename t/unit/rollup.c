/* Telemetry that grows coarser: nothing is lost or counted twice on the way
 * from minutes to hours, days and everything there ever was. */
#include "hand.h"
#include "rules/period.h"
#include "store/frozen.h"

#define HOUR (3600 * NS_PER_S)
#define DAY (24 * HOUR)
/* 2026-11-21T08:30:00Z */
#define NOON INT64_C(1795249800000000000)

static int64_t now;

static int64_t
that(void *ctx)
{
	(void)ctx;
	return now;
}

static struct clock fake = { that, NULL, NULL };

static struct store *
open_then(void)
{
	struct store *s;

	forget_queue("rollup.db");
	must(store_open(&s, &(struct store_options){ .path = "rollup.db",
	    .mode = STORE_CREATE, .program = "unit", .clock = &fake }, &err));
	return s;
}

/* An attempt of a job of its own, numbered as nanoseconds are, to quarantine */
static void
fail(struct store *s, struct type *t, int status)
{
	struct frozen job = { .id = now + status, .type = t->id, .attempt = 1 };
	struct attempt_end end = { .ending = { .status = status } };

	must(failure_add(s, &(struct settlement){ .job = &job, .end = &end,
	    .outcome = OUTCOME_UNKNOWN, .verdict = { .reason = REASON_UNKNOWN,
	    .to = STATE_QUARANTINED } }, &err));
}

/* At this time, one value of each of two types, a count and two failures */
static void
record(struct store *s, int64_t at)
{
	struct type *a, *b;
	struct sample v = { 0 };

	memset(v.v, -1, sizeof(v.v));
	now = at;
	must(tx_begin(s, &err));
	must(catalog_make_type(s, bytes_of("a"), &a, &err));
	must(catalog_make_type(s, bytes_of("b"), &b, &err));
	v.type = a->id;
	v.v[METRIC_DURATION] = at % 1000000;
	tx_sample(s, &v);
	v.type = b->id;
	v.v[METRIC_DURATION] = 7;
	v.host = "here";
	tx_sample(s, &v);
	tx_count(s, b, METRIC_SUCCEEDED, 3);
	fail(s, b, 65);
	fail(s, b, 75);
	must(tx_commit(s, &err));
}

/* Until there is nothing left to do */
static void
roll_all(struct store *s)
{
	bool more = true;

	for (int i = 0; i < 10000; i++) {
		must(tx_begin(s, &err));
		must(rollup(s, &more, &err));
		must(tx_commit(s, &err));
		if (!more)
			return;
	}
	ok(false, "it ends");
}

static int64_t
rows(struct store *s, const char *where)
{
	struct buf sql = { 0 };
	int64_t n;

	buf_addf(&sql, "SELECT count(*) FROM metric WHERE metric < 64 AND %s",
	    where);
	n = number(s, sql.p);
	buf_release(&sql);
	return n;
}

static struct stats
stats_since(struct store *s, int64_t since, bool ever)
{
	struct stats st;

	must(store_stats(s, &(struct stats_request){ .since = since,
	    .ever = ever }, &st, &err));
	return st;
}

static struct failures
failures_since(struct store *s, int64_t since)
{
	struct failures f;

	must(store_failures(s, &(struct stats_request){ .since = since,
	    .type = "b" }, &f, &err));
	return f;
}

static void
check_failures(struct store *s, int64_t since, int64_t n, int64_t first,
	const char *when)
{
	struct failures f = failures_since(s, since);

	is_int((int64_t)f.n, 2, "%s: two ways to fail", when);
	for (size_t i = 0; i < f.n; i++) {
		const struct failure *v = &f.v[i];

		is_int(v->count, n, "%s: each of them", when);
		is_int(v->quarantined, n, "%s: and where its job is", when);
		is_int(v->first, first, "%s: since then", when);
		is_int(v->last, now, "%s: until then", when);
		is_int(v->job, now + v->exit, "%s: the last one", when);
	}
	failures_release(&f);
}

/* Each half hour for some days, and each minute of the last hours */
static int64_t
fill(struct store *s)
{
	int64_t n = 0;

	for (int64_t at = NOON - 8 * DAY; at < NOON - 5 * HOUR; at += HOUR / 2)
		record(s, at), n++;
	for (int64_t at = NOON - 5 * HOUR; at <= NOON; at += 60 * NS_PER_S)
		record(s, at), n++;
	return n;
}

static void
totals(struct store *s, int64_t n, const char *when)
{
	struct stats ever = stats_since(s, 0, true);
	struct stats all = stats_since(s, NOON - 30 * DAY, false);

	is_int(ever.total.counter[METRIC_SUCCEEDED], 3 * n,
	    "%s: all that ever was", when);
	is_int(ever.total.dist[METRIC_DURATION].count, 2 * n, "%s: values",
	    when);
	is_int(all.total.counter[METRIC_SUCCEEDED], 3 * n,
	    "%s: a window of all of it", when);
	is_int(all.total.dist[METRIC_DURATION].count, 2 * n, "%s: values",
	    when);
	is_int(all.total.dist[METRIC_DURATION].sum,
	    ever.total.dist[METRIC_DURATION].sum, "%s: their sum", when);
	is_int(all.total.dist[METRIC_DURATION].p50,
	    ever.total.dist[METRIC_DURATION].p50, "%s: the median", when);
	check_failures(s, NOON - 30 * DAY, n, NOON - 8 * DAY, when);
	stats_release(&ever);
	stats_release(&all);
}

/* Who wants no percentiles gets the same numbers. */
static void
counts(struct store *s, int64_t n)
{
	struct stats st;

	must(store_stats(s, &(struct stats_request){ .since = NOON - 30 * DAY,
	    .counts = true }, &st, &err));
	is_int(st.total.counter[METRIC_SUCCEEDED], 3 * n, "only counts");
	is_int(st.total.dist[METRIC_DURATION].count, 2 * n, "of values");
	is_int(st.total.dist[METRIC_DURATION].p50, 0, "no percentiles");
	stats_release(&st);
}

static void
tiers(struct store *s)
{
	is_int(number(s, "SELECT count(*) FROM metric WHERE minute >= 10000000"
	    " AND minute < 29920830 - 180"), 0, "no minutes from before");
	is_int(number(s, "SELECT count(*) FROM metric WHERE minute >= 100000"
	    " AND minute < 10000000 AND minute < 498680 - 72"), 0,
	    "no hours from before");
	ok(rows(s, "minute BETWEEN 1 AND 99999") > 0, "there are days");
	ok(rows(s, "minute BETWEEN 100000 AND 9999999") > 0, "hours");
	ok(rows(s, "minute >= 10000000") > 0, "and minutes");
	is_int(number(s, "SELECT count(*) FROM failure WHERE minute NOT IN"
	    " (SELECT minute FROM metric) OR minute = 0"), 0,
	    "failures go with what is counted");
	is_int(number(s, "SELECT count(*) FROM metric WHERE metric < 10"
	    " AND buckets IS NULL"), 0, "distributions go with their sums");
}

/* A window begins where the period does in which it was to begin. */
static void
windows(struct store *s)
{
	struct stats st = stats_since(s, NOON - 10 * 60 * NS_PER_S, false);

	is_int(st.total.counter[METRIC_SUCCEEDED], 3 * 11, "ten minutes");
	stats_release(&st);
	st = stats_since(s, NOON - 4 * HOUR - 60 * NS_PER_S, false);
	is_int(st.since, NOON - HOUR / 2 - 4 * HOUR, "four hours: from a full "
	    "hour on");
	is_int(st.total.counter[METRIC_SUCCEEDED], 3 * (4 * 60 + 31),
	    "with each minute");
	stats_release(&st);
	check_failures(s, NOON - 4 * HOUR - 60 * NS_PER_S, 4 * 60 + 31,
	    NOON - HOUR / 2 - 4 * HOUR, "four hours");
	st = stats_since(s, NOON - 6 * DAY, false);
	is_int(st.since, (NOON - 6 * DAY) / DAY * DAY, "six days: from a full "
	    "day on");
	is_int(st.total.counter[METRIC_SUCCEEDED], 3 * (2 * (5 * 24 + 24 + 3) +
	    1 + 5 * 60 + 1), "with each of them");
	stats_release(&st);
}

static void
forgets(struct store *s, int64_t n)
{
	struct stats st;

	now = NOON + 89 * DAY;
	record(s, now);
	roll_all(s);
	ok(rows(s, "minute BETWEEN 1 AND 99999") > 0, "days stay");
	now = NOON + 100 * DAY;
	record(s, now);
	roll_all(s);
	is_int(number(s, "SELECT count(*) FROM metric WHERE minute BETWEEN 1"
	    " AND 20778 + 9"), 0, "days are forgotten after 90");
	is_int(number(s, "SELECT count(*) FROM failure WHERE minute BETWEEN 1"
	    " AND 20778 + 9"), 0, "what failed, too");
	is_int(number(s, "SELECT count(*) FROM average"), 1, "what was learned "
	    "stays as long as more comes");
	st = stats_since(s, 0, true);
	is_int(st.total.counter[METRIC_SUCCEEDED], 3 * (n + 2),
	    "but not what they add up to");
	stats_release(&st);
	must(store_settings_change(s, &(struct setting_change){ NULL,
	    SET_TELEMETRY_RETENTION, "2d" }, 1, &err));
	now += 10 * DAY;
	roll_all(s);
	is_int(number(s, "SELECT count(*) FROM metric WHERE minute BETWEEN 1"
	    " AND 99999 AND minute < 20778 + 110 - 2"), 0,
	    "or sooner, where it is set so");
	is_int(number(s, "SELECT count(*) FROM average"), 0,
	    "what was learned before that, too");
}

static void
set_back(struct store *s)
{
	struct stats st = stats_since(s, 0, true);
	int64_t before = st.total.counter[METRIC_SUCCEEDED];

	stats_release(&st);
	record(s, now - 5 * HOUR);	/* the clock was set back */
	record(s, now + 6 * HOUR);
	roll_all(s);
	st = stats_since(s, 0, true);
	is_int(st.total.counter[METRIC_SUCCEEDED], before + 6,
	    "nothing is lost when the clock is set back");
	stats_release(&st);
}

static void
periods(void)
{
	is_int(period_of(PERIOD_IS_MINUTE, NOON), 29920830, "a minute");
	is_int(period_of(PERIOD_IS_HOUR, NOON), 498680, "an hour");
	is_int(period_of(PERIOD_IS_DAY, NOON), 20778, "a day");
	is_int(period_of(PERIOD_IS_EVER, NOON), 0, "everything");
	for (int k = PERIOD_IS_DAY; k <= PERIOD_IS_MINUTE; k++) {
		int64_t p = period_of((enum period_kind)k, NOON);

		ok(period_kind(p) == (enum period_kind)k &&
		    period_start(p) <= NOON && NOON < period_start(p) +
		    period_length((enum period_kind)k), "%lld is where it is",
		    (long long)p);
	}
}

/* A machine without a clock of its own begins in 1970, until it is told. */
static void
unknown_time(struct store *s)
{
	struct stats st;

	record(s, 90 * NS_PER_S);
	record(s, 3 * HOUR);
	st = stats_since(s, 0, false);
	is_int(st.total.counter[METRIC_SUCCEEDED], 6, "it is counted there");
	is_int(st.sampled - st.since, 0, "over no time that is known");
	stats_release(&st);
	record(s, NOON);
	for (int i = 0; i < 2; i++) {
		st = stats_since(s, 0, true);
		is_int(st.total.counter[METRIC_SUCCEEDED], 9,
		    "it is among all that was ever counted");
		is_int(st.total.dist[METRIC_DURATION].count, 6, "measured, "
		    "too");
		stats_release(&st);
		roll_all(s);
	}
	st = stats_since(s, NOON - HOUR, false);
	is_int(st.total.counter[METRIC_SUCCEEDED], 3, "but not in a window");
	stats_release(&st);
}

/* Once a minute somebody looks how many jobs there are. */
static void
depths(struct store *s)
{
	enqueue(s, "a", "/1");
	enqueue(s, "a", "/2");
	now += 60 * NS_PER_S;
	record(s, now);
	record(s, now + NS_PER_S);
	is_int(number(s, "SELECT sum FROM metric WHERE minute = (SELECT"
	    " max(minute) FROM metric) AND type = 0 AND metric = 64"), 2,
	    "two are ready");
	is_int(number(s, "SELECT n FROM metric WHERE minute = (SELECT"
	    " max(minute) FROM metric) AND type = 1 AND metric = 64"), 1,
	    "once a minute");
	is_int(number(s, "SELECT sum FROM metric WHERE minute = (SELECT"
	    " max(minute) FROM metric) AND type = 0 AND metric = 68"), 0,
	    "none is in quarantine");
}

/* What programs from before 1.8 have recorded is added up, and rolled up. */
static void
older(struct store *s)
{
	int64_t minute = NOON / NS_PER_S / 60 - 60;
	struct buf sql = { 0 };
	struct stats st = stats_since(s, NOON - 30 * DAY, false);
	int64_t n = st.total.dist[METRIC_DURATION].count;

	stats_release(&st);
	buf_addf(&sql, "INSERT INTO metric VALUES(%lld, 1, 2, %lld, 64, 32, 32,"
	    " NULL); INSERT INTO hist VALUES(%lld, 1, 2, 32, %lld)",
	    (long long)minute, (long long)n + 10, (long long)minute,
	    (long long)n + 10);
	must(tx_begin(s, &err));
	must(db_exec(&s->db, sql.p, &err));
	must(tx_commit(s, &err));
	buf_release(&sql);
	for (int i = 0; i < 3; i++) {
		now = NOON + (i == 0 ? 0 : i == 1 ? 5 * HOUR : 8 * DAY);
		roll_all(s);
		st = stats_since(s, NOON - 30 * DAY, false);
		is_int(st.total.dist[METRIC_DURATION].count, 2 * n + 10,
		    "older ones are counted");
		is_int(st.total.dist[METRIC_DURATION].p50, 32,
		    "and are where they were");
		stats_release(&st);
	}
	is_int(number(s, "SELECT count(*) FROM hist WHERE minute >= 100000"),
	    0, "they are rolled up");
}

/* A program from before 1.9 has rolled up what was counted, and left the
 * failures where they were. */
static void
left_behind(struct store *s)
{
	now = NOON - DAY;
	record(s, now);
	must(tx_begin(s, &err));
	must(db_exec(&s->db, "DELETE FROM metric", &err));
	must(tx_commit(s, &err));
	check_failures(s, now - HOUR, 1, now, "left behind");
	now += 12 * HOUR;
	roll_all(s);
	is_int(number(s, "SELECT count(*) FROM failure WHERE minute ="
	    " 498680 - 24"), 2, "what was left behind is rolled up");
	is_int(number(s, "SELECT count(*) FROM failure"), 2, "all of it");
}

int
main(void)
{
	struct store *s;
	int64_t n;

	fake.boot = clock_system.boot;
	periods();
	now = NOON - 8 * DAY;
	s = open_then();
	n = fill(s);
	totals(s, n, "on the way");
	roll_all(s);
	totals(s, n, "rolled up");
	tiers(s);
	counts(s, n);
	windows(s);
	forgets(s, n);
	set_back(s);
	depths(s);
	store_close(s);
	now = NOON - DAY;
	s = open_then();
	record(s, NOON - DAY);
	older(s);
	store_close(s);
	s = open_then();
	left_behind(s);
	store_close(s);
	now = NS_PER_S;
	s = open_then();
	unknown_time(s);
	store_close(s);
	return done();
}
