/* Jobs that have ended, until they have been handed in. */
#include <inttypes.h>

#include "base/buf.h"
#include "engine/worker_state.h"

void
attempt_ended(struct worker *w, struct attempt *a)
{
	if (a->order == ORDER_NONE && !a->apart)
		a->order = a->slot->order;
	if (a->started == 0)
		w->waiting--;
	else if (coproc_looks(a->slot))
		attempt_measure(a);
	if (a->started != 0 && w->config.then != NULL)
		attempt_then(a, w->config.then);
	if (w->ended.n == 0)
		w->ended_since = w->now;
	hand_add(&w->ended, a);
}

void
slot_keep(struct worker *w, struct slot *s, size_t n)
{
	struct hand all = s->run.hand, *kept = &s->run.hand;
	struct attempt *a;

	*kept = (struct hand){ 0 };
	while ((a = hand_take(&all)) != NULL) {
		/* one that was started is in somebody's hands until that
		 * has ended, whatever is wanted of it */
		if (kept->n < n && (a->order == ORDER_NONE ||
		    a->started > 0)) {
			hand_add(kept, a);
			continue;
		}
		if (a->order == ORDER_NONE)
			a->order = ORDER_RELEASE;
		attempt_ended(w, a);
	}
}

void
slot_ended(struct worker *w, struct slot *s)
{
	struct attempt *a;

	while ((a = hand_take(&s->run.hand)) != NULL)
		attempt_ended(w, a);
	if (s->held > 0)
		slot_enter(w, s, SLOT_ENDED);
	else
		slot_free(w, s);
}

void
attempt_refuse(struct worker *w, struct attempt *a, const char *why)
{
	a->status = RUN_UNSAYABLE;
	a->apart = true;
	a->started = a->finished = clock_wall(&clock_system);
	buf_adds(&attempt_answer(a)->error, why);
	w->waiting--;
	w->tally->started++;
	worker_say(w, "job %" PRId64 ": %s", a->job.id, why);
	attempt_ended(w, a);
}

/* ---- handing in ---- */

/* What co-processes have used since the last time */
static void
count_usage(struct worker *w)
{
	for (size_t i = 0; i < w->nslots && w->o->coprocess; i++)
		if (slot_lives(w->slots[i]))
			coproc_count(w, w->slots[i]);
}

static void
end_of(const struct worker *w, const struct attempt *a,
	struct attempt_end *e)
{
	run_end(&a->slot->run, a, &w->conditions, e);
	switch (a->order) {
	case ORDER_CANCEL:
		e->outcome = OUTCOME_CANCELLED;
		e->reason = REASON_OPERATOR;
		break;
	case ORDER_RELEASE:
		e->outcome = OUTCOME_RELEASED;
		e->reason = REASON_RELEASED;
		break;
	default:
		break;
	}
}

static void
attempt_done(struct worker *w, struct attempt *a)
{
	struct slot *s = a->slot;

	lots_return(&w->lots, a);
	if (--s->held == 0 && s->stage == SLOT_ENDED)
		slot_free(w, s);
}

static bool
is_forgotten(const struct attempt *a)
{
	return a->order == ORDER_FORGET || a->slot->order == ORDER_FORGET;
}

void
ends_gather(struct worker *w, size_t *n)
{
	struct hand all = w->ended;
	struct attempt *a;

	*n = 0;
	count_usage(w);
	w->conditions.configured = w->asked;
	w->conditions.effective = w->limit;
	w->ended = (struct hand){ 0 };
	if (w->cap_ends < all.n) {
		w->cap_ends = all.n + 64;
		w->ends = mem_grow(w->ends, w->cap_ends, sizeof(*w->ends));
	}
	while ((a = hand_take(&all)) != NULL) {
		if (is_forgotten(a)) {
			w->tally->lost++;
			attempt_done(w, a);
			continue;
		}
		if (a->sampled && a->usage.cpu < 0)
			a->usage = a->slot->run.talk->share;
		end_of(w, a, &w->ends[(*n)++]);
		hand_add(&w->ended, a);
	}
}

size_t
ends_unrecorded(const struct worker *w)
{
	size_t n = 0;

	for (const struct attempt *a = w->ended.first; a != NULL; a = a->next)
		n += a->started > 0 && a->order != ORDER_RELEASE &&
			!is_forgotten(a);
	return n;
}

static void
count_fate(struct worker *w, const struct attempt_end *e,
	const struct attempt_fate *f)
{
	struct worker_tally *t = w->tally;

	if (f->lost) {
		t->lost++;
		worker_say(w, "job %" PRId64 ": somebody else owns it by now; "
			"how it ended here is not recorded", e->job->id);
	} else if (f->state == STATE_SUCCEEDED) {
		t->succeeded++;
	} else if (fate_failed(f)) {
		t->failed++;
	} else if (e->outcome == OUTCOME_RELEASED) {
		t->released += e->started > 0;
	} else if (f->state != STATE_CANCELLED) {
		t->again++;
	}
}

/* Result lines are true for ever, so what they say must be on disk first. */
static void
print_results(struct worker *w, size_t n)
{
	struct err err;

	if (!w->o->json || n == 0)
		return;
	if (store_sync(w->store, &err) != 0) {
		worker_say(w, "%zu result line%s not printed", n, n == 1 ?
			" was" : "s were");
		worker_fail(w, &err);
		return;
	}
	w->unsynced = false;
	for (size_t i = 0; i < n; i++) {
		if (w->ends[i].started > 0)
			result_object(w, &w->ends[i], &w->turn.fates[i]);
	}
}

void
ends_take_fates(struct worker *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		count_fate(w, &w->ends[i], &w->turn.fates[i]);
	print_results(w, n);
	for (size_t i = 0; i < n; i++) {
		struct attempt *a = hand_take(&w->ended);

		if (a->started > 0)
			result_log(w, a);
		if (w->turn.fates[i].breaker_open)
			worker_give_back(w, a->job.type);
		attempt_done(w, a);
	}
}
