/*
 * lifetime QUEUE JOBS FROM UNTIL TYPES BATCH - what a queue becomes in time: so
 * many jobs were put in and run, evenly from FROM ago until UNTIL ago by the
 * queue's clock, BATCH in a transaction, of TYPES types in turns.  They went
 * the ways of all jobs, but no handler ran.  One in a hundred is in quarantine.
 */
#include <stdio.h>

#include "base/num.h"
#include "perf.h"
#include "store/work.h"

#define SLOTS 16

struct load {
	struct store *store;
	struct selection selection;
	struct turn_request request;
	struct slot_request slots[SLOTS];
	struct turn turn;
	struct record *records;
	struct enqueue_result *results;
	char (*paths)[32];
	struct attempt_end *ends;
	struct claimed *jobs;
	struct arena arena;
	size_t batch, types;
	long number;		/* of the next job */
	uint64_t dice;
};

static struct err why;
static int64_t now_at;		/* by the queue's clock */

static int64_t
wall_then(void *ctx)
{
	(void)ctx;
	return now_at;
}

static void
check(int code)
{
	if (code)
		errx(code, "%s", why.text);
}

static uint64_t
roll(struct load *l)
{
	l->dice = l->dice * UINT64_C(6364136223846793005) + 1;
	return l->dice >> 33;
}

/* From a tenth of it to ten times as much */
static int64_t
spread(struct load *l, int64_t n)
{
	int64_t v = n / 10 + (int64_t)(roll(l) % (uint64_t)n);

	return roll(l) % 8 ? v : v * 9;
}

static void
enqueue(struct load *l, const char *type, size_t n)
{
	size_t taken;

	for (size_t i = 0; i < n; i++) {
		struct record *r = &l->records[i];

		record_init(r);
		snprintf(l->paths[i], sizeof(l->paths[i]), "/srv/in/%ld",
		    l->number++);
		r->type = bytes_of(type);
		r->path = r->key = bytes_of(l->paths[i]);
		r->priority = 3;
	}
	check(store_enqueue(l->store, &(struct enqueue_options){ 0 },
	    l->records, n, l->results, &taken, &why));
}

static void
end_one(struct load *l, size_t i)
{
	static const char said[] = "cannot parse it\n";
	static const struct conditions under = { 40, 50, 8, 8 };
	bool bad = roll(l) % 100 == 0;
	struct claimed *j = &l->jobs[i];

	*j = l->turn.jobs[i];
	j->path = arena_copy(&l->arena, j->path);
	j->key = arena_copy(&l->arena, j->key);
	l->ends[i] = (struct attempt_end){ .job = j,
	    .outcome = bad ? OUTCOME_PERMANENT : OUTCOME_SUCCESS,
	    .reason = bad ? REASON_PARSE_ERROR : REASON_SUCCEEDED,
	    .ending = { .status = bad ? 65 : 0, .retry_after = -1 },
	    .started = now_at + spread(l, 100 * NS_PER_MS),
	    .usage = { spread(l, NS_PER_MS), spread(l, 10 << 20),
	    spread(l, 50000), spread(l, 10000), spread(l, 20), RSS_WAITED },
	    .input_bytes = spread(l, 40000), .under = &under,
	    .error = bad ? bytes_of(said) : BYTES_NONE };
	l->ends[i].finished = l->ends[i].started + spread(l, NS_PER_MS * 5);
}

/* A turn that claims n of them, or that hands in those of the last one */
static void
take_turn(struct load *l, size_t n)
{
	l->request.nslots = n ? SLOTS : 0;
	for (size_t k = 0; k < SLOTS; k++)
		l->slots[k] = (struct slot_request){ .slot = (int)k,
		    .jobs = (int)((n + SLOTS - 1) / SLOTS) };
	check(store_turn(l->store, &l->request, &l->turn, &why));
	if (l->turn.njobs < n)
		errx(1, "only %zu of %zu could be claimed", l->turn.njobs, n);
	if (n == 0)
		arena_reset(&l->arena);
	for (size_t i = 0; i < l->turn.njobs; i++)
		end_one(l, i);
	l->request.nends = l->turn.njobs;
}

static void
live(struct load *l, long jobs, int64_t from, int64_t until)
{
	char type[32];

	for (long done = 0; done < jobs; done += (long)l->batch) {
		size_t n = jobs - done < (long)l->batch ?
		    (size_t)(jobs - done) : l->batch;

		now_at = from + (int64_t)((double)(until - from) *
		    ((double)done / (double)jobs));
		snprintf(type, sizeof(type), "type%zu", (size_t)roll(l) %
		    l->types);
		enqueue(l, type, n);
		take_turn(l, n);
		now_at += NS_PER_S;
		take_turn(l, 0);
	}
}

static void
prepare(struct load *l)
{
	l->selection.own_command = true;
	l->request.selection = &l->selection;
	l->request.slots = l->slots;
	l->records = mem_alloc(l->batch * sizeof(*l->records));
	l->results = mem_alloc(l->batch * sizeof(*l->results));
	l->paths = mem_alloc(l->batch * sizeof(*l->paths));
	l->ends = mem_alloc((l->batch + SLOTS) * sizeof(*l->ends));
	l->jobs = mem_alloc((l->batch + SLOTS) * sizeof(*l->jobs));
	l->request.ends = l->ends;
}

static int64_t
ago(const char *text)
{
	int64_t age;

	check(duration_parse(text, &age, &why));
	return clock_system.wall(NULL) - age;
}

int
main(int argc, char **argv)
{
	struct clock clock = { wall_then, clock_system.boot, NULL };
	struct worker_info info = { .limit = SLOTS, .lease = 60 * NS_PER_S };
	struct load l = { 0 };
	int64_t from, until;
	long jobs;

	if (argc != 7)
		errx(64, "usage: lifetime QUEUE JOBS FROM UNTIL TYPES BATCH");
	jobs = count_of(argv[2]);
	from = now_at = ago(argv[3]);
	until = ago(argv[4]);
	l.types = (size_t)count_of(argv[5]);
	l.batch = (size_t)count_of(argv[6]);
	prepare(&l);
	info.selection = &l.selection;
	check(store_open(&l.store, &(struct store_options){ .path = argv[1],
	    .mode = STORE_CREATE, .program = "lifetime", .clock = &clock },
	    &why));
	check(store_worker_join(l.store, &info, &l.request.worker, &why));
	live(&l, jobs, from, until);
	check(store_worker_leave(l.store, l.request.worker, &why));
	turn_release(&l.turn);
	arena_release(&l.arena);
	store_close(l.store);
	free(l.records);
	free(l.results);
	free(l.paths);
	free(l.ends);
	free(l.jobs);
	return 0;
}
