/*
 * Log-linear histograms: 32 sub-buckets an octave, so a value is known within
 * 1/64 (1.6 %) of itself.  A histogram is a set of (bucket, count) rows that
 * merge by addition (the shape is that of HdrHistogram, G. Tene).
 *
 * Stored it is, for each bucket that has any, in their order: how far it is
 * from the one before (the first one: from 0) and its count, both as varints.
 */
#ifndef IQ_HIST_H
#define IQ_HIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Stored numbers: never renumber. Durations in ns, sizes in bytes. */
enum metric {
	METRIC_WAIT = 1,	/* eligible to start */
	METRIC_DURATION = 2,
	METRIC_CPU = 3,
	METRIC_MAX_RSS = 4,
	METRIC_READ = 5,
	METRIC_WRITTEN = 6,
	METRIC_PERMIT_CPU = 7,
	METRIC_PERMIT_IO = 8,
	METRIC_INPUT = 9,	/* size of the input, for the throughput */
	METRIC_DISTRIBUTIONS = 10,
	/* plain counters: no buckets */
	METRIC_ENQUEUED = 32,
	METRIC_MERGED,
	METRIC_DROPPED,
	METRIC_REJECTED,
	METRIC_STARTED,
	METRIC_SUCCEEDED,
	METRIC_FAILED,
	METRIC_RETRIED,
	METRIC_QUARANTINED,
	METRIC_CRASHED,
	METRIC_CANCELLED,
	METRIC_BACKPRESSURE,
	METRIC_EVENTS,		/* that a source saw */
	METRIC_DEDUPLICATED,	/* of them, taken together with another */
	METRIC_BATCHES,
	METRIC_OVERFLOWS,	/* after which a source had to look */
	METRIC_FALLBACK_SCANS,	/* looks while nobody told what happens */
	METRIC_INGESTED,	/* bytes read for what succeeded and has no
				 * known size */
	METRIC_END,
	/* how many jobs there were, looked at once a minute: n counts looks,
	 * sum what they saw */
	METRIC_READY = 64,
	METRIC_DELAYED,
	METRIC_WAITING,
	METRIC_RUNNING,
	METRIC_IN_QUARANTINE
};

const char *metric_name(enum metric m);	/* "wait_seconds", "enqueued" ... */

/* Bucket of v >= 0 (negative counts as 0); 0 <= bucket < HIST_BUCKETS */
#define HIST_BUCKETS 1888
int hist_bucket(int64_t v);
/* Lowest value of the bucket, and its middle (what percentiles report) */
int64_t hist_floor(int bucket);
int64_t hist_middle(int bucket);

struct hist_row {
	int bucket;
	int64_t count;
};

/* The value at quantile q (0..1) of rows sorted by bucket; clamped to
 * [min,max], which are exact. 0 when there are none. */
int64_t hist_quantile(const struct hist_row *rows, size_t n, double q,
	int64_t min, int64_t max);

/* ---- hist_stored.c ---- */

struct hist_reader {
	const unsigned char *p, *end;
	int64_t bucket;		/* that was read last; -1: none */
};

struct hist_reader hist_read(struct bytes stored);
/* false: the end, or what is left is none */
bool hist_next(struct hist_reader *r, struct hist_row *row);
/* Adds all of it to count, which has HIST_BUCKETS. */
void hist_add(struct bytes stored, int64_t *count);
/* Appends what a stored one becomes with these rows, sorted by bucket and with
 * counts above 0, added to it. */
void hist_merge(struct bytes stored, const struct hist_row *rows, size_t n,
	struct buf *out);

#endif
