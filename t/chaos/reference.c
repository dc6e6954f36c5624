/*
 * reference OPERATIONS [SEED] - random operations on queues, each of which is
 * told to a reference in memory as well (lib/ledger.h): what the store answers,
 * what it claims, and now and then all of its jobs and counts, have to be as
 * the reference says, and the queue sound.  The clock is one of its own, which
 * also goes backwards.  Prints a tally; 1 and the operation where they differ.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/num.h"
#include "lib/act.h"

#define QUEUE_LASTS 4000	/* operations, then another is made */

/* Nothing here is lost but by the power: powercut and inject look at that. */
int
fdatasync(int fd)
{
	(void)fd;
	return 0;
}

int
fsync(int fd)
{
	(void)fd;
	return 0;
}

static void
try_queue(struct trial *p, long operations)
{
	trial_begin(p);
	for (long i = 1; i <= operations; i++) {
		act(p);
		if (i % p->each == 0 || i == operations)
			compare_jobs(p);
	}
	trial_end(p);
}

int
main(int argc, char **argv)
{
	struct trial p = { .operation = 0 };
	int64_t operations, seed = 1;
	struct err e;

	if (argc < 2 || argc > 3)
		errx(64, "usage: reference OPERATIONS [SEED]");
	if (int_parse(argv[1], "OPERATIONS", 1, INT64_C(1) << 40, &operations,
	    &e) || (argc > 2 && int_parse(argv[2], "SEED", 0, INT64_MAX, &seed,
	    &e)))
		errx(64, "%s", e.text);
	p.seed = (uint64_t)seed;
	for (long left = operations; left > 0; left -= QUEUE_LASTS)
		try_queue(&p, left < QUEUE_LASTS ? left : QUEUE_LASTS);
	printf("reference: %ld operations, seed %lld: %ld jobs, %ld starts, "
	    "%ld crashes, %ld comparisons, no difference\n", p.operation,
	    (long long)seed, p.tally.jobs, p.tally.starts, p.tally.crashes,
	    p.tally.comparisons);
	return 0;
}
