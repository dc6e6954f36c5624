#include "store/anchor.h"

#include <inttypes.h>
#include <stdlib.h>

#include "rules/detail.h"
#include "rules/export.h"

/* Up to n bytes of a column that has to have n */
static void
copy_bytes(struct query *q, int col, unsigned char *out, size_t n)
{
	struct bytes b = db_column_bytes(q, col);

	memset(out, 0, n);
	if (b.n)
		memcpy(out, b.p, b.n < n ? b.n : n);
}

static void
read_row(struct query *q, struct anchor *a)
{
	a->event = db_column_int(q, 0);
	a->seq = db_column_int(q, 1);
	copy_bytes(q, 2, a->hash, sizeof(a->hash));
	a->pruned = db_column_int(q, 3);
	a->epoch = db_column_or(q, 4, -1);
	copy_bytes(q, 5, a->seal, sizeof(a->seal));
}

int
anchors_read(struct store *s, struct anchors *out, struct err *err)
{
	struct query q;
	int code, got;

	*out = (struct anchors){ 0 };
	if (s->version < ANCHOR_VERSION)
		return 0;
	code = db_start(&q, &s->db, SQL_ANCHORS, err, "");
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		out->v = mem_grow(out->v, out->n + 1, sizeof(*out->v));
		read_row(&q, &out->v[out->n++]);
	}
	return got < 0 ? err->code : 0;
}

void
anchors_release(struct anchors *a)
{
	free(a->v);
	*a = (struct anchors){ 0 };
}

static void
read_beginning(struct query *q, struct beginning *b)
{
	unsigned char hash[EVENT_HASH_SIZE];
	struct bytes detail = db_column_bytes(q, 3);
	int64_t seq;

	b->at.seq = db_column_int(q, 0);
	copy_bytes(q, 1, b->at.hash, sizeof(b->at.hash));
	b->told = db_column_or(q, 2, 0) == KIND_PRUNE &&
	    detail_anchor(detail, &seq, hash) && seq == b->at.seq &&
	    memcmp(hash, b->at.hash, sizeof(hash)) == 0 &&
	    accounts_get(&b->accounts, detail) == 0;
}

int
beginning_read(struct store *s, struct beginning *b, struct err *err)
{
	struct query q;
	int got;

	*b = (struct beginning){ .told = true };
	if (s->version < ANCHOR_VERSION)
		return 0;
	got = db_first(&q, &s->db, SQL_LOG_BEGINNING, err, "");
	if (got == 1) {
		read_beginning(&q, b);
		db_end(&q);
	}
	return got < 0 ? err->code : 0;
}

void
beginning_release(struct beginning *b)
{
	accounts_release(&b->accounts);
}

int
anchor_write(struct store *s, enum event_kind kind, const struct anchor *a,
	const char *more, struct err *err)
{
	struct event *e = tx_event(s, kind);
	char hex[2 * EVENT_HASH_SIZE + 1];
	bool sealed = a->epoch >= 0;
	int code = db_run(&s->db, SQL_ANCHOR_INSERT, err, "iiibiob",
	    tx_event_seq(s, e), s->tx.now, a->seq, (struct bytes){
	    (const char *)a->hash, sizeof(a->hash) }, (int64_t)a->pruned,
	    a->epoch, sealed ? (struct bytes){ (const char *)a->seal,
	    sizeof(a->seal) } : BYTES_NONE);

	hex_put(hex, a->hash, sizeof(a->hash));
	event_detail(e, "{\"seq\":%" PRId64 ",\"hash\":\"%s\"%s}", a->seq, hex,
	    more);
	return code;
}
