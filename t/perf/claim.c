/*
 * claim QUEUE TYPE TURNS [JOBS [SLOTS]]
 *
 * How long a worker's turn at the queue takes: the ends of the JOBS that the
 * last one claimed are handed in, and as many of TYPE are claimed, in one
 * transaction, for one slot or shared out among SLOTS.  No handler runs; what
 * is told of the attempts differs from one to the other, as it would then.
 *
 * Prints: turns per second; median, 99th percentile and worst in us.  On a
 * second line: us per job, and those of the processor.
 */
#include <stdio.h>
#include <sys/resource.h>

#include "perf.h"
#include "store/work.h"

struct load {
	struct turn_request request;
	struct turn turn;
	struct slot_request *slots;
	struct attempt_end *ends;
	struct claimed *jobs;	/* their words: in the arena */
	struct arena arena;
	uint64_t dice;
	size_t n, done;
};

static struct err why;

static void
check(int code)
{
	if (code)
		errx(code, "%s", why.text);
}

/* About so much, within a quarter */
static int64_t
about(struct load *l, int64_t n)
{
	l->dice = l->dice * UINT64_C(6364136223846793005) + 1;
	return n - n / 4 + (int64_t)((l->dice >> 33) % (uint64_t)(n / 2));
}

/* As a worker keeps what it has claimed */
static void
keep(struct load *l)
{
	int64_t now = clock_system.wall(NULL);

	arena_reset(&l->arena);
	for (size_t i = 0; i < l->turn.njobs; i++) {
		struct claimed *j = &l->jobs[i];

		*j = l->turn.jobs[i];
		j->path = arena_copy(&l->arena, j->path);
		j->key = arena_copy(&l->arena, j->key);
		l->ends[i] = (struct attempt_end){ .job = j,
		    .outcome = OUTCOME_SUCCESS, .reason = REASON_SUCCEEDED,
		    .ending = { .retry_after = -1 }, .started = now,
		    .finished = now + about(l, 1000000),
		    .usage = { about(l, 800000), 1 << 20, about(l, 1000), 0,
		    3, RSS_WAITED }, .input_bytes = about(l, 10000) };
	}
}

static int64_t
cpu_ns(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * NS_PER_S +
	    (r.ru_utime.tv_usec + r.ru_stime.tv_usec) * NS_PER_US;
}

static void
turns(struct store *s, struct load *l, long n)
{
	int64_t started = now_ns(), cpu = cpu_ns();
	struct samples times = { 0 };

	for (long i = n; i >= 0; i--) {
		int64_t since = now_ns();

		/* the last turn only hands in */
		if (i == 0)
			l->request.nslots = 0;
		check(store_turn(s, &l->request, &l->turn, &why));
		samples_add(&times, now_ns() - since);
		if (i > 0 && l->turn.njobs != l->n)
			errx(1, "not enough to claim");
		keep(l);
		l->done += l->request.nends;
		l->request.nends = l->turn.njobs;
	}
	cpu = cpu_ns() - cpu;
	started = now_ns() - started;
	samples_print_rate(&times, started);
	printf("%.2f %.2f\n", (double)started / 1e3 / (double)l->done,
	    (double)cpu / 1e3 / (double)l->done);
}

static void
share_out(struct load *l, size_t slots)
{
	l->slots = calloc(slots, sizeof(*l->slots));
	l->ends = calloc(l->n, sizeof(*l->ends));
	l->jobs = calloc(l->n, sizeof(*l->jobs));
	if (l->slots == NULL || l->ends == NULL || l->jobs == NULL)
		errx(71, "out of memory");
	for (size_t i = 0; i < slots; i++)
		l->slots[i] = (struct slot_request){ .slot = (int)i,
		    .jobs = (int)(l->n * (i + 1) / slots - l->n * i / slots) };
	l->request.slots = l->slots;
	l->request.nslots = slots;
	l->request.ends = l->ends;
}

int
main(int argc, char **argv)
{
	const char *types[1];
	struct selection selection = { .types = types, .n = 1,
	    .own_command = true };
	struct worker_info info = { .selection = &selection, .limit = 1,
	    .lease = 60 * NS_PER_S };
	struct load l = { .request = { .selection = &selection } };
	struct store *store;

	if (argc < 4 || argc > 6)
		return 64;
	types[0] = argv[2];
	l.n = argc > 4 ? (size_t)count_of(argv[4]) : 1;
	share_out(&l, argc > 5 ? (size_t)count_of(argv[5]) : 1);
	check(store_open(&store, &(struct store_options){ .path = argv[1],
	    .mode = STORE_WRITE, .program = "claim" }, &why));
	check(store_worker_join(store, &info, &l.request.worker, &why));
	turns(store, &l, count_of(argv[3]));
	check(store_worker_leave(store, l.request.worker, &why));
	turn_release(&l.turn);
	arena_release(&l.arena);
	store_close(store);
	return 0;
}
