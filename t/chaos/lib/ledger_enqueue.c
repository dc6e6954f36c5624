/* What becomes of a record. */
#include <string.h>

#include "base/buf.h"
#include "ledger.h"

struct arriving {
	struct ledger *ledger;
	const struct enqueue_options *options;
	const struct ledger_record *record;
	struct ledger_job job;	/* as it would be */
	int64_t parents[2];
	size_t nparents;
	int64_t missing;	/* a parent that there is not */
	bool cancel;		/* one has failed */
};

/* What is left of a parent: the job that did, or does, its work; NULL: there
 * never was one, or it is forgotten. */
static struct ledger_job *
heir(struct ledger *l, int64_t id)
{
	struct ledger_job *j = ledger_job(l, id), *next;

	while (j && !ledger_is_live(j) && j->newer &&
	    (next = ledger_job(l, j->newer)))
		j = next;
	return j;
}

static void
look_at_parents(struct arriving *a)
{
	enum on_parent_failure failure = a->options->on_parent_failure;

	a->nparents = 0;
	a->missing = 0;
	a->cancel = false;
	for (size_t i = 0; i < a->record->nafter; i++) {
		int64_t id = a->record->after[i];
		const struct ledger_job *p = heir(a->ledger, id);
		bool failed = p && (p->state == STATE_CANCELLED ||
		    p->state == STATE_QUARANTINED);

		/* the record itself does the work of that one */
		if (p && !ledger_is_live(p) && p->newer == a->ledger->next)
			continue;
		if (p == NULL)
			a->missing = id;
		else if (failed && failure == PARENT_CANCEL)
			a->cancel = true;
		else if (p->state != STATE_SUCCEEDED &&
		    (!failed || failure == PARENT_WAIT) &&
		    (a->nparents == 0 || a->parents[0] != p->id))
			a->parents[a->nparents++] = p->id;
	}
}

/* Whether a job of the record's key is among those that id waits for, or
 * (itself) is it. */
static bool
leads_to_key(struct arriving *a, int64_t id, bool itself)
{
	const struct ledger_job *j = ledger_job(a->ledger, id);

	if (j == NULL || !ledger_is_live(j))
		return false;
	if (itself && j->type == a->job.type && j->key == a->job.key)
		return true;
	for (size_t i = 0; i < j->nparents; i++)
		if (leads_to_key(a, j->parents[i], true))
			return true;
	return false;
}

static bool
is_circle(struct arriving *a, bool itself)
{
	for (size_t i = 0; i < a->nparents; i++)
		if (leads_to_key(a, a->parents[i], itself))
			return true;
	return false;
}

/* latest: of the debounce, 0: no bound */
static int64_t
run_at_of(const struct arriving *a, int64_t latest)
{
	int64_t now = a->ledger->now, at = 0, settled = 0;

	if (a->options->debounce)
		settled = now + a->options->debounce;
	if (latest && settled > latest)
		settled = latest;
	if (a->record->run_at)
		at = a->record->run_at;
	else if (a->record->delay)
		at = now + a->record->delay;
	if (at < settled)
		at = settled;
	return at > now ? at : 0;
}

static void
take_parents(struct arriving *a, struct ledger_job *j)
{
	j->parents = mem_grow(j->parents, 8, sizeof(*j->parents));
	memcpy(j->parents, a->parents, a->nparents * sizeof(*a->parents));
	j->nparents = a->nparents;
	j->failure = a->options->on_parent_failure;
}

static int64_t
pending_of(const struct ledger *l, int type)
{
	int64_t n = 0;

	for (size_t i = 0; i < l->nlive; i++) {
		const struct ledger_job *j = &l->jobs[l->live[i]];

		n += ledger_is_pending(j) && ledger_within(l, j->type, type);
	}
	return n;
}

static bool
is_full(const struct arriving *a)
{
	int t = a->record->type;

	if (a->options->max_queue == STORE_UNBOUNDED)
		return false;
	if (a->options->max_queue)
		return pending_of(a->ledger, t) >= a->options->max_queue;
	for (; t != LEDGER_NOBODY; t = a->ledger->types[t].parent) {
		int64_t most = a->ledger->types[t].max_queue;

		if (most && pending_of(a->ledger, t) >= most)
			return true;
	}
	return false;
}

static struct enqueue_result
merge(struct arriving *a, struct ledger_job *j)
{
	int64_t most = a->options->max_delay;
	int64_t at = run_at_of(a, most ? j->created + most : 0);

	if (a->options->debounce || at < j->run_at)
		j->run_at = at;
	if (a->job.priority < j->priority)
		j->priority = a->job.priority;
	if (j->state != STATE_WAITING)
		j->state = j->run_at > a->ledger->now ? STATE_DELAYED :
		    STATE_READY;
	return (struct enqueue_result){ j->id, ENQUEUED_MERGED };
}

static struct enqueue_result
replace(struct arriving *a, struct ledger_job *j)
{
	int64_t most = a->options->max_delay;

	if (is_circle(a, true))
		return (struct enqueue_result){ j->id, ENQUEUED_CIRCLE };
	j->run_at = run_at_of(a, most ? j->created + most : 0);
	j->priority = a->job.priority;
	j->class = a->job.class;
	j->path = a->job.path;
	j->max_attempts = a->job.max_attempts;
	take_parents(a, j);
	ledger_place(a->ledger, j);
	if (a->cancel)
		ledger_settle(a->ledger, j, STATE_CANCELLED,
		    REASON_DEPENDENCY_FAILURE, 0);
	return (struct enqueue_result){ j->id, ENQUEUED_REPLACED };
}

static struct enqueue_result
add(struct arriving *a)
{
	struct ledger *l = a->ledger;
	struct ledger_job *j;

	if (l->next >= l->cap) {
		l->cap = l->cap * 2 + 64;
		l->jobs = mem_grow(l->jobs, (size_t)l->cap, sizeof(*l->jobs));
		l->live = mem_grow(l->live, (size_t)l->cap, sizeof(*l->live));
		l->news = mem_grow(l->news, (size_t)l->cap, sizeof(*l->news));
	}
	j = &l->jobs[l->next];
	*j = a->job;
	j->id = l->next++;
	j->created = l->now;
	j->run_at = run_at_of(a, 0);
	l->live[l->nlive++] = j->id;
	take_parents(a, j);
	ledger_place(l, j);
	if (a->cancel)
		ledger_settle(l, j, STATE_CANCELLED,
		    REASON_DEPENDENCY_FAILURE, 0);
	return (struct enqueue_result){ j->id, ENQUEUED_NEW };
}

/* The newest one that has its key: what a circle is told of */
static int64_t
newest_of_key(struct arriving *a)
{
	struct ledger_job *p = ledger_of_key(a->ledger, &a->job, false);

	return p ? p->id : -1;
}

static bool
key_lives(struct arriving *a)
{
	const struct ledger *l = a->ledger;

	for (size_t i = 0; i < l->nlive && a->job.key != LEDGER_NOBODY; i++) {
		const struct ledger_job *j = &l->jobs[l->live[i]];

		if (j->type == a->job.type && j->key == a->job.key)
			return true;
	}
	return false;
}

struct enqueue_result
ledger_enqueue(struct ledger *l, const struct enqueue_options *o,
	const struct ledger_record *r)
{
	struct arriving a = { .ledger = l, .options = o, .record = r,
	    .job = { .type = r->type, .path = r->path,
	    .key = o->no_key || o->on_duplicate == DUPLICATE_ALLOW ?
	    LEDGER_NOBODY : r->key, .priority = r->priority,
	    .class = r->class, .max_attempts = r->max_attempts,
	    .ordered = JOB_RETRY } };
	struct ledger_job *pending = ledger_of_key(l, &a.job, false);
	bool stands = pending && pending->attempt == 0;

	look_at_parents(&a);
	if (a.missing)
		return (struct enqueue_result){ a.missing,
		    ENQUEUED_NO_PARENT };
	if (stands && o->on_duplicate == DUPLICATE_FAIL)
		return (struct enqueue_result){ pending->id,
		    ENQUEUED_DUPLICATE };
	if (stands && o->on_duplicate == DUPLICATE_REPLACE)
		return replace(&a, pending);
	if (stands)
		return merge(&a, pending);
	if (is_full(&a))
		return (struct enqueue_result){ 0, o->on_full == FULL_DROP ?
		    ENQUEUED_DROPPED : o->on_full == FULL_FAIL ?
		    ENQUEUED_FULL : ENQUEUED_BLOCKED };
	if (key_lives(&a) && is_circle(&a, false))
		return (struct enqueue_result){ newest_of_key(&a),
		    ENQUEUED_CIRCLE };
	/* what was to run again the new one does */
	if (pending) {
		ledger_settle(l, pending, STATE_CANCELLED, REASON_SUPERSEDED,
		    l->next);
		look_at_parents(&a);
	}
	return add(&a);
}
