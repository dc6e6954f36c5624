/*
 * --joblog FILE: a line per attempt, in the columns of GNU parallel, so that
 * what reads its logs reads ours.  Seq is the id of the job.
 */
#ifndef IQ_JOBLOG_H
#define IQ_JOBLOG_H

#include "base/err.h"

struct attempt;
struct run;

/* Appends to the file, whose first line are the names of the columns: 73 */
int joblog_open(const char *path, int *fd, struct err *err);
/* A line for an attempt of that process that was started and has ended, in one
 * write: workers may share a file.  74, and no part of the line is there. */
int joblog_write(int fd, const struct run *r, const struct attempt *a,
	struct err *err);

#endif
