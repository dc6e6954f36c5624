/* What is stored of the files of a scan: a row has files of one directory. */
#include <stdlib.h>
#include <string.h>

#include "store/internal.h"
#include "store/scan.h"

/* Rows are read until they have so many bytes. */
#define ROWS_BYTES ((size_t)1 << 20)
#define ROWS_MOST 4096
#define ROWS_FEW 4

void
scan_rows_release(struct scan_rows *r)
{
	arena_release(&r->arena);
	free(r->v);
	*r = (struct scan_rows){ 0 };
}

static struct scan_row *
add_row(struct scan_rows *r)
{
	if (r->n == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 64;
		r->v = mem_grow(r->v, r->cap, sizeof(*r->v));
	}
	return &r->v[r->n++];
}

/* What the query gives, into out; *more: that was not all.  Ends the reading. */
static int
take_rows(struct store *s, struct query *q, int code, struct scan_rows *out,
	bool *more, struct err *err)
{
	int got = 1;

	*more = false;
	arena_reset(&out->arena);
	out->n = 0;
	while (code == 0 && arena_used(&out->arena) < ROWS_BYTES &&
	    (got = db_row(q, err)) == 1) {
		struct scan_row *r = add_row(out);

		r->key = arena_copy(&out->arena, db_column_bytes(q, 0));
		r->first = arena_copy(&out->arena, db_column_bytes(q, 1));
		r->files = arena_copy(&out->arena, db_column_bytes(q, 2));
		r->fresh = false;
	}
	*more = code == 0 && got == 1;
	if (*more)
		db_end(q);
	read_end(s);
	return got < 0 ? err->code : code;
}

int
store_scan_read(struct store *s, const struct scan_state *scan,
	struct bytes key, struct bytes first, struct bytes until,
	struct scan_rows *out, struct err *err)
{
	char last[256];
	struct query q;
	bool more;
	int code = read_begin(s, err);

	if (code)
		return code;
	/* no name is that long */
	memset(last, 0xff, sizeof(last));
	if (until.p == NULL)
		until = (struct bytes){ last, sizeof(last) };
	code = take_rows(s, &q, db_start(&q, &s->db, SQL_SCAN_ROWS, err,
	    "ibbbi", scan->id, key, first, until, (int64_t)ROWS_MOST), out,
	    &more, err);
	out->last = !more && out->n < ROWS_MOST;
	return code;
}

int
store_scan_read_at(struct store *s, const struct scan_state *scan,
	struct bytes key, struct bytes name, struct scan_rows *out,
	struct err *err)
{
	struct query q;
	bool more;
	int code = read_begin(s, err);

	if (code)
		return code;
	code = take_rows(s, &q, db_start(&q, &s->db, SQL_SCAN_ROWS_AT, err,
	    "ibbi", scan->id, key, name, (int64_t)ROWS_FEW), out, &more, err);
	out->last = out->n < ROWS_FEW;
	return code;
}

int
scan_damaged(const struct scan_state *scan, struct err *err)
{
	return err_set(err, EX_IOERR, "read what is known of %.*s: damaged; "
	    "iq-scan --reset forgets it", (int)scan->root.n, scan->root.p);
}

/* What the row changes of the counts: what it has, less what is stored */
static int
count_row(struct store *s, const struct scan_state *scan,
	const struct scan_row *r, struct seen_count *sum, struct err *err)
{
	struct seen_count now = { 0 }, before = { 0 };
	struct query q;
	int got = 0, bad = 0;

	if (r->files.p)
		bad = seen_count(r->files, scan->acknowledged, &now);
	if (!r->fresh)
		got = db_first(&q, &s->db, SQL_SCAN_ROW, err, "ibb",
		    scan->id, r->key, r->first);
	if (got < 0)
		return err->code;
	if (got == 1) {
		bad |= seen_count(db_column_bytes(&q, 0), scan->acknowledged,
		    &before);
		db_end(&q);
	}
	sum->files += now.files - before.files;
	sum->offered += now.offered - before.offered;
	return bad ? scan_damaged(scan, err) : 0;
}

static int
write_row(struct store *s, const struct scan_state *scan,
	const struct scan_row *r, struct seen_count *sum, struct err *err)
{
	int code = count_row(s, scan, r, sum, err);

	if (code == 0 && r->files.p)
		code = db_run(&s->db, SQL_SCAN_PUT, err, "ibbb", scan->id,
		    r->key, r->first, r->files);
	else if (code == 0)
		code = db_run(&s->db, SQL_SCAN_DROP, err, "ibb", scan->id,
		    r->key, r->first);
	return code;
}

static int
write_all(struct store *s, const struct scan_state *scan,
	const struct scan_row *v, size_t n, struct seen_count *sum,
	struct err *err)
{
	int code = 0;

	for (size_t i = 0; i < n && code == 0; i++)
		code = write_row(s, scan, &v[i], sum, err);
	if (code)
		return code;
	return db_run(&s->db, SQL_SCAN_UPDATE, err, "iiiiiitzzzbbziii", scan->id,
	    (int64_t)scan->device, (int64_t)scan->inode, (int64_t)scan->run,
	    sum->files, sum->offered, scan->same_boot ? s->boot : "",
	    scan->started, scan->finished, scan->completed, scan->from_key,
	    scan->from_name, scan->watch, (int64_t)scan->said,
	    scan->out.device, scan->out.inode);
}

int
store_scan_write(struct store *s, struct scan_state *scan,
	const struct scan_row *v, size_t n, struct err *err)
{
	struct seen_count sum = { 0 };
	int code = tx_begin(s, err);

	if (code)
		return code;
	code = tx_end(s, write_all(s, scan, v, n, &sum, err), err);
	if (code)
		return code;
	scan->files += sum.files;
	scan->offered += sum.offered;
	return 0;
}
