/* 200,000 values of three distributions, recorded by four processes at once:
 * counts and sums are exact, percentiles within 1.6 %. */
#include <math.h>
#include <sys/wait.h>

#include "hand.h"

#define PROCESSES 4
#define SAMPLES 50000		/* of each process and distribution */
#define AT_ONCE 500		/* in a transaction */
#define ALL (PROCESSES * SAMPLES)

static uint64_t state;

/* 0 < x < 1: SplitMix64 (Steele, Lea, Flood, 2014) */
static double
dice(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return ((double)(z >> 12) + 0.5) / (double)(UINT64_C(1) << 52);
}

/* Exponential around 20 ms; log-normal around 3 MiB; and two peaks, of 1 ms
 * and of 30 s */
static int64_t
draw(enum metric m)
{
	double u = dice(), v = dice();
	double normal = sqrt(-2 * log(u)) * cos(2 * M_PI * v);

	if (m == METRIC_DURATION)
		return (int64_t)(-log(u) * 20e6);
	if (m == METRIC_MAX_RSS)
		return (int64_t)exp(log(3145728.0) + 1.5 * normal);
	return (int64_t)((u < 0.7 ? 1e6 : 30e9) * (1 + 0.2 * v));
}

static const enum metric metrics[] = { METRIC_DURATION, METRIC_MAX_RSS,
	METRIC_WAIT };

/* Each process has its own part of the values. */
static void
record(int process)
{
	struct store *s = open_again("percentiles.db");
	struct type *t;
	struct sample v = { 0 };

	memset(v.v, -1, sizeof(v.v));
	state = (uint64_t)process;
	for (int i = 0; i < SAMPLES; i++) {
		if (i % AT_ONCE == 0) {
			must(tx_begin(s, &err));
			must(catalog_make_type(s, bytes_of("t"), &t, &err));
		}
		for (size_t k = 0; k < 3; k++)
			v.v[metrics[k]] = draw(metrics[k]);
		v.type = t->id;
		tx_sample(s, &v);
		tx_count(s, t, METRIC_SUCCEEDED, 1);
		if ((i + 1) % AT_ONCE == 0)
			must(tx_commit(s, &err));
	}
	store_close(s);
	_exit(0);
}

static int
ascending(const void *va, const void *vb)
{
	int64_t a = *(const int64_t *)va, b = *(const int64_t *)vb;

	return a < b ? -1 : a > b;
}

static double
off_by(int64_t got, const int64_t *sorted, double q)
{
	int64_t exact = sorted[(size_t)ceil(q * ALL) - 1];

	return fabs((double)(got - exact)) / (double)exact;
}

static void
compare(const struct distribution *d, int64_t *values, const char *name)
{
	int64_t sum = 0;
	double worst;

	for (size_t i = 0; i < ALL; i++)
		sum += values[i];
	qsort(values, ALL, sizeof(*values), ascending);
	is_int(d->count, ALL, "%s: all are counted", name);
	is_int(d->sum, sum, "%s: the sum is exact", name);
	is_int(d->min, values[0], "%s: so is the least", name);
	is_int(d->max, values[ALL - 1], "%s: and the greatest", name);
	worst = fmax(off_by(d->p50, values, 0.50), fmax(off_by(d->p95, values,
	    0.95), off_by(d->p99, values, 0.99)));
	ok(worst <= 0.016, "%s: percentiles are within %.2f %%", name,
	    100 * worst);
}

static void
check(const struct type_stats *t)
{
	static const char *const names[] = { "run time", "memory", "wait" };
	int64_t *values[3];

	for (size_t k = 0; k < 3; k++)
		values[k] = mem_alloc(ALL * sizeof(**values));
	for (int p = 0; p < PROCESSES; p++) {
		state = (uint64_t)p;
		for (int i = 0; i < SAMPLES; i++)
			for (size_t k = 0; k < 3; k++)
				values[k][p * SAMPLES + i] =
				    draw(metrics[k]);
	}
	for (size_t k = 0; k < 3; k++) {
		compare(&t->dist[metrics[k]], values[k], names[k]);
		free(values[k]);
	}
	is_int(t->counter[METRIC_SUCCEEDED], ALL, "and the counter is right");
}

int
main(void)
{
	struct store *s;
	struct stats st;
	int status, failed = 0;

	/* nothing of SQLite is open across a fork */
	store_close(open_queue("percentiles.db"));
	for (int p = 0; p < PROCESSES; p++)
		if (fork() == 0)
			record(p);
	while (wait(&status) > 0)
		failed += status != 0;
	s = open_again("percentiles.db");
	is_int(failed, 0, "four processes have recorded");
	must(store_stats(s, &(struct stats_request){ 0 }, &st, &err));
	check(&st.total);
	stats_release(&st);
	store_close(s);
	return done();
}
