#include "rules/record.h"

#include <string.h>

void
framing_init(struct framing *f, char end, size_t max)
{
	*f = (struct framing){ .end = end, .max = max };
}

void
framing_release(struct framing *f)
{
	buf_release(&f->pending);
	f->taken = f->searched = 0;
	f->skipping = false;
}

/* Moving what is left to the front costs at most as much as it frees, so all
 * moves together are linear in the input. */
static void
drop_taken(struct framing *f)
{
	size_t left = f->pending.len - f->taken;

	if (f->taken < left)
		return;
	if (left > 0)
		memmove(f->pending.p, f->pending.p + f->taken, left);
	f->pending.len = left;
	f->searched -= f->taken;
	f->taken = 0;
}

void
framing_feed(struct framing *f, const char *p, size_t n)
{
	if (f->taken > 0)
		drop_taken(f);
	/* The rest of a record that was too long is not even kept. */
	if (f->skipping) {
		const char *end = n > 0 ? memchr(p, f->end, n) : NULL;

		if (end == NULL)
			return;
		f->skipping = false;
		n -= (size_t)(end + 1 - p);
		p = end + 1;
	}
	buf_add(&f->pending, p, n);
}

static enum frame
frame_ending_at(struct framing *f, size_t end, size_t next, struct bytes *out)
{
	size_t start = f->taken, n = end - start;

	f->taken = f->searched = next;
	if (n > f->max)
		return FRAME_TOO_LONG;
	*out = (struct bytes){ f->pending.p + start, n };
	return FRAME_RECORD;
}

enum frame
framing_next(struct framing *f, bool last, struct bytes *out)
{
	const struct buf *b = &f->pending;
	const char *mark = NULL;

	if (f->searched < b->len)
		mark = memchr(b->p + f->searched, f->end, b->len - f->searched);
	if (mark != NULL)
		return frame_ending_at(f, (size_t)(mark - b->p),
			(size_t)(mark - b->p) + 1, out);
	f->searched = b->len;
	if (f->taken == b->len)
		return FRAME_NONE;
	if (b->len - f->taken > f->max) {
		/* said once, when it is known; its end is still to come */
		f->skipping = true;
		f->taken = b->len;
		return FRAME_TOO_LONG;
	}
	return last ? frame_ending_at(f, b->len, b->len, out) : FRAME_NONE;
}
