/*
 * --results DIR: DIR/ID/ATTEMPT/{stdout,stderr,exit}.
 *
 * GNU parallel names these directories after the arguments.  A path may be
 * longer than a name can be, may come again, and may hold anything; the job's
 * id and attempt are unique, short and the same as in iq-list and in --json.
 * As there, what goes into files is not printed.
 */
#ifndef IQ_RESULTS_H
#define IQ_RESULTS_H

#include <stdint.h>

#include "base/err.h"

/* The directory, made with its parents where it is missing: *fd, or 73 */
int results_open(const char *dir, int *fd, struct err *err);
/* Directory and files of one attempt, all close-on-exec. What an earlier run
 * of the same attempt left is emptied. 75 short of descriptors, 74 the disk is
 * full or broken, 73 anything else. */
int results_start(int dir, int64_t job, int attempt, int *directory,
	int *out, int *errout, struct err *err);
/* exit: the status, or -signal; the file is complete once it exists. */
int results_finish(int directory, int status, struct err *err);

/* The same for a job of the same process as the one whose directory is first:
 * its output is theirs as well.  75, 74 or 73 */
int results_share(int dir, int64_t job, int attempt, int first, int status,
	struct err *err);

#endif
