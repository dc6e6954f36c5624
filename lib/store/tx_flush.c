/* What a transaction has summed up, written before its commit: events, lane
 * counts, metrics. */
#include <stdlib.h>

#include "store/internal.h"

static int
bucket_order(const void *va, const void *vb)
{
	const struct bucket *a = va, *b = vb;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->metric != b->metric)
		return a->metric - b->metric;
	return a->bucket - b->bucket;
}

static int
flush_buckets(struct store *s, int64_t minute, struct err *err)
{
	struct bucket *b = s->tx.buckets;
	size_t n = s->tx.nbuckets, run;
	int code = 0;

	if (n > 1)
		qsort(b, n, sizeof(*b), bucket_order);
	for (size_t i = 0; i < n && code == 0; i += run) {
		for (run = 1; i + run < n &&
		    bucket_order(&b[i], &b[i + run]) == 0; run++)
			;
		code = db_run(&s->db, SQL_HIST_ADD, err, "iiiii", minute,
		    b[i].type, (int64_t)b[i].metric, (int64_t)b[i].bucket,
		    (int64_t)run);
	}
	return code;
}

static int
flush_metrics(struct store *s, struct err *err)
{
	int64_t minute = s->tx.now / (60 * NS_PER_S);
	int code = flush_buckets(s, minute, err);

	for (size_t i = 0; i < s->catalog.ntypes && code == 0; i++) {
		struct type *t = s->catalog.types[i];
		if (!t->touched)
			continue;
		for (int m = 0; m < METRIC_END && code == 0; m++) {
			struct sum *v = &t->sums[m];
			if (v->n && m > METRIC_DISTRIBUTIONS)
				code = db_run(&s->db, SQL_METRIC_COUNT, err,
				    "iiii", minute, t->id, (int64_t)m, v->n);
			else if (v->n)
				code = db_run(&s->db, SQL_METRIC_ADD, err,
				    "iiiiiii", minute, t->id, (int64_t)m,
				    v->n, v->sum, v->min, v->max);
		}
	}
	return code;
}

/* What most programs do, those that enqueue and end: they have to compile the
 * statement as well, and this one is short. */
static bool
only_ready(const struct lane *l)
{
	int64_t others = 0;

	for (int state = 0; state < STATE_COUNT; state++)
		if (state != STATE_READY)
			others |= l->delta[state];
	return others == 0 && l->served == 0;
}

static int
flush_lanes(struct store *s, struct err *err)
{
	int code = 0;

	for (size_t i = 0; i < s->catalog.nlanes && code == 0; i++) {
		struct lane *l = s->catalog.lanes[i];
		if (l->touched && only_ready(l))
			code = db_run(&s->db, SQL_LANE_ADD_READY, err, "ii",
			    l->id, l->delta[STATE_READY]);
		else if (l->touched)
			code = db_run(&s->db, SQL_LANE_ADD, err, "iiiiiiiid",
			    l->id, l->delta[STATE_READY],
			    l->delta[STATE_DELAYED], l->delta[STATE_WAITING],
			    l->delta[STATE_RUNNING],
			    l->delta[STATE_QUARANTINED],
			    l->delta[STATE_SUCCEEDED],
			    l->delta[STATE_CANCELLED], l->served);
	}
	return code;
}

int
tx_sign(struct store *s, struct bytes actor, struct err *err)
{
	struct tx *tx = &s->tx;
	int code = 0;

	/* A claim that found nothing: only the last one can be empty. */
	while (tx->nevents && event_empty(&tx->events[tx->nevents - 1]))
		tx->nevents--;
	for (size_t i = 0; i < tx->nevents && code == 0; i++) {
		struct event *e = &tx->events[i];
		struct bytes moves, detail, hash = { (char *)tx->hash,
		    sizeof(tx->hash) };

		event_close(e);
		moves = e->moves.len ? (struct bytes){ e->moves.p,
		    e->moves.len } : BYTES_NONE;
		detail = e->detail.len ? (struct bytes){ e->detail.p,
		    e->detail.len } : BYTES_NONE;
		tx->seq++;
		event_hash(tx->hash, tx->seq, tx->now, e->kind, actor, moves,
		    detail, tx->hash);
		code = db_run(&s->db, SQL_EVENT_INSERT, err, "iiixbxb",
		    tx->seq, tx->now, (int64_t)e->kind, actor, moves, detail,
		    hash);
	}
	tx->nevents = 0;
	return code;
}

int
tx_flush(struct store *s, struct err *err)
{
	struct tx *tx = &s->tx;
	int code = tx_sign(s, (struct bytes){ s->actor.p, s->actor.len }, err);

	if (code == 0)
		code = flush_lanes(s, err);
	if (code == 0)
		code = flush_metrics(s, err);
	if (code == 0 && (tx->queue_dirty || tx->regenerate))
		code = db_run(&s->db, SQL_QUEUE_UPDATE, err, "iii",
		    tx->next_job, tx->next_worker, (int64_t)tx->regenerate);
	return code;
}
