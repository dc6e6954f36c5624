/*
 * Whether the audit log is what was written.  All of it is read in one
 * snapshot: programs go on working meanwhile, only the WAL is not started over
 * until the end.
 */
#include "store/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "store/reading.h"

#define CHUNK 2000

void
verify_find(const struct verification *v, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	v->fn(v->ctx, b.p);
	buf_release(&b);
}

static void
check_entry(struct verification *v, const struct entry *e)
{
	int64_t before = v->at.seq;

	switch (chain_next(&v->at, e)) {
	case CHAIN_GAP:
	case CHAIN_BACK:
		verify_find(v, "events %" PRId64 " to %" PRId64 " are missing",
		    before + 1, e->seq - 1);
		v->complete = false;
		break;
	case CHAIN_BREAKS:
		/* one break is enough: what follows hangs on it */
		if (!v->broken)
			verify_find(v, "event %" PRId64 " is not what was "
			    "written: the chain of hashes breaks there",
			    e->seq);
		v->broken = true;
		break;
	case CHAIN_FITS:
		break;
	}
	if (account_moves(&v->begin.accounts, e->moves) < 0)
		verify_find(v, "event %" PRId64 ": its moves cannot be read",
		    e->seq);
	verify_anchors(v, e);
	v->proof.events++;
}

static int
check_entries(struct verification *v, int64_t last, struct err *err)
{
	struct db *db = &v->store->db;
	int64_t rows;
	int code;

	do {
		struct query q;
		int got;

		store_tell(v->store, "audit log", v->at.seq, last);
		code = db_start(&q, db, SQL_LOG, err, "iii", v->proof.events ?
		    v->at.seq : INT64_MIN, INT64_MAX, (int64_t)CHUNK);
		if (code)
			return code;
		for (rows = 0; (got = db_row(&q, err)) == 1; rows++) {
			struct entry e;

			entry_read(&q, &e);
			check_entry(v, &e);
		}
		code = got < 0 ? err->code : 0;
	} while (code == 0 && rows == CHUNK);
	return code;
}

/* An event that was to be pruned and is still there is a finding, too: it
 * stands before the beginning. */
int
verify_log(struct verification *v, struct err *err)
{
	int64_t last;
	int code = db_int(&v->store->db, SQL_EVENT_LAST, &last, 0, err, "");

	v->complete = true;
	if (code == 0)
		code = beginning_read(v->store, &v->begin, err);
	if (code == 0)
		code = anchors_read(v->store, &v->rows, err);
	if (code)
		return code;
	v->at = v->begin.at;
	v->proof.pruned = v->at.seq;
	if (!v->begin.told) {
		verify_find(v, "the log begins behind event %" PRId64 ", and "
		    "no event tells that what was before was pruned",
		    v->at.seq);
		v->complete = false;
	}
	verify_first_anchors(v);
	code = check_entries(v, last, err);
	if (code)
		return code;
	if (v->proof.events == 0)
		verify_find(v, "the audit log is empty");
	verify_last_anchors(v);
	v->proof.seq = v->at.seq;
	memcpy(v->proof.hash, v->at.hash, sizeof(v->proof.hash));
	return v->nkeys ? verify_seals(v, err) : 0;
}

void
verification_release(struct verification *v)
{
	beginning_release(&v->begin);
	anchors_release(&v->rows);
	free(v->by_seq);
}

static int
by_seq(const void *va, const void *vb)
{
	const struct log_anchor *a = va, *b = vb;

	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

int
store_log_verify(struct store *s, const struct log_evidence *what,
	finding_fn *fn, void *ctx, struct log_proof *out, struct err *err)
{
	struct verification v = { .store = s, .fn = fn, .ctx = ctx,
	    .given = what->anchors, .ngiven = what->n, .keys = what->keys,
	    .nkeys = what->nkeys };
	int code = read_begin(s, err);

	if (code)
		return code;
	if (v.ngiven)
		qsort(v.given, v.ngiven, sizeof(*v.given), by_seq);
	code = verify_log(&v, err);
	read_end(s);
	*out = v.proof;
	verification_release(&v);
	return code;
}
