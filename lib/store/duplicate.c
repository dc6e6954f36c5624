/* A record whose key another job already has. */
#include "store/enqueue.h"
#include "store/frozen.h"

int
holder_find(struct enqueueing *q, const struct new_row *n,
	struct holder *h, struct err *err)
{
	struct query rows;
	int got = db_first(&rows, &q->store->db, SQL_JOB_BY_KEY, err, "ib",
	    n->lane->type->id, n->key);

	h->id = 0;
	if (got <= 0)
		return got < 0 ? err->code : 0;
	h->id = db_column_int(&rows, 0);
	h->lane = catalog_lane(q->store, db_column_int(&rows, 1));
	h->state = (enum state)db_column_int(&rows, 2);
	h->created = db_column_int(&rows, 3);
	h->run_at = db_column_or(&rows, 4, 0);
	h->attempt = db_column_int(&rows, 5);
	h->older = db_column_or(&rows, 6, 0);
	h->event = db_column_or(&rows, 7, EVENT_NONE);
	db_end(&rows);
	if (h->lane == NULL)
		return err_set(err, EX_SOFTWARE, "use job %lld: its lane does "
		    "not exist", (long long)h->id);
	return 0;
}

bool
holder_unstarted(const struct holder *h)
{
	return h->state <= STATE_WAITING && h->attempt == 0;
}

/* When the record lets the job start: put off by the debounce, but not for
 * ever */
static int64_t
run_at_of(const struct enqueueing *q, const struct record *r,
	const struct holder *h)
{
	int64_t delay = q->options->max_delay;

	return enqueue_run_at(q, r, delay ? clock_after(h->created, delay) :
	    0);
}

static enum state
place(const struct enqueueing *q, bool waits, int64_t run_at)
{
	return waits ? STATE_WAITING : run_at > q->store->tx.now ?
	    STATE_DELAYED : STATE_READY;
}

static int
write_replaced(struct enqueueing *q, const struct record *r,
	const struct holder *h, struct lane *lane, enum state state,
	int64_t run_at, struct err *err)
{
	struct store *s = q->store;
	bool own_path = r->path.p && !bytes_equal(r->path, r->key.p ? r->key :
	    r->path);
	int code = db_run(&s->db, SQL_JOB_REPLACE, err, "iiizzzbzouzzzbx",
	    h->id, lane->id, (int64_t)state, run_at, (int64_t)r->event,
	    state == STATE_READY ? s->tx.now : INT64_C(0),
	    own_path ? r->path : BYTES_NONE, (int64_t)(r->path.p == NULL),
	    r->size == RECORD_UNSET ? INT64_C(-1) : r->size,
	    r->mtime == RECORD_UNSET ? INT64_MIN : r->mtime,
	    (int64_t)r->max_attempts,
	    r->timeout == RECORD_UNSET ? INT64_C(0) : r->timeout,
	    (int64_t)q->options->on_parent_failure, r->group, r->payload);

	if (code == 0)
		code = db_run(&s->db, SQL_DEPENDENCY_DELETE_JOB, err, "i",
		    h->id);
	return code ? code : parents_write(q, h->id, err);
}

static int
write_merged(struct enqueueing *q, const struct record *r,
	const struct holder *h, struct lane *lane, enum state state,
	int64_t run_at, struct err *err)
{
	struct store *s = q->store;

	return db_run(&s->db, SQL_JOB_MERGE, err, "iiizzzu", h->id, lane->id,
	    (int64_t)state, run_at, (int64_t)r->event,
	    state == STATE_READY ? s->tx.now : INT64_C(0),
	    r->mtime == RECORD_UNSET ? INT64_MIN : r->mtime);
}

/* Moves the job to the place that is its own now. */
static int
place_merged(struct enqueueing *q, const struct holder *h, struct lane *lane,
	enum state state, struct err *err)
{
	struct store *s = q->store;

	tx_relane(h->lane, lane, h->state);
	return tx_move(s, tx_event(s, KIND_MERGE), h->id, lane, h->state,
	    VERB_DEFER, state, REASON_NONE, 0, 0, err);
}

static int
merge(struct enqueueing *q, const struct record *r, struct new_row *n,
	const struct holder *h, struct enqueue_result *out, struct err *err)
{
	int64_t run_at = run_at_of(q, r, h);
	struct lane *lane = h->lane;
	enum state state;
	int code = 0;

	/* the earlier of both, unless each repeat puts it off */
	if (!q->options->debounce && run_at > h->run_at)
		run_at = h->run_at;
	/* whom it waits for it goes on to wait for */
	state = place(q, h->state == STATE_WAITING, run_at);
	out->id = h->id;
	out->what = ENQUEUED_MERGED;
	n->answered = true;
	tx_count(q->store, n->lane->type, METRIC_MERGED, 1);
	/* its size stays what it was */
	if (n->lane->priority < lane->priority)
		code = catalog_make_lane(q->store, lane->type, lane->class,
		    n->lane->priority, &lane, err);
	if (code)
		return code;
	if (lane == h->lane && state == h->state && run_at == h->run_at &&
	    (r->event == EVENT_NONE || (int64_t)r->event == h->event))
		return 0;
	code = place_merged(q, h, lane, state, err);
	return code ? code : write_merged(q, r, h, lane, state, run_at, err);
}

static int
replace(struct enqueueing *q, const struct record *r, struct new_row *n,
	const struct holder *h, struct enqueue_result *out, struct err *err)
{
	int64_t run_at = run_at_of(q, r, h), running;
	enum state state;
	bool circle;
	int code = parents_circle(q, n, true, &circle, err);

	if (code == 0 && circle) {
		enqueue_refuse(q, n, out, ENQUEUED_CIRCLE, h->id);
		return 0;
	}
	if (code == 0)
		code = job_older_runs(q->store, h->older, &running, err);
	if (code)
		return code;
	state = place(q, running || q->nwaits, run_at);
	out->id = h->id;
	out->what = ENQUEUED_REPLACED;
	n->answered = true;
	tx_count(q->store, n->lane->type, METRIC_MERGED, 1);
	code = place_merged(q, h, n->lane, state, err);
	if (code == 0)
		code = write_replaced(q, r, h, n->lane, state, run_at, err);
	return code ? code : enqueue_cancel(q, n, h->id, err);
}

/* A job of the key was started before: running, or in quarantine, or about to
 * run again. */
static int
follow(struct enqueueing *q, struct new_row *n, const struct holder *h,
	struct enqueue_result *out, struct err *err)
{
	struct store *s = q->store;
	bool done, circle;
	int64_t running;
	enum state was;
	int code = parents_circle(q, n, false, &circle, err);

	if (code == 0 && circle)
		enqueue_refuse(q, n, out, ENQUEUED_CIRCLE, h->id);
	if (code || circle)
		return code;
	/* what it was to do again, the new one will do */
	if (h->state != STATE_RUNNING && h->state != STATE_QUARANTINED) {
		enqueue_pending(q, n->lane->type, -1);
		return settle_pending(s, h->id, &(struct farewell){
		    VERB_SUPERSEDE, REASON_SUPERSEDED, KIND_FINISH,
		    s->tx.next_job }, &was, &done, err);
	}
	n->older = h->id;
	code = job_older_runs(s, h->id, &running, err);
	if (running)
		n->state = STATE_WAITING;
	return code ? code : db_run(&s->db, SQL_JOB_NEWER, err, "iz", h->id,
	    s->tx.next_job);
}

int
duplicate_resolve(struct enqueueing *q, const struct record *r,
	struct new_row *n, bool full, struct enqueue_result *out,
	struct err *err)
{
	struct holder h;
	int code = holder_find(q, n, &h, err);

	if (code)
		return code;
	if (h.id == 0)
		return full ? 0 : err_set(err, EX_SOFTWARE, "insert job %lld: "
		    "its id exists already", (long long)q->store->tx.next_job);
	if (!holder_unstarted(&h))
		return full ? 0 : follow(q, n, &h, out, err);
	if (q->options->on_duplicate == DUPLICATE_REPLACE)
		return replace(q, r, n, &h, out, err);
	if (q->options->on_duplicate == DUPLICATE_SKIP)
		return merge(q, r, n, &h, out, err);
	enqueue_refuse(q, n, out, ENQUEUED_DUPLICATE, h.id);
	return 0;
}
