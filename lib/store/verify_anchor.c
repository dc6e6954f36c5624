/* Anchors: those that somebody has kept, and the rows of the queue. */
#include <inttypes.h>
#include <stdlib.h>

#include "rules/detail.h"
#include "store/reading.h"
#include "store/verify.h"

static bool
same(const unsigned char *a, struct bytes b)
{
	return b.n == EVENT_HASH_SIZE && memcmp(a, b.p, b.n) == 0;
}

/* ---- anchors that were given ---- */

static void
compare(struct verification *v, const struct log_anchor *a,
	const unsigned char *hash)
{
	if (memcmp(a->hash, hash, sizeof(a->hash)) == 0)
		v->proof.anchors++;
	else
		verify_find(v, "event %" PRId64 " is not the one that an "
		    "anchor names: the log was written anew from there or "
		    "before", a->seq);
}

static int
by_seq(const void *va, const void *vb)
{
	const struct anchor *a = *(const struct anchor *const *)va;
	const struct anchor *b = *(const struct anchor *const *)vb;

	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* Of some events that were pruned there are rows. */
void
verify_first_anchors(struct verification *v)
{
	v->by_seq = mem_alloc((v->rows.n + 1) * sizeof(*v->by_seq));
	for (size_t i = 0; i < v->rows.n; i++)
		v->by_seq[i] = &v->rows.v[i];
	qsort(v->by_seq, v->rows.n, sizeof(*v->by_seq), by_seq);
	for (; v->next_given < v->ngiven; v->next_given++) {
		const struct log_anchor *a = &v->given[v->next_given];
		size_t i;

		if (a->seq > v->begin.at.seq)
			return;
		for (i = 0; i < v->rows.n && v->rows.v[i].seq != a->seq; i++)
			;
		if (i < v->rows.n)
			compare(v, a, v->rows.v[i].hash);
		else
			v->proof.unknown++;
	}
}

static void
check_given(struct verification *v, const struct entry *e)
{
	for (; v->next_given < v->ngiven; v->next_given++) {
		const struct log_anchor *a = &v->given[v->next_given];
		static const unsigned char none[EVENT_HASH_SIZE];

		if (a->seq > e->seq)
			return;
		if (a->seq < e->seq)
			verify_find(v, "event %" PRId64 ", which an anchor "
			    "names, is missing", a->seq);
		else
			compare(v, a, e->hash.n == sizeof(none) ?
			    (const unsigned char *)e->hash.p : none);
	}
}

/* ---- rows, and the events that tell of them ---- */

static void
check_told(struct verification *v, const struct entry *e)
{
	bool tells = e->kind == KIND_ANCHOR || e->kind == KIND_PRUNE;
	unsigned char hash[EVENT_HASH_SIZE];
	const struct anchor *row;
	int64_t seq;

	while (v->row < v->rows.n && v->rows.v[v->row].event < e->seq)
		if (v->rows.v[v->row++].event > v->begin.at.seq)
			verify_find(v, "no event tells of the anchor at event "
			    "%" PRId64, v->rows.v[v->row - 1].seq);
	row = v->row < v->rows.n ? &v->rows.v[v->row] : NULL;
	if (row == NULL || row->event != e->seq) {
		if (tells)
			verify_find(v, "event %" PRId64 " tells of an anchor "
			    "that is gone", e->seq);
		return;
	}
	v->row++;
	if (!tells || !detail_anchor(e->detail, &seq, hash) ||
	    seq != row->seq || memcmp(hash, row->hash, sizeof(hash)) != 0 ||
	    row->pruned != (e->kind == KIND_PRUNE))
		verify_find(v, "the anchor at event %" PRId64 " is not the "
		    "one that event %" PRId64 " tells of", row->seq, e->seq);
}

static void
check_rows(struct verification *v, const struct entry *e)
{
	for (; v->next_row < v->rows.n; v->next_row++) {
		const struct anchor *row = v->by_seq[v->next_row];

		if (row->seq > e->seq)
			return;
		if (row->seq == e->seq && !same(row->hash, e->hash))
			verify_find(v, "event %" PRId64 " is not the one that "
			    "its anchor names", e->seq);
	}
}

void
verify_anchors(struct verification *v, const struct entry *e)
{
	check_told(v, e);
	check_rows(v, e);
	check_given(v, e);
}

void
verify_last_anchors(struct verification *v)
{
	for (; v->row < v->rows.n; v->row++)
		if (v->rows.v[v->row].event > v->at.seq)
			verify_find(v, "event %" PRId64 ", which tells of an "
			    "anchor, is missing: the log was cut off",
			    v->rows.v[v->row].event);
	for (; v->next_given < v->ngiven; v->next_given++)
		verify_find(v, "event %" PRId64 ", which an anchor names, is "
		    "missing: the log was cut off",
		    v->given[v->next_given].seq);
}

/* ---- seals ---- */

int
verify_seals(struct verification *v, struct err *err)
{
	struct seal_key key = v->keys[0];
	struct store_info info;
	int64_t seq = 0;
	size_t next = 1;
	int code = info_read(v->store, &info, err);

	if (code)
		return code;
	for (size_t i = 0; i < v->rows.n; i++) {
		const struct anchor *a = &v->rows.v[i];
		unsigned char want[HMAC_SIZE];

		if (a->epoch < 0)
			continue;
		if (a->epoch < v->keys[0].epoch) {
			v->proof.unchecked++;
			continue;
		}
		/* in their order and without a gap: an old key must not be of
		 * use for a new seal, nor a new one for an old seal */
		if (a->epoch != key.epoch || a->seq <= seq) {
			verify_find(v, "seal %" PRId64 " is missing",
			    key.epoch);
			return 0;
		}
		seal_make(&key, a->seq, a->hash, info.uuid, want);
		if (memcmp(want, a->seal, sizeof(want)) != 0)
			verify_find(v, "seal %" PRId64 ", at event %" PRId64
			    ", is not genuine", a->epoch, a->seq);
		else
			v->proof.seals++;
		seq = a->seq;
		seal_evolve(&key, key.epoch + 1);
		if (next < v->nkeys && v->keys[next].epoch == key.epoch)
			key = v->keys[next++];
	}
	return 0;
}
