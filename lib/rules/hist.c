#include "rules/hist.h"

#include <math.h>

const char *
metric_name(enum metric m)
{
	static const char *const distributions[] = {
		NULL, "wait_seconds", "duration_seconds", "cpu_seconds",
		"max_rss_bytes", "read_bytes", "written_bytes",
		"permit_wait_cpu_seconds", "permit_wait_io_seconds",
		"input_bytes",
	};
	static const char *const counters[] = {
		"enqueued", "merged", "dropped", "rejected", "started",
		"succeeded", "failed", "retried", "quarantined", "crashed",
		"cancelled", "backpressure", "events", "deduplicated",
		"batches", "overflows", "fallback_scans", "ingested_bytes",
	};

	if ((int)m > 0 && m < METRIC_DISTRIBUTIONS)
		return distributions[m];
	if (m >= METRIC_ENQUEUED && m < METRIC_END)
		return counters[m - METRIC_ENQUEUED];
	return NULL;
}

/*
 * Values under 64 have a bucket each.  From there on the highest bit names
 * the octave, and the five bits below it one of its 32 buckets.
 */
int
hist_bucket(int64_t v)
{
	int octave;

	if (v < 32)
		return v < 0 ? 0 : (int)v;
	octave = 63 - __builtin_clzll((unsigned long long)v);
	return 32 * (octave - 4) + (int)(v >> (octave - 5)) - 32;
}

static int
shift_of(int bucket)
{
	return bucket < 64 ? 0 : bucket / 32 - 1;
}

int64_t
hist_floor(int bucket)
{
	if (bucket < 0)
		return 0;
	if (bucket >= HIST_BUCKETS)
		bucket = HIST_BUCKETS - 1;
	if (bucket < 32)
		return bucket;
	return (int64_t)(32 + bucket % 32) << shift_of(bucket);
}

int64_t
hist_middle(int bucket)
{
	if (bucket >= HIST_BUCKETS)
		bucket = HIST_BUCKETS - 1;
	if (bucket < 64)
		return hist_floor(bucket);
	return hist_floor(bucket) + (INT64_C(1) << (shift_of(bucket) - 1));
}

static int64_t
clamp(int64_t v, int64_t min, int64_t max)
{
	return v < min ? min : v > max ? max : v;
}

int64_t
hist_quantile(const struct hist_row *rows, size_t n, double q, int64_t min,
	int64_t max)
{
	int64_t total = 0, below = 0, rank;
	size_t i;

	for (i = 0; i < n; i++)
		total += rows[i].count;
	if (total <= 0)
		return 0;
	if (!(q > 0))
		return min;
	if (q >= 1)
		return max;
	/* the smallest value that at least q of all do not exceed */
	rank = (int64_t)ceil(q * (double)total);
	for (i = 0; i < n; i++) {
		below += rows[i].count;
		if (below >= rank)
			break;
	}
	return clamp(hist_middle(rows[i < n ? i : n - 1].bucket), min, max);
}
