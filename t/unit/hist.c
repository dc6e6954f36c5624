#include "rules/hist.h"

#include <math.h>
#include <stdlib.h>

#include "random.h"
#include "tap.h"

static void
buckets(void)
{
	int i, wrong = 0;

	is_int(hist_bucket(-5), 0, "negative counts as 0");
	is_int(hist_bucket(0), 0, "0");
	is_int(hist_bucket(63), 63, "exact up to 63");
	is_int(hist_bucket(64), 64, "64 and 65 ...");
	is_int(hist_bucket(65), 64, "... share one");
	is_int(hist_bucket(INT64_MAX), HIST_BUCKETS - 1, "the last");
	for (i = 0; i < HIST_BUCKETS; i++) {
		int64_t floor = hist_floor(i), middle = hist_middle(i);

		wrong += hist_bucket(floor) != i || hist_bucket(middle) != i
			|| middle < floor
			|| (i > 0 && hist_bucket(floor - 1) != i - 1);
	}
	is_int(wrong, 0, "each bucket begins where the one before it ends");
	ok(hist_floor(-1) == 0 && hist_floor(99999) == hist_floor(
		HIST_BUCKETS - 1) && hist_middle(99999) > 0,
		"numbers that are no buckets");
}

static void
error_bound(void)
{
	double worst = 0;
	int i, wrong = 0;

	for (i = 0; i < 500000; i++) {
		int64_t v = (int64_t)(next_random() >> 1 >> (i % 63));
		int b = hist_bucket(v);
		double off = fabs((double)hist_middle(b) - (double)v);

		wrong += b < 0 || b >= HIST_BUCKETS || hist_floor(b) > v;
		if (v > 0 && off / (double)v > worst)
			worst = off / (double)v;
	}
	is_int(wrong, 0, "values lie in their bucket");
	ok(worst <= 1.0 / 64, "off by at most 1/64: %.4f %%", 100 * worst);
}

static int
ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Quantiles of 10001 skewed values against the sorted values themselves */
static void
quantiles(void)
{
	enum { N = 10001 };
	static int64_t v[N], count[HIST_BUCKETS];
	static struct hist_row rows[HIST_BUCKETS];
	static const double q[] = { .01, .25, .5, .75, .9, .95, .99, .999 };
	size_t n = 0, i;
	int b;

	for (i = 0; i < N; i++) {
		v[i] = (int64_t)exp((double)(next_random() % 4000) / 100);
		count[hist_bucket(v[i])]++;
	}
	qsort(v, N, sizeof(v[0]), ascending);
	for (b = 0; b < HIST_BUCKETS; b++)
		if (count[b] > 0)
			rows[n++] = (struct hist_row){ b, count[b] };
	for (i = 0; i < sizeof(q) / sizeof(q[0]); i++) {
		int64_t want = v[(size_t)ceil(q[i] * N) - 1];
		int64_t got = hist_quantile(rows, n, q[i], v[0], v[N - 1]);

		ok(fabs((double)(got - want)) <= (double)want / 64,
			"p%g: %lld of %lld", 100 * q[i], (long long)got,
			(long long)want);
	}
	is_int(hist_quantile(rows, n, 0, v[0], v[N - 1]), v[0], "p0");
	is_int(hist_quantile(rows, n, 1, v[0], v[N - 1]), v[N - 1], "p100");
	is_int(hist_quantile(rows, n, NAN, v[0], v[N - 1]), v[0], "nan");
}

static void
few(void)
{
	struct hist_row one = { hist_bucket(1000), 1 };
	struct hist_row two[] = { { 10, 1 }, { 20, 1 } };
	struct hist_row empty = { 10, 0 };

	is_int(hist_quantile(NULL, 0, .5, 0, 0), 0, "none");
	is_int(hist_quantile(&empty, 1, .5, 3, 4), 0, "a row of nothing");
	is_int(hist_quantile(&one, 1, .5, 1000, 1000), 1000,
		"one value is exact");
	is_int(hist_quantile(&one, 1, .99, 1000, 1000), 1000, "at any q");
	is_int(hist_quantile(two, 2, .5, 10, 20), 10, "the lower of two");
	is_int(hist_quantile(two, 2, .51, 10, 20), 20, "the upper of two");
}

static void
names(void)
{
	int m, named = 0;

	for (m = 0; m < METRIC_END; m++)
		named += metric_name((enum metric)m) != NULL;
	is_int(named, METRIC_DISTRIBUTIONS - 1 + METRIC_END - METRIC_ENQUEUED,
		"every metric has a name");
	is_str(metric_name(METRIC_WAIT), "wait_seconds", "the first");
	is_str(metric_name(METRIC_INPUT), "input_bytes", "the last of these");
	is_str(metric_name(METRIC_ENQUEUED), "enqueued", "a counter");
	is_str(metric_name(METRIC_INGESTED), "ingested_bytes", "the last");
	ok(metric_name((enum metric)0) == NULL
		&& metric_name(METRIC_DISTRIBUTIONS) == NULL
		&& metric_name(METRIC_END) == NULL, "no others");
	ok(METRIC_DURATION == 2 && METRIC_INPUT == 9 && METRIC_ENQUEUED == 32
		&& METRIC_CANCELLED == 42 && METRIC_BACKPRESSURE == 43,
		"stored numbers");
}

int
main(void)
{
	buckets();
	error_bound();
	quantiles();
	few();
	names();
	return done();
}
