/* Jobs, their keys, and whom they wait for. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "ledger.h"

void
ledger_release(struct ledger *l)
{
	for (int64_t id = 1; id < l->next; id++)
		free(l->jobs[id].parents);
	free(l->jobs);
	free(l->live);
	free(l->news);
	l->jobs = NULL;
	l->live = l->news = NULL;
	l->next = l->cap = 0;
	l->nlive = l->nnews = 0;
}

struct ledger_job *
ledger_job(struct ledger *l, int64_t id)
{
	return id > 0 && id < l->next && l->jobs[id].id ? &l->jobs[id] : NULL;
}

bool
ledger_is_pending(const struct ledger_job *j)
{
	return j->state == STATE_READY || j->state == STATE_DELAYED ||
	    j->state == STATE_WAITING;
}

bool
ledger_is_live(const struct ledger_job *j)
{
	return ledger_is_pending(j) || j->state == STATE_RUNNING ||
	    j->state == STATE_QUARANTINED;
}

bool
ledger_is_waited_for(struct ledger *l, int64_t id)
{
	for (size_t i = 0; i < l->nlive; i++) {
		const struct ledger_job *j = &l->jobs[l->live[i]];

		for (size_t k = 0; k < j->nparents; k++)
			if (j->parents[k] == id)
				return true;
	}
	return false;
}

struct ledger_job *
ledger_of_key(struct ledger *l, const struct ledger_job *j, bool running)
{
	for (size_t i = 0; i < l->nlive && j->key != LEDGER_NOBODY; i++) {
		struct ledger_job *o = &l->jobs[l->live[i]];

		if (o->id != j->id && o->key == j->key && o->type == j->type &&
		    (running ? o->state == STATE_RUNNING :
		    ledger_is_pending(o)))
			return o;
	}
	return NULL;
}

bool
ledger_within(const struct ledger *l, int t, int above)
{
	while (t != above && t != LEDGER_NOBODY)
		t = l->types[t].parent;
	return t == above;
}

void
ledger_place(struct ledger *l, struct ledger_job *j)
{
	if (j->nparents || ledger_of_key(l, j, true))
		j->state = STATE_WAITING;
	else
		j->state = j->run_at > l->now ? STATE_DELAYED : STATE_READY;
}

void
ledger_promote(struct ledger *l)
{
	for (size_t i = 0; i < l->nlive; i++) {
		struct ledger_job *j = &l->jobs[l->live[i]];

		if (j->state == STATE_DELAYED && j->run_at <= l->now)
			ledger_place(l, j);
	}
}

static void
drop_parent(struct ledger_job *j, int64_t parent)
{
	for (size_t i = 0; i < j->nparents; i++)
		if (j->parents[i] == parent) {
			j->parents[i] = j->parents[--j->nparents];
			return;
		}
}

static bool
has_parent(const struct ledger_job *j, int64_t parent)
{
	for (size_t i = 0; i < j->nparents; i++)
		if (j->parents[i] == parent)
			return true;
	return false;
}

/* Whoever waits for it waits for the other one now. */
static void
hand_over(struct ledger *l, int64_t id, int64_t newer)
{
	for (size_t i = 0; i < l->nlive; i++) {
		struct ledger_job *j = &l->jobs[l->live[i]];

		if (!has_parent(j, id))
			continue;
		drop_parent(j, id);
		if (j->id != newer && !has_parent(j, newer))
			j->parents[j->nparents++] = newer;
	}
}

static void
tell_child(struct ledger *l, struct ledger_job *j, int64_t parent,
	bool succeeded)
{
	if (!succeeded && j->failure == PARENT_WAIT)
		return;
	if (!succeeded && j->failure == PARENT_CANCEL) {
		if (ledger_is_pending(j))
			ledger_settle(l, j, STATE_CANCELLED,
			    REASON_DEPENDENCY_FAILURE, 0);
		return;
	}
	drop_parent(j, parent);
	if (j->state == STATE_WAITING)
		ledger_place(l, j);
}

static void
tell_children(struct ledger *l, int64_t parent)
{
	bool succeeded = l->jobs[parent].state == STATE_SUCCEEDED;

	for (int64_t id = 1; id < l->next; id++) {
		struct ledger_job *j = ledger_job(l, id);

		if (j && ledger_is_live(j) && has_parent(j, parent))
			tell_child(l, j, parent, succeeded);
	}
}

static int
by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

void
ledger_hear(struct ledger *l)
{
	while (l->nnews) {
		int64_t parent;

		qsort(l->news, l->nnews, sizeof(*l->news), by_id);
		parent = l->news[0];
		memmove(l->news, l->news + 1, --l->nnews * sizeof(*l->news));
		tell_children(l, parent);
	}
}

static void
bury(struct ledger *l, struct ledger_job *j)
{
	for (size_t i = 0; i < l->nlive; i++)
		if (l->live[i] == j->id) {
			l->live[i] = l->live[--l->nlive];
			break;
		}
	j->nparents = 0;
	j->finished = l->now;
}

void
ledger_settle(struct ledger *l, struct ledger_job *j, enum state to,
	enum reason reason, int64_t newer)
{
	bool ran = j->state == STATE_RUNNING;
	struct ledger_job *other;

	j->state = to;
	j->reason = reason;
	j->newer = newer;
	j->unstarted = !ran;
	if (to != STATE_QUARANTINED)
		bury(l, j);
	if (newer)
		hand_over(l, j->id, newer);
	other = ran ? ledger_of_key(l, j, false) : NULL;
	if (other && other->state == STATE_WAITING)
		ledger_place(l, other);
	l->news[l->nnews++] = j->id;
}
