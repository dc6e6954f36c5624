/* Histograms as they are stored. */
#include "base/num.h"
#include "rules/hist.h"

struct hist_reader
hist_read(struct bytes stored)
{
	const unsigned char *p = (const unsigned char *)stored.p;

	return (struct hist_reader){ p, p ? p + stored.n : p, -1 };
}

/* Most are of one byte. */
static bool
next_number(struct hist_reader *r, uint64_t *v)
{
	if (r->p < r->end && *r->p < 0x80) {
		*v = *r->p++;
		return true;
	}
	return varint_get(&r->p, r->end, v) == 0;
}

bool
hist_next(struct hist_reader *r, struct hist_row *row)
{
	int64_t last = r->bucket < 0 ? 0 : r->bucket;
	uint64_t step, count;

	if (!next_number(r, &step) || !next_number(r, &count) || count == 0 ||
	    count > INT64_MAX || step >= HIST_BUCKETS ||
	    (step == 0 && r->bucket >= 0) ||
	    last + (int64_t)step >= HIST_BUCKETS) {
		r->p = r->end;
		return false;
	}
	r->bucket = last + (int64_t)step;
	*row = (struct hist_row){ (int)r->bucket, (int64_t)count };
	return true;
}

static void
put(struct buf *out, int *last, struct hist_row row)
{
	varint_put(out, (uint64_t)(row.bucket - *last));
	varint_put(out, (uint64_t)row.count);
	*last = row.bucket;
}

/* Full is full. */
static int64_t
sum_of(int64_t a, int64_t b)
{
	return a > INT64_MAX - b ? INT64_MAX : a + b;
}

void
hist_merge(struct bytes stored, const struct hist_row *rows, size_t n,
	struct buf *out)
{
	struct hist_reader r = hist_read(stored);
	struct hist_row old;
	size_t i = 0;
	int last = 0;

	while (hist_next(&r, &old)) {
		for (; i < n && rows[i].bucket < old.bucket; i++)
			put(out, &last, rows[i]);
		if (i < n && rows[i].bucket == old.bucket)
			old.count = sum_of(old.count, rows[i++].count);
		put(out, &last, old);
	}
	for (; i < n; i++)
		put(out, &last, rows[i]);
}
