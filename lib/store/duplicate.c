/* A record whose key another job already has. */
#include "store/enqueue.h"
#include "store/frozen.h"

struct holder {
	int64_t id;
	struct lane *lane;
	enum state state;
	int64_t created, run_at, attempt, older, event;
};

static int
find_holder(struct enqueueing *q, struct new_row *n, struct holder *h,
	struct err *err)
{
	struct query rows;
	int code = db_start(&rows, &q->store->db, SQL_JOB_BY_KEY, err, "ib",
	    n->lane->type->id, n->key);
	int got;

	h->id = 0;
	if (code)
		return code;
	got = db_row(&rows, err);
	if (got < 0)
		return err->code;
	if (got == 0)
		return 0;
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

/* When the merged job may start: earlier of the two, or put off by the
 * debounce, but not for ever. */
static int64_t
merged_run_at(const struct enqueueing *q, const struct record *r,
	const struct holder *h)
{
	int64_t at = enqueue_run_at(q, r);
	int64_t last = h->created + q->options->max_delay;

	if (q->options->debounce)
		return q->options->max_delay && at > last ? last : at;
	if (q->options->on_duplicate == DUPLICATE_REPLACE)
		return at;
	return at < h->run_at ? at : h->run_at;
}

static enum state
merged_state(const struct holder *h, int64_t run_at, int64_t now)
{
	if (h->state == STATE_WAITING)
		return STATE_WAITING;
	return run_at > now ? STATE_DELAYED : STATE_READY;
}

static int
write_merge(struct enqueueing *q, const struct record *r, struct holder *h,
	struct lane *lane, enum state state, int64_t run_at, struct err *err)
{
	struct store *s = q->store;
	int64_t eligible = state == STATE_READY ? s->tx.now : INT64_C(0);
	int64_t mtime = r->mtime == RECORD_UNSET ? INT64_MIN : r->mtime;
	bool own_path;

	if (q->options->on_duplicate == DUPLICATE_SKIP)
		return db_run(&s->db, SQL_JOB_MERGE, err, "iiizzzu", h->id,
		    lane->id, (int64_t)state, run_at, (int64_t)r->event,
		    eligible, mtime);
	own_path = r->path.p && !bytes_equal(r->path, r->key.p ? r->key :
	    r->path);
	return db_run(&s->db, SQL_JOB_REPLACE, err, "iiizzzbzouzzzbx", h->id,
	    lane->id, (int64_t)state, run_at, (int64_t)r->event, eligible,
	    own_path ? r->path : BYTES_NONE, (int64_t)(r->path.p == NULL),
	    r->size == RECORD_UNSET ? INT64_C(-1) : r->size, mtime,
	    (int64_t)r->max_attempts,
	    r->timeout == RECORD_UNSET ? INT64_C(0) : r->timeout,
	    (int64_t)q->options->on_parent_failure, r->group, r->payload);
}

static int
merge(struct enqueueing *q, const struct record *r, struct new_row *n,
	struct holder *h, struct enqueue_result *out, struct err *err)
{
	struct store *s = q->store;
	bool replace = q->options->on_duplicate == DUPLICATE_REPLACE;
	int64_t run_at = merged_run_at(q, r, h);
	enum state state = merged_state(h, run_at, s->tx.now);
	struct lane *lane = n->lane;
	int code;

	out->id = h->id;
	out->what = replace ? ENQUEUED_REPLACED : ENQUEUED_MERGED;
	n->answered = true;
	tx_count(s, n->lane->type, METRIC_MERGED, 1);
	if (!replace && h->lane->priority < lane->priority)
		lane = h->lane;
	if (!replace && lane == h->lane && state == h->state &&
	    run_at == h->run_at && (r->event == EVENT_NONE ||
	    (int64_t)r->event == h->event))
		return 0;
	tx_relane(h->lane, lane, h->state);
	code = tx_move(s, tx_event(s, KIND_MERGE), h->id, lane, h->state,
	    VERB_DEFER, state, REASON_NONE, 0, 0, err);
	return code ? code : write_merge(q, r, h, lane, state, run_at, err);
}

/* A job of the key was started before: running, or in quarantine, or about to
 * run again. */
static int
follow(struct enqueueing *q, struct new_row *n, struct holder *h,
	struct err *err)
{
	struct store *s = q->store;
	enum state was;
	bool done, runs;
	int code;

	if (h->state != STATE_RUNNING && h->state != STATE_QUARANTINED) {
		/* what it was to do again, the new one will do: also for
		 * those that wait for it */
		code = db_run(&s->db, SQL_DEPENDENCY_MOVE, err, "ii", h->id,
		    s->tx.next_job);
		return code ? code : settle_pending(s, h->id, VERB_SUPERSEDE,
		    REASON_SUPERSEDED, KIND_FINISH, &was, &done, err);
	}
	n->older = h->id;
	code = job_older_runs(s, h->id, &runs, err);
	if (runs)
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
	int code = find_holder(q, n, &h, err);

	if (code)
		return code;
	if (h.id == 0)
		return full ? 0 : err_set(err, EX_SOFTWARE, "insert job %lld: "
		    "its id exists already", (long long)q->store->tx.next_job);
	if (h.state <= STATE_WAITING && h.attempt == 0) {
		if (q->options->on_duplicate != DUPLICATE_FAIL)
			return merge(q, r, n, &h, out, err);
		n->answered = true;
		out->id = h.id;
		out->what = ENQUEUED_DUPLICATE;
		tx_count(q->store, n->lane->type, METRIC_REJECTED, 1);
		return 0;
	}
	return full ? 0 : follow(q, n, &h, err);
}

/* The first --unique-for of a type makes it remember its keys from now on;
 * what is still known is looked up once. */
static int
remember(struct enqueueing *q, struct type *t, struct err *err)
{
	struct store *s = q->store;
	int64_t span = q->options->unique_for;
	int code;

	if (t->remember >= span)
		return 0;
	code = db_run(&s->db, SQL_SEEN_EMPTY, err, "i", t->id);
	if (code == 0)
		code = db_run(&s->db, SQL_SEEN_FILL_ENDED, err, "ii", t->id,
		    s->tx.now - span);
	if (code == 0)
		code = db_run(&s->db, SQL_SEEN_FILL_LIVE, err, "i", t->id);
	if (code == 0)
		code = db_run(&s->db, SQL_TYPE_REMEMBER, err, "ii", t->id,
		    span);
	t->remember = span;
	s->tx.regenerate = true;
	return code;
}

static int
forget_old(struct enqueueing *q, struct err *err)
{
	int64_t span = 0;

	for (size_t i = 0; i < q->store->catalog.ntypes; i++)
		if (q->store->catalog.types[i]->remember > span)
			span = q->store->catalog.types[i]->remember;
	return db_run(&q->store->db, SQL_SEEN_PRUNE, err, "i",
	    q->store->tx.now - span);
}

int
unique_check(struct enqueueing *q, struct new_row *n,
	struct enqueue_result *out, struct err *err)
{
	struct type *t = n->lane->type;
	struct query rows;
	int64_t id = 0, created = 0, unstarted;
	int code = remember(q, t, err), got;

	if (code == 0)
		code = forget_old(q, err);
	if (code == 0)
		code = db_start(&rows, &q->store->db, SQL_SEEN_FIND, err,
		    "ib", t->id, n->key);
	if (code)
		return code;
	got = db_row(&rows, err);
	if (got < 0)
		return err->code;
	if (got == 1) {
		id = db_column_int(&rows, 0);
		created = db_column_int(&rows, 1);
		db_end(&rows);
	}
	if (id == 0 || created < q->store->tx.now - q->options->unique_for)
		return 0;
	/* one that never started is --on-duplicate's business */
	code = db_int(&q->store->db, SQL_JOB_UNSTARTED, &unstarted, 0, err,
	    "i", id);
	if (code || unstarted)
		return code;
	n->answered = true;
	out->id = id;
	out->what = q->options->on_duplicate == DUPLICATE_FAIL ?
	    ENQUEUED_DUPLICATE : ENQUEUED_MERGED;
	tx_count(q->store, t, out->what == ENQUEUED_MERGED ? METRIC_MERGED :
	    METRIC_REJECTED, 1);
	return 0;
}
