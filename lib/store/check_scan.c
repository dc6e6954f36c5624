/* What must hold of the scans: their counts equal a recount of their files. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "rules/seen.h"
#include "store/reading.h"
#include "store/schema.h"

struct tally {
	int64_t scan, acknowledged, files, offered;
	struct seen_count sum;
	bool damaged;
};

struct tallies {
	struct tally *v;
	size_t n;
};

static int
read_scans(struct store *s, struct tallies *t, struct err *err)
{
	struct query q;
	int got = -1, code = db_start(&q, &s->db, s->version >= SCHEMA_SAID ?
	    SQL_CHECK_SCANS : SQL_CHECK_SCANS_PLAIN, err, "");

	while (code == 0 && (got = db_row(&q, err)) == 1) {
		t->v = mem_grow(t->v, t->n + 1, sizeof(*t->v));
		t->v[t->n++] = (struct tally){ .scan = db_column_int(&q, 0),
		    .acknowledged = db_column_int(&q, 1),
		    .files = db_column_int(&q, 2),
		    .offered = db_column_int(&q, 3) };
	}
	return code ? code : got < 0 ? err->code : 0;
}

/* Rows come by scan, and so do the tallies. */
static int
count_files(struct store *s, struct tallies *t, int64_t *strays,
	struct err *err)
{
	struct query q;
	size_t i = 0;
	int got = -1, code = db_start(&q, &s->db, SQL_CHECK_SCAN_FILES, err,
	    "");

	while (code == 0 && (got = db_row(&q, err)) == 1) {
		int64_t scan = db_column_int(&q, 0);

		while (i < t->n && t->v[i].scan < scan)
			i++;
		if (i == t->n || t->v[i].scan != scan)
			++*strays;
		else if (seen_count(db_column_bytes(&q, 1),
		    (uint64_t)t->v[i].acknowledged, &t->v[i].sum) != 0)
			t->v[i].damaged = true;
	}
	return code ? code : got < 0 ? err->code : 0;
}

int
check_scans(struct store *s, finding_fn *fn, void *ctx, struct err *err)
{
	struct tallies t = { 0 };
	struct buf b = { 0 };
	int64_t strays = 0;
	int code = read_scans(s, &t, err);

	if (code == 0)
		code = count_files(s, &t, &strays, err);
	for (size_t i = 0; i < t.n && code == 0; i++) {
		const struct tally *v = &t.v[i];

		buf_reset(&b);
		if (v->damaged)
			buf_addf(&b, "scan %" PRId64 ": what it knows of "
			    "files cannot be read", v->scan);
		else if (v->sum.files != v->files ||
		    v->sum.offered != v->offered)
			buf_addf(&b, "scan %" PRId64 " counts files %" PRId64
			    ", offered %" PRId64 "; a recount says %" PRId64
			    ", %" PRId64, v->scan, v->files, v->offered,
			    v->sum.files, v->sum.offered);
		if (b.len > 0)
			fn(ctx, b.p);
	}
	if (code == 0 && strays > 0) {
		buf_reset(&b);
		buf_addf(&b, "lists of files of no scan: %" PRId64, strays);
		fn(ctx, b.p);
	}
	buf_release(&b);
	free(t.v);
	return code;
}
