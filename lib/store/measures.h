/* Private to lists: what the attempt of a job has taken. */
#ifndef IQ_MEASURES_H
#define IQ_MEASURES_H

#include "store/internal.h"
#include "store/read.h"

/* In the column source: see schema.sql */
#define SOURCE_PART 4
#define SOURCE_TOGETHER 8	/* times as many */

/* What every version of the file has of it: seven columns, from that one on;
 * the rest is unknown. */
void measures_take(struct query *q, int col, struct job *j);
/* And what not every version has, and how far those are that run; what it
 * points to is in a. */
int measures_read(struct store *s, struct job *jobs, size_t n,
	struct arena *a, struct err *err);

#endif
