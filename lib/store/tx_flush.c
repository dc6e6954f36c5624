/* What a transaction has summed up, written before its commit: events, lane
 * counts; metrics are in metrics.c. */
#include "store/internal.h"
#include "store/schema.h"

/* What most programs do, those that enqueue and end: they have to compile the
 * statement as well, and this one is short. */
static bool
only_ready(const struct lane *l)
{
	int64_t others = 0;

	for (int state = 0; state < STATE_COUNT; state++)
		if (state != STATE_READY)
			others |= l->delta[state];
	return others == 0;
}

static bool
was_served(const struct lane *l)
{
	return l->service.start > 0 || l->service.served != 0 ||
	    l->service.claimed > 0 || l->service.cost.forget > 0;
}

static int
flush_lane(struct store *s, const struct lane *l, struct err *err)
{
	const struct service *v = &l->service;
	const int64_t *d = l->delta;

	if (was_served(l))
		return db_run(&s->db, SQL_LANE_SERVE, err, "iiiiiiiidddddzd",
		    l->id, d[STATE_READY], d[STATE_DELAYED], d[STATE_WAITING],
		    d[STATE_RUNNING], d[STATE_QUARANTINED],
		    d[STATE_SUCCEEDED], d[STATE_CANCELLED], v->served,
		    v->start, 1 - v->cost.forget, v->cost.add, v->cost.first,
		    v->claimed > 0 ? s->tx.now : INT64_C(0), v->claimed);
	if (only_ready(l))
		return db_run(&s->db, SQL_LANE_ADD_READY, err, "ii", l->id,
		    d[STATE_READY]);
	return db_run(&s->db, SQL_LANE_ADD, err, "iiiiiiii", l->id,
	    d[STATE_READY], d[STATE_DELAYED], d[STATE_WAITING],
	    d[STATE_RUNNING], d[STATE_QUARANTINED], d[STATE_SUCCEEDED],
	    d[STATE_CANCELLED]);
}

static int
flush_lanes(struct store *s, struct err *err)
{
	int code = 0;

	for (size_t i = 0; i < s->catalog.nlanes && code == 0; i++)
		if (s->catalog.lanes[i]->touched)
			code = flush_lane(s, s->catalog.lanes[i], err);
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
	bool more;
	int code = tx_sign(s, (struct bytes){ s->actor.p, s->actor.len }, err);

	if (code == 0)
		code = flush_lanes(s, err);
	if (code == 0)
		code = metrics_flush(s, err);
	if (code == 0 && tx->throttled)
		code = throttles_write(s, err);
	/* not by programs that do one thing and end, nor in an upgrade */
	if (code == 0 && s->transactions && s->version >= SCHEMA_SAMPLES &&
	    (tx->now >= s->rollup_at ||
	    s->rollup_at - tx->now > ROLLUP_LATEST))
		code = rollup(s, &more, err);
	if (code == 0 && (tx->queue_dirty || tx->regenerate))
		code = db_run(&s->db, SQL_QUEUE_UPDATE, err, "iii",
		    tx->next_job, tx->next_worker, (int64_t)tx->regenerate);
	return code;
}
