/*
 * What a process has used, learned while waiting for it: rusage, and the
 * difference that the wait makes to this process's own /proc/self/io, where
 * the kernel adds the counts of whoever is waited for (with all that it has
 * waited for itself).
 *
 * Bytes are those of read(2) and write(2), from a disk or not.  The largest
 * resident set is never less than this process's own: exec(2) carries that
 * over.
 */
#ifndef IQ_USAGE_H
#define IQ_USAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "store/work.h"

struct usage_counts {
	int64_t read, written, operations;
};

struct usage_meter {
	int fd;			/* -1: no such counts here */
	bool fresh;		/* counts are those of right now */
	struct usage_counts counts;
	int64_t oom_kills;
};

void usage_open(struct usage_meter *m);
void usage_close(struct usage_meter *m);
/* Say so when this process may have read or written anything since the last
 * usage_wait. */
void usage_stale(struct usage_meter *m);
/* pid must be waitable. false: it was not */
bool usage_wait(struct usage_meter *m, pid_t pid, int *status,
	struct usage *u);
/* What a process that runs has used so far, with all that it has waited for;
 * max_rss: its size now.  Unknown is what the system does not tell. */
void usage_of(pid_t pid, struct usage *u);
/* Only its CPU time and size, for less than half of the price */
void usage_glance(pid_t pid, struct usage *u);
/* Whether the kernel has killed somebody for want of memory since the last
 * call (or usage_open): evidence, not proof, that it was this one. */
bool usage_oom(struct usage_meter *m);

/* A tree's usage: times and counts in sum, the largest of the sizes */
void usage_none(struct usage *u);	/* nothing known */
void usage_add(struct usage *sum, const struct usage *more);

#endif
