/* Whether the audit log is what was written. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "store/log.h"
#include "store/reading.h"

#define TELL_EACH 1000

struct verification {
	struct store *store;
	finding_fn *fn;
	void *ctx;
	struct chain at;
	int64_t last;
	const struct log_anchor *anchor, *anchors_end;	/* not looked at */
	struct log_proof *proof;
};

static void find(struct verification *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void
find(struct verification *v, const char *fmt, ...)
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
check_moves(struct verification *v, const struct entry *e)
{
	size_t at = 0;
	int64_t end = 0;
	struct move m;
	int got;

	do
		got = event_next_move(e->moves, &at, &end, &m);
	while (got == 1);
	if (got < 0)
		find(v, "event %" PRId64 ": its moves cannot be read", e->seq);
}

static void
check_anchors(struct verification *v, const struct entry *e)
{
	for (; v->anchor < v->anchors_end && v->anchor->seq <= e->seq;
	    v->anchor++) {
		if (v->anchor->seq < e->seq)
			find(v, "event %" PRId64 ", which an anchor names, is "
			    "missing", v->anchor->seq);
		else if (e->hash.n != sizeof(v->anchor->hash) ||
		    memcmp(e->hash.p, v->anchor->hash, e->hash.n) != 0)
			find(v, "event %" PRId64 " is not the one that an "
			    "anchor names: the log was written anew from "
			    "there or before", e->seq);
		else
			v->proof->anchors++;
	}
}

static int
check_entry(void *ctx, const struct entry *e)
{
	struct verification *v = ctx;
	int64_t before = v->at.seq;

	switch (chain_next(&v->at, e)) {
	case CHAIN_GAP:
	case CHAIN_BACK:
		find(v, "events %" PRId64 " to %" PRId64 " are missing",
		    before + 1, e->seq - 1);
		break;
	case CHAIN_BREAKS:
		find(v, "event %" PRId64 " is not what was written: the chain "
		    "of hashes breaks there", e->seq);
		break;
	case CHAIN_FITS:
		break;
	}
	check_moves(v, e);
	check_anchors(v, e);
	if (v->proof->events++ % TELL_EACH == 0)
		store_tell(v->store, "audit log", e->seq, v->last);
	return 0;
}

static int
by_seq(const void *va, const void *vb)
{
	const struct log_anchor *a = va, *b = vb;

	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

int
store_log_verify(struct store *s, struct log_anchor *anchors, size_t n,
	finding_fn *fn, void *ctx, struct log_proof *out, struct err *err)
{
	struct verification v = { .store = s, .fn = fn, .ctx = ctx,
	    .proof = out, .anchor = anchors, .anchors_end = anchors + n };
	struct log_span span;
	int64_t after = INT64_MIN;
	int code = store_log_span(s, &span, err);

	*out = (struct log_proof){ 0 };
	if (code)
		return code;
	if (n)
		qsort(anchors, n, sizeof(*anchors), by_seq);
	v.last = span.last;
	code = store_log(s, &after, span.last, check_entry, &v, err);
	out->seq = v.at.seq;
	memcpy(out->hash, v.at.hash, sizeof(out->hash));
	for (; code == 0 && v.anchor < v.anchors_end; v.anchor++)
		find(&v, "event %" PRId64 ", which an anchor names, is "
		    "missing: the log was cut off", v.anchor->seq);
	if (code == 0 && out->events == 0)
		find(&v, "the audit log is empty");
	return code;
}
