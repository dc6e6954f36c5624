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

/* After one that was read: those that follow it and have a byte for each of
 * their numbers, as almost all do. */
static void
add_short(struct hist_reader *r, int64_t *count)
{
	const unsigned char *p = r->p;
	int64_t at = r->bucket;

	for (; r->end - p >= 2 && (p[0] | p[1]) < 0x80 && p[0] && p[1] &&
	    at + p[0] < HIST_BUCKETS; p += 2) {
		at += p[0];
		count[at] += p[1];
	}
	r->p = p;
	r->bucket = at;
}

void
hist_add(struct bytes stored, int64_t *count)
{
	struct hist_reader r = hist_read(stored);
	struct hist_row row;

	while (hist_next(&r, &row)) {
		count[row.bucket] += row.count;
		add_short(&r, count);
	}
}

/* Where the next one goes, in room that there is */
struct writer {
	unsigned char *p;
	int last;
};

static void
write_number(struct writer *w, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		*w->p++ = (unsigned char)(v | 0x80);
	*w->p++ = (unsigned char)v;
}

static void
write_row(struct writer *w, const struct hist_row *row)
{
	write_number(w, (uint64_t)(row->bucket - w->last));
	write_number(w, (uint64_t)row->count);
	w->last = row->bucket;
}

/* Full is full. */
static int64_t
sum_of(int64_t a, int64_t b)
{
	return a > INT64_MAX - b ? INT64_MAX : a + b;
}

#define ROW_MAX (2 + 9)		/* bytes of a row */

void
hist_merge(struct bytes stored, const struct hist_row *rows, size_t n,
	struct buf *out)
{
	struct hist_reader r = hist_read(stored);
	/* a stored row has at least two bytes, and may grow */
	struct writer w = { NULL, 0 };
	struct hist_row old;
	size_t i = 0;

	buf_room(out, (stored.n / 2 + n) * ROW_MAX);
	w.p = (unsigned char *)out->p + out->len;
	while (hist_next(&r, &old)) {
		for (; i < n && rows[i].bucket < old.bucket; i++)
			write_row(&w, &rows[i]);
		if (i < n && rows[i].bucket == old.bucket)
			old.count = sum_of(old.count, rows[i++].count);
		write_row(&w, &old);
	}
	for (; i < n; i++)
		write_row(&w, &rows[i]);
	out->len = (size_t)((char *)w.p - out->p);
}
