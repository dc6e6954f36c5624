/* What was printed, and what of it has been taken. */
#include "store/internal.h"
#include "store/scan.h"

struct said {
	uint64_t before;	/* offers of runs after that one */
	uint64_t run;		/* and before that one: as if they were of */
	uint64_t to;		/* this one; 0: they stay as they are */
	uint64_t acknowledged;
	size_t moved;
	struct seen_count sum;	/* of them all, then */
	struct buf key, first, files;	/* the row */
	struct buf list;	/* its files then */
};

/* The first row from there on; *more: there is one. */
static int
next_row(struct store *s, const struct scan_state *scan, struct said *d,
	bool *more, struct err *err)
{
	struct query q;
	struct bytes key, first, files;
	int got = db_first(&q, &s->db, SQL_SCAN_NEXT, err, "ibb", scan->id,
	    buf_bytes(&d->key), buf_bytes(&d->first));

	*more = got == 1;
	if (got <= 0)
		return got < 0 ? err->code : 0;
	key = db_column_bytes(&q, 0);
	first = db_column_bytes(&q, 1);
	files = db_column_bytes(&q, 2);
	buf_reset(&d->key);
	buf_add(&d->key, key.p, key.n);
	buf_reset(&d->first);
	buf_add(&d->first, first.p, first.n);
	buf_reset(&d->files);
	buf_add(&d->files, files.p, files.n);
	db_end(&q);
	return 0;
}

static int
pass_row(struct store *s, const struct scan_state *scan, struct said *d,
	struct err *err)
{
	struct bytes files = buf_bytes(&d->files);
	size_t n = 0;
	int bad = seen_count(files, d->acknowledged, &d->sum);

	if (d->to && !bad)
		bad = seen_restamp(files, d->before, d->run, d->to, &d->list,
		    &n);
	if (bad)
		return scan_damaged(scan, err);
	d->moved += n;
	return n == 0 ? 0 : db_run(&s->db, SQL_SCAN_PUT, err, "ibbb",
	    scan->id, buf_bytes(&d->key), buf_bytes(&d->first),
	    buf_bytes(&d->list));
}

/* All rows, in one transaction, because others acknowledge meanwhile; each is
 * asked for by itself, because they are written. */
static int
pass_rows(struct store *s, const struct scan_state *scan, struct said *d,
	struct err *err)
{
	bool more = true;
	int code = 0;

	buf_add(&d->key, "", 0);
	buf_add(&d->first, "", 0);
	while (code == 0 && more) {
		code = next_row(s, scan, d, &more, err);
		if (code == 0 && more)
			code = pass_row(s, scan, d, err);
		buf_addc(&d->first, '\0');	/* the next one there can be */
	}
	buf_release(&d->key);
	buf_release(&d->first);
	buf_release(&d->files);
	buf_release(&d->list);
	return code;
}

int
store_scan_said(struct store *s, struct scan_state *scan, struct err *err)
{
	struct said d = { .before = scan->said, .run = scan->run,
	    .to = scan->run + 1, .acknowledged = scan->acknowledged };
	uint64_t run = scan->run;
	int code;

	/* as a rule each run was printed, and nothing is left of another */
	if (scan->said + 1 == run) {
		scan->said = run;
		return 0;
	}
	code = tx_begin(s, err);
	if (code)
		return code;
	code = pass_rows(s, scan, &d, err);
	run += d.moved > 0;
	if (code == 0)
		code = db_run(&s->db, SQL_SCAN_SAID, err, "iiii", scan->id,
		    (int64_t)d.run, (int64_t)run, d.sum.offered);
	code = tx_end(s, code, err);
	if (code)
		return code;
	scan->said = d.run;
	scan->run = run;
	scan->offered = d.sum.offered;
	return 0;
}

int
store_scan_acknowledge(struct store *s, const struct scan_state *scan,
	struct err *err)
{
	struct said d = { .acknowledged = scan->said };
	int code = tx_begin(s, err);

	if (code)
		return code;
	if (scan->said < scan->run)
		code = pass_rows(s, scan, &d, err);
	if (code == 0)
		code = db_run(&s->db, SQL_SCAN_ACKNOWLEDGE, err, "iii",
		    scan->id, (int64_t)scan->said, d.sum.offered);
	code = tx_end(s, code, err);
	return code ? code : store_sync(s, err);
}
