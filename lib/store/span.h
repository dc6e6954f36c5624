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

/* From this time (wall) on.  It begins where the period begins in which that
 * is, since what was rolled up cannot be taken apart. Inside a reading. */
int span_since(struct store *s, int64_t since, struct span *w,
	struct err *err);
/* Everything that was ever counted */
void span_ever(struct span *w);

struct span_reader {
	void (*metric)(void *ctx, int64_t period, int64_t type,
		int64_t metric, const struct sum *v);
	void (*hist)(void *ctx, int64_t period, int64_t type, int64_t metric,
		const struct hist_row *rows, size_t n);
	unsigned of;		/* 1u << metric: whose buckets hist gets */
	/* name and error are empty */
	void (*failure)(void *ctx, const struct failure *row);
	void *ctx;
};

/*
 * All rows of metric with buckets, then those of hist, and those of failure: where there is a function for them.  Reads in snapshots
 * that last some milliseconds; where one does not do, a minute of three hours
 * ago may be counted twice or not at all.
 */
int span_read(struct store *s, const struct span *w,
	const struct span_reader *r, struct err *err);

#endif
