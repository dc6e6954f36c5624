/* Whether the audit log is what was written. */
#include <inttypes.h>
#include <stdarg.h>

#include "store/log.h"
#include "store/reading.h"

#define TELL_EACH 1000

struct verification {
	struct store *store;
	finding_fn *fn;
	void *ctx;
	struct chain at;
	int64_t last;
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
	if (v->proof->events++ % TELL_EACH == 0)
		store_tell(v->store, "audit log", e->seq, v->last);
	return 0;
}

int
store_log_verify(struct store *s, finding_fn *fn, void *ctx,
	struct log_proof *out, struct err *err)
{
	struct verification v = { .store = s, .fn = fn, .ctx = ctx,
	    .proof = out };
	struct log_span span;
	int64_t after = INT64_MIN;
	int code = store_log_span(s, &span, err);

	*out = (struct log_proof){ 0 };
	if (code)
		return code;
	v.last = span.last;
	code = store_log(s, &after, span.last, check_entry, &v, err);
	out->seq = v.at.seq;
	memcpy(out->hash, v.at.hash, sizeof(out->hash));
	if (code == 0 && out->events == 0)
		find(&v, "the audit log is empty");
	return code;
}
