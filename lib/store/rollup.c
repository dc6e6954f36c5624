/*
 * Telemetry grows coarser as it grows old: minutes are added to their hour and
 * to everything there ever was, hours to their day, and days are forgotten.
 * What is in one period is in no other of those that count in a window, so a
 * window is the sum of all periods that begin in it; and the totals are those of
 * everything, and of the minutes that are left.
 *
 * Who has the queue open for long does it, now and then, in one of his own
 * transactions: one period of one type after the other, until a few
 * milliseconds are over.
 */
#include <stdlib.h>

#include "rules/period.h"
#include "store/internal.h"

#define BUDGET (3 * NS_PER_MS)	/* in one transaction */
#define PAUSE (100 * NS_PER_MS)	/* before the next one, while there is more */
#define MINUTE (60 * NS_PER_S)

/* ---- how many jobs there are now ---- */

static const enum metric gauges[] = { METRIC_READY, METRIC_DELAYED,
	METRIC_WAITING, METRIC_RUNNING, METRIC_IN_QUARANTINE };
#define NGAUGES (sizeof(gauges) / sizeof(*gauges))

static int
write_depth(struct store *s, int64_t minute, int64_t type, const int64_t *n,
	struct err *err)
{
	int code = 0;

	/* of no type (0) also what is 0: it says that somebody has looked */
	for (size_t i = 0; i < NGAUGES && code == 0; i++)
		if (n[i] || type == 0)
			code = db_run(&s->db, SQL_METRIC_ADD, err, "iiiiiiib",
			    minute, type, (int64_t)gauges[i], INT64_C(1),
			    n[i], n[i], n[i], BYTES_NONE);
	return code;
}

struct depths {
	int64_t type;
	int64_t n[NGAUGES];
};

static int
read_depths(struct store *s, struct depths **v, size_t *count,
	struct err *err)
{
	struct query q;
	int got = 0, code = db_start(&q, &s->db, SQL_ROLLUP_DEPTH, err, "");

	while (code == 0 && (got = db_row(&q, err)) == 1) {
		struct depths *d;

		*v = mem_grow(*v, *count + 1, sizeof(**v));
		d = &(*v)[(*count)++];
		d->type = db_column_int(&q, 0);
		for (size_t i = 0; i < NGAUGES; i++)
			d->n[i] = db_column_or(&q, (int)i + 1, 0);
	}
	return got < 0 ? err->code : code;
}

/* Once a minute, whoever is first */
static int
sample_depth(struct store *s, int64_t minute, struct err *err)
{
	struct depths *v = NULL, all = { 0 };
	int64_t there;
	size_t n = 0;
	int code = db_int(&s->db, SQL_ROLLUP_SAMPLED, &there, 0, err, "ii",
	    minute, (int64_t)METRIC_READY);

	if (code || there)
		return code;
	code = read_depths(s, &v, &n, err);
	for (size_t i = 0; i < n && code == 0; i++) {
		for (size_t k = 0; k < NGAUGES; k++)
			all.n[k] += v[i].n[k];
		code = write_depth(s, minute, v[i].type, v[i].n, err);
	}
	free(v);
	return code ? code : write_depth(s, minute, 0, all.n, err);
}

/* ---- one period of one type ---- */

/* Where the rows of a period go: as many as are not -1 */
struct step {
	int64_t period, type;
	int64_t to[2];
};

/* Its buckets, as rows */
static int
read_buckets(struct store *s, const struct metric_key *k,
	struct hist_row *rows, size_t *n, struct err *err)
{
	struct hist_reader r;
	struct query q;
	int got, code = db_start(&q, &s->db, SQL_METRIC_BUCKETS, err, "iii",
	    k->period, k->type, k->metric);

	*n = 0;
	if (code)
		return code;
	got = db_row(&q, err);
	if (got <= 0)
		return got < 0 ? err->code : 0;
	r = hist_read(db_column_bytes(&q, 0));
	while (hist_next(&r, &rows[*n]))
		++*n;
	db_end(&q);
	return 0;
}

/* Where its sums have gone already */
static int
add_buckets(struct store *s, const struct step *p, int64_t to,
	struct err *err)
{
	struct hist_row *rows = mem_alloc((HIST_BUCKETS + 1) * sizeof(*rows));
	struct buf stored = { 0 };
	bool there;
	int code = 0;

	for (int m = 1; m < METRIC_DISTRIBUTIONS && code == 0; m++) {
		size_t n;

		code = read_buckets(s, &(struct metric_key){ p->period,
		    p->type, m }, rows, &n, err);
		if (code || n == 0)
			continue;
		code = metric_merge(s, &(struct metric_key){ to, p->type,
		    m }, rows, n, &stored, &there, err);
		if (code == 0)
			code = db_run(&s->db, SQL_METRIC_SET_BUCKETS, err,
			    "iiib", to, p->type, (int64_t)m,
			    (struct bytes){ stored.p, stored.len });
	}
	buf_release(&stored);
	free(rows);
	return code;
}

static int
take_step(struct store *s, const struct step *p, struct err *err)
{
	int code = 0;

	for (int i = 0; i < 2 && code == 0; i++) {
		if (p->to[i] < 0)
			continue;
		code = db_run(&s->db, SQL_ROLLUP_METRIC, err, "iii",
		    p->period, p->type, p->to[i]);
		if (code == 0)
			code = add_buckets(s, p, p->to[i], err);
		if (code == 0)
			code = db_run(&s->db, SQL_ROLLUP_HIST, err, "iii",
			    p->period, p->type, p->to[i]);
		/* nobody asks for everything that ever failed */
		if (code == 0 && p->to[i] != PERIOD_EVER)
			code = db_run(&s->db, SQL_ROLLUP_FAILURE, err, "iii",
			    p->period, p->type, p->to[i]);
	}
	/* and since then nothing was learned */
	if (code == 0 && p->to[0] < 0)
		code = db_run(&s->db, SQL_AVERAGE_DROP, err, "ii", p->type,
		    period_start(p->period + 1));
	if (code == 0)
		code = db_run(&s->db, SQL_ROLLUP_METRIC_DROP, err, "ii",
		    p->period, p->type);
	if (code == 0)
		code = db_run(&s->db, SQL_ROLLUP_HIST_DROP, err, "ii",
		    p->period, p->type);
	return code ? code : db_run(&s->db, SQL_ROLLUP_FAILURE_DROP, err, "ii",
	    p->period, p->type);
}

/* The oldest of those from a number on and before another */
static int
find_oldest(struct store *s, int64_t from, int64_t before, struct step *p,
	bool *found, struct err *err)
{
	struct query q;
	int got, code = db_start(&q, &s->db, SQL_ROLLUP_OLDEST, err, "ii",
	    from, before);

	*found = false;
	if (code)
		return code;
	got = db_row(&q, err);
	if (got == 1) {
		p->period = db_column_int(&q, 0);
		p->type = db_column_int(&q, 1);
		*found = true;
		db_end(&q);
	}
	return got < 0 ? err->code : 0;
}

static int
next_step(struct store *s, struct step *p, bool *found, struct err *err)
{
	int64_t now = s->tx.now;
	int64_t days = setting_int(s, NULL, SET_TELEMETRY_RETENTION, 0) /
	    period_length(PERIOD_IS_DAY);
	int code = find_oldest(s, PERIOD_MINUTES, period_of(PERIOD_IS_MINUTE,
	    now) - ROLLUP_MINUTES, p, found, err);

	if (code || *found) {
		p->to[0] = period_of(PERIOD_IS_HOUR, period_start(p->period));
		p->to[1] = PERIOD_EVER;
		return code;
	}
	code = find_oldest(s, PERIOD_HOURS, period_of(PERIOD_IS_HOUR, now) -
	    ROLLUP_HOURS, p, found, err);
	p->to[1] = -1;
	if (code || *found) {
		p->to[0] = period_of(PERIOD_IS_DAY, period_start(p->period));
		return code;
	}
	p->to[0] = -1;
	return find_oldest(s, PERIOD_DAYS, period_of(PERIOD_IS_DAY, now) -
	    days, p, found, err);
}

int
rollup(struct store *s, bool *more, struct err *err)
{
	int64_t end = clock_boot(s->clock) + BUDGET;
	int64_t minute = period_of(PERIOD_IS_MINUTE, s->tx.now);
	struct step p;
	int code = samples_fold(s, err);

	if (code == 0 && metrics_detailed(s))
		code = sample_depth(s, minute, err);
	*more = true;
	while (code == 0 && *more && clock_boot(s->clock) < end) {
		code = next_step(s, &p, more, err);
		if (code == 0 && *more)
			code = take_step(s, &p, err);
	}
	s->rollup_at = s->tx.now + (*more ? PAUSE :
	    MINUTE - s->tx.now % MINUTE);
	return code;
}
