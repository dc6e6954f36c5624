/* What is stored, in order. */
#include "engine/scan_internal.h"

const struct scan_row *
scan_row(struct scan *s)
{
	struct scanning *now = s->now;

	return now->row < now->rows.n ? &now->rows.v[now->row] : NULL;
}

bool
scan_row_is_here(struct scan *s, const struct scan_row *row)
{
	return row && bytes_equal(row->key, buf_bytes(&s->now->key));
}

int
scan_read_rows(struct scan *s, struct bytes key, struct bytes first,
	struct bytes until, struct err *err)
{
	struct scanning *now = s->now;

	buf_reset(&now->until);
	if (until.p)
		buf_add(&now->until, until.p, until.n);
	now->row = 0;
	return store_scan_read(s->store, s->state, key, first, until.p ?
	    buf_bytes(&now->until) : BYTES_NONE, &now->rows, err);
}

void
scan_no_rows(struct scan *s)
{
	s->now->row = s->now->rows.n = 0;
	s->now->rows.last = true;
}

/* Over to the next one, for which more may have to be read */
int
scan_step_row(struct scan *s, struct err *err)
{
	struct scanning *now = s->now;
	const struct scan_row *row = scan_row(s);
	struct buf key = { 0 }, first = { 0 };
	int code;

	if (++now->row < now->rows.n || now->rows.last)
		return 0;
	now->row = 0;
	buf_add(&key, row->key.p, row->key.n);
	buf_add(&first, row->first.p, row->first.n);
	buf_addc(&first, '\0');		/* the next one there can be */
	code = store_scan_read(s->store, s->state, buf_bytes(&key),
	    buf_bytes(&first), now->until.len ? buf_bytes(&now->until) :
	    BYTES_NONE, &now->rows, err);
	buf_release(&key);
	buf_release(&first);
	return code;
}
