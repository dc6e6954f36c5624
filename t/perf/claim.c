/*
 * claim QUEUE TYPE TURNS
 *
 * How long a worker's turn at the queue takes: the end of the last job is
 * handed in and the next job of TYPE is claimed, in one transaction.  No
 * handler runs.
 *
 * Prints: turns per second; median, 99th percentile and worst in us.
 */
#include <stdio.h>
#include <unistd.h>

#include "perf.h"
#include "store/work.h"

static struct err why;

static void
check(int code)
{
	if (code)
		errx(code, "%s", why.text);
}

static struct attempt_end
success(const struct claimed *job)
{
	int64_t now = clock_system.wall(NULL);

	return (struct attempt_end){ .id = job->id, .claim = job->claim,
	    .slot = job->slot, .outcome = OUTCOME_SUCCESS,
	    .ending = { .retry_after = -1 }, .started = now, .finished = now,
	    .usage = { -1, -1, -1, -1, -1 }, .input_bytes = -1,
	    .system_cpu_percent = -1, .system_memory_percent = -1 };
}

int
main(int argc, char **argv)
{
	const char *types[1];
	struct selection selection = { .types = types, .n = 1,
	    .own_command = true };
	struct worker_info info = { .selection = &selection, .limit = 1,
	    .lease = 60 * NS_PER_S };
	struct samples times = { 0 };
	struct attempt_end end;
	struct turn turn = { 0 };
	struct turn_request request = { .selection = &selection,
	    .nslots = 1, .nrun = 1, .ends = &end };
	struct store *store;
	int slot = 0, lock;
	int64_t started;

	if (argc != 4)
		return 64;
	types[0] = argv[2];
	check(store_open(&store, &(struct store_options){ .path = argv[1],
	    .mode = STORE_WRITE, .program = "claim" }, &why));
	check(store_worker_join(store, &info, &request.worker, &why));
	check(store_slot_lock(store, request.worker, slot, &lock, &why));
	request.slots = &slot;
	started = now_ns();
	for (long i = count_of(argv[3]); i >= 0; i--) {
		int64_t since = now_ns();

		request.nslots = i > 0;	/* the last turn only hands in */
		check(store_turn(store, &request, &turn, &why));
		samples_add(&times, now_ns() - since);
		if (i > 0 && turn.njobs != 1)
			errx(1, "nothing to claim");
		if (i > 0)
			end = success(&turn.jobs[0]);
		request.nends = 1;
	}
	samples_print_rate(&times, now_ns() - started);
	close(lock);
	check(store_worker_leave(store, request.worker, &why));
	turn_release(&turn);
	store_close(store);
	return 0;
}
