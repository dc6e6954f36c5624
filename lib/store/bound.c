/* How many jobs of a type may be pending, and what becomes of one more. */
#include "store/enqueue.h"

static void
add_pending(struct type *t, int64_t n)
{
	for (; t; t = t->parent)
		t->pending += n;
}

void
enqueue_pending(struct enqueueing *q, struct type *t, int64_t n)
{
	if (q->counted)
		add_pending(t, n);
}

/* Once per call, from the lanes and what this transaction adds to them; then
 * kept up. */
static int
count_pending(struct enqueueing *q, struct err *err)
{
	struct catalog *c = &q->store->catalog;
	struct query rows;
	int code, got;

	if (q->counted)
		return 0;
	for (size_t i = 0; i < c->ntypes; i++)
		c->types[i]->pending = 0;
	for (size_t i = 0; i < c->nlanes; i++)
		add_pending(c->lanes[i]->type, c->lanes[i]->delta[STATE_READY] +
		    c->lanes[i]->delta[STATE_DELAYED] +
		    c->lanes[i]->delta[STATE_WAITING]);
	code = db_start(&rows, &q->store->db, SQL_BACKLOG_LANES, err, "");
	if (code)
		return code;
	while ((got = db_row(&rows, err)) == 1) {
		struct lane *l = catalog_lane(q->store,
		    db_column_int(&rows, 0));
		int64_t n = db_column_int(&rows, 1) +
		    db_column_int(&rows, 2) + db_column_int(&rows, 3);
		add_pending(l ? l->type : NULL, n);
	}
	q->counted = got == 0;
	return got < 0 ? err->code : 0;
}

/* A bound on a parent is one on the sum of its children, also of those that
 * have none themselves. */
int
enqueue_full_by(struct enqueueing *q, struct type *t, struct type **by,
	int64_t *bound, struct err *err)
{
	struct type *of = t;
	struct setting_value v;

	*by = NULL;
	for (; of; of = of->parent) {
		int code;

		if ((of != t && of->set[SET_MAX_QUEUE] == NULL) ||
		    !setting_number(q->store, of, SET_MAX_QUEUE, &v) ||
		    v.i == 0)
			continue;
		code = count_pending(q, err);
		if (code)
			return code;
		if (of->pending >= v.i) {
			*by = of;
			*bound = v.i;
			return 0;
		}
	}
	return 0;
}

int
enqueue_bound(struct enqueueing *q, struct type *t, bool *full, struct err *err)
{
	int64_t bound = q->options->max_queue;
	struct type *by = NULL;
	int code;

	*full = false;
	if (bound == STORE_UNBOUNDED)
		return 0;
	if (bound == 0) {
		code = enqueue_full_by(q, t, &by, &bound, err);
		*full = by != NULL;
		return code;
	}
	code = count_pending(q, err);
	*full = code == 0 && t->pending >= bound;
	return code;
}

/* Once for all that is dropped, and once for each wait */
static void
count_full(struct enqueueing *q, struct type *t)
{
	if (!q->met_full && !(q->options->blocked && q->done == 0))
		tx_count(q->store, t, METRIC_BACKPRESSURE, 1);
	q->met_full = true;
}

int
enqueue_full(struct enqueueing *q, const struct record *r, struct new_row *n,
	struct enqueue_result *out, struct err *err)
{
	enum on_full policy = q->options->on_full;
	struct setting_value v;
	int code = n->key.p ? duplicate_resolve(q, r, n, true, out, err) : 0;

	if (code || n->answered)
		return code;
	count_full(q, n->lane->type);
	if (policy == FULL_SETTING)
		policy = setting_number(q->store, n->lane->type, SET_ON_FULL,
		    &v) ? (enum on_full)v.choice : FULL_BLOCK;
	out->what = policy == FULL_DROP ? ENQUEUED_DROPPED :
	    policy == FULL_FAIL ? ENQUEUED_FULL : ENQUEUED_BLOCKED;
	if (policy == FULL_DROP)
		tx_count(q->store, n->lane->type, METRIC_DROPPED, 1);
	return 0;
}

static int
look_for_room(struct store *s, const struct enqueue_options *o,
	struct bytes type, bool *room, struct err *err)
{
	struct enqueueing q = { .store = s, .options = o };
	bool full = false;
	struct type *t;
	int code = read_begin(s, err);

	if (code)
		return code;
	t = catalog_find(s, type.p, type.n);
	if (t)
		code = enqueue_bound(&q, t, &full, err);
	read_end(s);
	*room = code == 0 && !full;
	return code;
}

int
store_wait_for_room(struct store *s, const struct enqueue_options *o,
	struct bytes type, int64_t timeout, bool *room, struct err *err)
{
	int code = look_for_room(s, o, type, room, err);

	if (code || *room)
		return code;
	sleep_until_change(s, timeout);
	return look_for_room(s, o, type, room, err);
}
