/* What attempts took is counted at once, wherever it stands by then, and
 * learned from. */
#include <math.h>

#include "hand.h"

static struct store *s;
/* What is learned from those that were kept, on the host that has them */
static struct average average = AVERAGE_NONE;

/* It hardly moves: nothing is rolled up on the way. */
static int64_t now = INT64_C(1795249800000000000);

static int64_t
that(void *ctx)
{
	(void)ctx;
	return now;
}

static struct clock fake = { that, that, NULL };

/* n attempts in one transaction, of 1 ns more each; 1000 bytes read */
static int
end_some(int n, bool keep)
{
	static int64_t took;
	struct type *t;
	struct sample v = { .ingested = 5 };

	must(tx_begin(s, &err));
	must(catalog_make_type(s, bytes_of("t"), &t, &err));
	memset(v.v, -1, sizeof(v.v));
	v.type = t->id;
	v.host = "here";
	v.v[METRIC_READ] = 1000;
	for (int i = 0; i < n; i++) {
		v.v[METRIC_DURATION] = keep ? ++took : 1000000;
		tx_sample(s, &v);
		if (keep)
			average_add(&average, s->tx.now, took, -1, -1);
	}
	if (keep)
		must(tx_commit(s, &err));
	else
		tx_abort(s);
	return n;
}

static int64_t
rows(void)
{
	return number(s, "SELECT count(*) FROM sample");
}

static void
learned(const struct type_stats *t, const char *when)
{
	const struct average *a = &t->averages[0].average;

	is_int((int64_t)t->naverages, 1, "%s: one host", when);
	is_str(t->averages[0].host, "here", "%s: this one", when);
	ok(fabs(a->duration - average.duration) < 1e-6,
	    "%s: the average, in their order", when);
	ok(a->cpu_percent < 0, "%s: what nobody knows", when);
	is_int(a->updated, average.updated, "%s: since then", when);
}

/* As another program sees it */
static void
counted(int n, const char *when)
{
	struct store *other;
	struct stats st;

	must(store_open(&other, &(struct store_options){ .path = "samples.db",
	    .mode = STORE_CREATE, .program = "unit", .clock = &fake }, &err));
	must(store_stats(other, &(struct stats_request){ 0 }, &st, &err));
	is_int(st.total.dist[METRIC_DURATION].count, n, "%s: all count", when);
	is_int(st.total.dist[METRIC_DURATION].sum, (int64_t)n * (n + 1) / 2,
	    "%s: their sum", when);
	is_int(st.total.dist[METRIC_DURATION].min, 1, "%s: the least", when);
	is_int(st.total.dist[METRIC_DURATION].max, n, "%s: the most", when);
	is_int(st.total.dist[METRIC_READ].sum, 1000 * n, "%s: another metric",
	    when);
	is_int(st.total.counter[METRIC_INGESTED], 5 * n, "%s: a counter",
	    when);
	is_int(st.total.dist[METRIC_CPU].count, 0, "%s: what is unknown",
	    when);
	is_int(st.types[0].dist[METRIC_DURATION].count, n, "%s: of the type",
	    when);
	ok(llabs(st.total.dist[METRIC_DURATION].p50 - (n + 1) / 2) <= 2,
	    "%s: the median", when);
	learned(&st.types[0], when);
	stats_release(&st);
	store_close(other);
}

/* Of a type of its own: one attempt, at that time, on that host */
static void
end_on(const char *host, int64_t duration, int64_t at)
{
	struct type *t;
	struct sample v = { .host = host };

	now = at;
	must(tx_begin(s, &err));
	must(catalog_make_type(s, bytes_of("hosts"), &t, &err));
	memset(v.v, -1, sizeof(v.v));
	v.type = t->id;
	v.v[METRIC_DURATION] = duration;
	tx_sample(s, &v);
	must(tx_commit(s, &err));
}

static void
check_hosts(const char *when)
{
	struct stats st;

	must(store_stats(s, &(struct stats_request){ .type = "hosts" }, &st,
	    &err));
	is_int((int64_t)st.types[0].naverages, 3, "%s: each host", when);
	is_str(st.types[0].averages[0].host, "b", "%s: the last one first",
	    when);
	is_int((int64_t)st.types[0].averages[0].average.duration, 130,
	    "%s: what is known of it", when);
	is_int(st.types[0].dist[METRIC_DURATION].count, 5,
	    "%s: nobody's are counted", when);
	stats_release(&st);
}

static void
test_hosts(void)
{
	int64_t then = now;

	end_on("a", 1000, then + 1);
	end_on("b", 100, then + 2);
	end_on("c", 10, then + 3);
	end_on("b", 200, then + 4);
	end_on(NULL, 100000, then + 5);
	check_hosts("in rows");
	must(tx_begin(s, &err));
	must(samples_fold(s, &err));
	must(tx_commit(s, &err));
	is_int(rows(), 0, "the rows go");
	check_hosts("in the table");
}

int
main(void)
{
	int64_t worker;
	int n = 0;

	forget_queue("samples.db");
	must(store_open(&s, &(struct store_options){ .path = "samples.db",
	    .mode = STORE_CREATE, .program = "unit", .clock = &fake }, &err));
	end_some(0, true);
	end_some(0, true);
	n += end_some(1, true);
	n += end_some(3, true);
	is_int(rows(), 4, "a few attempts have a row each");
	counted(n, "in rows");
	end_some(5, false);
	end_some(50, false);
	counted(n, "after what was undone");
	n += end_some(50, true);
	is_int(rows(), 0, "many are added up, and those that were left");
	counted(n, "at once");
	while (n < 54 + 63)
		n += end_some(1, true);
	is_int(rows(), 63, "there may be many rows");
	counted(n, "before the last row");
	n += end_some(1, true);
	is_int(rows(), 0, "and who writes one too many adds them up");
	counted(n, "after it");
	n += end_some(2, true);
	must(store_worker_join(s, &(struct worker_info){ &everything, 4,
	    60 * NS_PER_S }, &worker, &err));
	must(store_worker_leave(s, worker, &err));
	is_int(rows(), 0, "a worker that leaves leaves none");
	counted(n, "after it has left");
	test_hosts();
	store_close(s);
	return done();
}
