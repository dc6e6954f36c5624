/* Private: telemetry of a window of time, row by row. */
#ifndef IQ_SPAN_H
#define IQ_SPAN_H

#include "store/reading.h"

struct span {
	int64_t since;		/* wall: where it really begins */
	struct period_range {
		int64_t first, end;	/* first <= period < end */
	} ranges[3];
	size_t n;
};

/* From this time (wall) until now: what a clock that was put back since has
 * called later does not count.  It begins where the period begins in which that
 * is, since what was rolled up cannot be taken apart. Inside a reading. */
int span_since(struct store *s, int64_t since, struct span *w,
	struct err *err);
/* When that begins, of a queue that was made then: nothing is recorded from
 * before.  One that is to be made yet was, by a clock that has been put back
 * since. */
int64_t span_covered(const struct span *w, int64_t created, int64_t now);
/* Everything that was ever counted */
void span_ever(struct span *w);

struct span_reader {
	void (*metric)(void *ctx, int64_t period, int64_t type,
		int64_t metric, const struct sum *v);
	/* Where buckets are to be added, HIST_BUCKETS; NULL: nowhere */
	int64_t *(*hist)(void *ctx, int64_t period, int64_t type,
		int64_t metric);
	unsigned of;		/* 1u << metric: whose buckets are */
	/* name and error are empty */
	void (*failure)(void *ctx, const struct failure *row);
	void *ctx;
	/* NULL, or who is told of the same rows of metric and hist */
	const struct span_reader *next;
};

/*
 * All rows of metric with buckets and what is still to be added to them, then
 * those of hist, and those of failure: where there is a function for them.
 * Reads in snapshots that last some milliseconds; where one does not do, what
 * is rolled up or added meanwhile may be counted twice or not at all, unless it
 * is of the last minutes.
 */
int span_read(struct store *s, const struct span *w,
	const struct span_reader *r, struct err *err);

#endif
