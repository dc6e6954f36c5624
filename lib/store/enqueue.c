#include <stdlib.h>
#include <string.h>

#include "store/enqueue.h"
#include "store/frozen.h"
#include "store/reserve.h"

static struct bytes
key_of(const struct enqueueing *q, const struct record *r)
{
	if (q->options->no_key ||
	    q->options->on_duplicate == DUPLICATE_ALLOW)
		return BYTES_NONE;
	return r->key.p ? r->key : r->path;
}

int64_t
enqueue_run_at(const struct enqueueing *q, const struct record *r,
	int64_t latest)
{
	int64_t now = q->store->tx.now, at = 0, settled = 0;

	if (q->options->debounce)
		settled = clock_after(now, q->options->debounce);
	if (latest && settled > latest)
		settled = latest;
	if (r->run_at != RECORD_UNSET)
		at = r->run_at;
	else if (r->delay != RECORD_UNSET && r->delay > 0)
		at = clock_after(now, r->delay);
	if (at < settled)
		at = settled;
	return at > now ? at : 0;
}

static int
place_new(struct enqueueing *q, const struct record *r, struct new_row *n,
	struct err *err)
{
	int code = parents_look(q, r, n, err);

	n->run_at = enqueue_run_at(q, r, 0);
	n->state = q->nwaits ? STATE_WAITING : n->run_at ? STATE_DELAYED :
	    STATE_READY;
	return code;
}

void
enqueue_refuse(struct enqueueing *q, struct new_row *n,
	struct enqueue_result *out, enum enqueued why, int64_t id)
{
	n->answered = true;
	out->id = id;
	out->what = why;
	tx_count(q->store, n->lane->type, METRIC_REJECTED, 1);
}

int
enqueue_cancel(struct enqueueing *q, const struct new_row *n, int64_t id,
	struct err *err)
{
	if (!n->cancel)
		return 0;
	enqueue_pending(q, n->lane->type, -1);
	return job_fail_with_parent(q->store, id, err);
}

static int
insert(struct enqueueing *q, const struct record *r, struct new_row *n,
	bool *inserted, struct err *err)
{
	struct store *s = q->store;
	bool own_path = r->path.p && !bytes_equal(r->path, n->key);
	int code = db_run(&s->db, SQL_JOB_INSERT, err, "iiiiibbzzzzzouzzzbx",
	    s->tx.next_job, n->lane->type->id, n->lane->id, (int64_t)n->state,
	    s->tx.now, n->key, own_path ? r->path : BYTES_NONE,
	    (int64_t)(r->path.p == NULL), (int64_t)r->event, n->run_at,
	    n->state == STATE_READY ? s->tx.now : INT64_C(0), n->older,
	    r->size == RECORD_UNSET ? INT64_C(-1) : r->size,
	    r->mtime == RECORD_UNSET ? INT64_MIN : r->mtime,
	    (int64_t)r->max_attempts,
	    r->timeout == RECORD_UNSET ? INT64_C(0) : r->timeout,
	    (int64_t)q->options->on_parent_failure, r->group, r->payload);

	*inserted = code == 0 && db_changes(&s->db) == 1;
	return code;
}

static int
admit_new(struct enqueueing *q, struct new_row *n,
	struct enqueue_result *out, struct err *err)
{
	struct store *s = q->store;
	int64_t id = s->tx.next_job++;
	struct event *e = tx_event(s, KIND_ENQUEUE);
	int code;

	s->tx.queue_dirty = true;
	out->id = id;
	out->what = ENQUEUED_NEW;
	code = tx_move(s, e, id, n->lane, STATE_NONE, VERB_ENQUEUE, n->state,
	    REASON_NONE, 0, 0, err);
	enqueue_pending(q, n->lane->type, 1);
	if (code == 0)
		code = parents_write(q, id, err);
	tx_count(s, n->lane->type, METRIC_ENQUEUED, 1);
	return code;
}

static int
enqueue_new(struct enqueueing *q, const struct record *r, struct new_row *n,
	struct enqueue_result *out, struct err *err)
{
	bool inserted = false, full;
	int code = enqueue_bound(q, n->lane->type, &full, err);

	if (code == 0 && full)
		return enqueue_full(q, r, n, out, err);
	while (code == 0 && !inserted) {
		code = insert(q, r, n, &inserted, err);
		if (code || inserted)
			break;
		code = duplicate_resolve(q, r, n, false, out, err);
		if (code || n->answered)
			return code;
		/* the one that gave way may have been a parent */
		if (n->older == 0)
			code = place_new(q, r, n, err);
	}
	if (code == 0)
		code = admit_new(q, n, out, err);
	return code ? code : enqueue_cancel(q, n, out->id, err);
}

static int
enqueue_one(struct enqueueing *q, const struct record *r,
	struct enqueue_result *out, struct err *err)
{
	struct new_row n = { .key = key_of(q, r) };
	struct type *t = q->last;
	int code = 0;

	out->id = 0;
	if (t == NULL || strlen(t->name) != r->type.n ||
	    memcmp(t->name, r->type.p, r->type.n) != 0)
		code = catalog_make_type(q->store, r->type, &t, err);
	if (code == 0)
		code = catalog_make_lane(q->store, t, turn_class(r->size),
		    r->priority, &n.lane, err);
	if (code)
		return code;
	q->last = t;
	code = place_new(q, r, &n, err);
	if (code == 0 && n.no_parent) {
		enqueue_refuse(q, &n, out, ENQUEUED_NO_PARENT,
		    n.no_parent);
		return 0;
	}
	if (code == 0 && q->options->unique_for && n.key.p) {
		code = unique_check(q, &n, out, err);
		if (code || n.answered)
			return code;
	}
	if (code == 0)
		code = enqueue_new(q, r, &n, out, err);
	/* A job that has not started stands for it: what a scan has offered
	 * has arrived.  (One that --unique-for finds may have.) */
	if (code == 0 && out->what <= ENQUEUED_REPLACED)
		code = offers_take(q->store, &q->offers, r->path, t->name,
		    err);
	return code;
}

/* Not taken, nor anything after it */
static bool
stops(const struct enqueue_result *r)
{
	return r->what == ENQUEUED_FULL || r->what == ENQUEUED_BLOCKED;
}

int
enqueue_records(struct store *s, const struct enqueue_options *o,
	const struct record *v, size_t *n, struct enqueue_result *results,
	struct err *err)
{
	struct enqueueing q = { .store = s, .options = o,
	    .offers.from = o->from };
	int code = 0;

	for (; q.done < *n; q.done++) {
		code = enqueue_one(&q, &v[q.done], &results[q.done], err);
		if (code || stops(&results[q.done]))
			break;
	}
	if (code == 0)
		code = offers_end(s, &q.offers, err);
	offers_release(&q.offers);
	free(q.waits);
	*n = q.done;
	return code;
}

static int
enqueue_once(struct store *s, const struct enqueue_options *o,
	const struct record *v, size_t *n, struct enqueue_result *results,
	const struct combined *c, struct err *err)
{
	bool was = false;
	int code = tx_begin(s, err);

	if (code)
		return code;
	if (c->before.seq)
		code = enqueue_was_combined(s, c, *n, results, n, &was, err);
	if (code == 0 && !was)
		code = reserve_spare(s, v, *n, err);
	if (code == 0 && !was)
		code = enqueue_records(s, o, v, n, results, err);
	if (was)
		tx_abort(s);
	else
		code = tx_end(s, code, err);
	return code;
}

/* c: what came of doing it together, when that was tried */
static int
enqueue_alone(struct store *s, const struct enqueue_options *o,
	const struct record *v, size_t n, struct enqueue_result *results,
	size_t *taken, const struct combined *c, struct err *err)
{
	size_t all = n;
	int code = enqueue_once(s, o, v, &n, results, c, err);

	while (code == UNIQUE_UNKNOWN) {
		code = unique_fill(s, v[n].type, o->unique_for, err);
		n = all;
		if (code == 0)
			code = enqueue_once(s, o, v, &n, results, c, err);
	}
	/* Every answer is on disk first, also "merged": the row that it names
	 * may be another's, not yet synced. */
	s->unsynced = true;
	if (code == 0)
		code = store_sync(s, err);
	if (code == 0)
		*taken = n;
	return code;
}

int
store_enqueue(struct store *s, const struct enqueue_options *o,
	const struct record *v, size_t n, struct enqueue_result *results,
	size_t *taken, struct err *err)
{
	struct combined c = { .answered = false };
	int code;

	*taken = 0;
	if (!queue_is_open(s) && !mail_served(&s->mail, s->turn.fd)) {
		code = queue_open(s, err);
		if (code)
			return code;
	}
	/* Alone, nothing is shared; where there were others the last time the
	 * turn is not even tried for. */
	if (!queue_is_open(s) || s->mail.crowded || !turnstile_try(&s->turn))
		enqueue_combined(s, o, v, n, results, &c, err);
	if (!c.answered)
		c.code = enqueue_alone(s, o, v, n, results, &c.taken, &c, err);
	log_close(s);
	if (c.code == 0)
		*taken = c.taken;
	return c.code;
}
