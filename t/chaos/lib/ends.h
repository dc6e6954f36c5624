/* What became of the jobs of a storm, and of those that they asked for, by
 * what their handlers say (handler.c) and by the queue's history. */
#ifndef IQ_ENDS_H
#define IQ_ENDS_H

#include <stddef.h>

#include "promise.h"

/* How a run got its jobs: alone, in a batch, from the two formats */
#define ENDS_MODES 4

struct ends {
	long starts[ENDS_MODES];	/* of jobs, whatever became of them */
	long follow_ups;		/* that have ended */
	size_t lost;			/* jobs that did not succeed */
	size_t astray;			/* follow-ups: lost, doubled, unasked */
};

/*
 * Nothing is to be left in the queue.  Each accepted job must have succeeded,
 * as its handler says too, or it failed when a newer job of its key was there
 * to do its work.  Each that succeeded is followed by one job of type "then"
 * (or there was one of its key that had not started), and unless it was told to
 * a co-process of the format lines, by one of type "next"; nobody else is.
 *
 * What is wrong is printed, and counted.  -1 when there is no log.
 */
int ends_judge(struct ends *e, const char *log, const char *queue,
	const struct promises *accepted);

#endif
