/* Workers: they claim, hand in, die, and leave. */
#include <err.h>
#include <stdio.h>
#include <unistd.h>

#include "act.h"

static const struct selection everything = { .own_command = true };

static int
number_of(const struct trial *p, const struct act_worker *w)
{
	return (int)(w - p->workers);
}

void
act_forget_slot(struct act_worker *w, int slot)
{
	w->n[slot] = 0;
	arena_reset(&w->words[slot]);
}

void
act_hire(struct trial *p, struct act_worker *w)
{
	struct err e;

	for (int slot = 0; slot < ACT_SLOTS; slot++) {
		act_forget_slot(w, slot);
		w->locks[slot] = -1;
	}
	w->store = trial_open(p);
	trial_must(p, store_worker_join(w->store, &(struct worker_info){
	    &everything, ACT_SLOTS, 60 * NS_PER_S }, &w->id, &e), &e);
}

/* ---- what ends ---- */

static enum reason
reason_of(enum outcome o)
{
	static const enum reason reasons[OUTCOME_COUNT] = {
	    [OUTCOME_SUCCESS] = REASON_SUCCEEDED,
	    [OUTCOME_PERMANENT] = REASON_PARSE_ERROR,
	    [OUTCOME_TRANSIENT] = REASON_TRANSIENT,
	    [OUTCOME_RATE_LIMITED] = REASON_RATE_LIMITED,
	    [OUTCOME_SNOOZE] = REASON_SNOOZED,
	    [OUTCOME_UNKNOWN] = REASON_UNKNOWN,
	    [OUTCOME_RELEASED] = REASON_RELEASED,
	    [OUTCOME_CANCELLED] = REASON_OPERATOR };

	return reasons[o];
}

static struct ledger_end
roll_end(struct trial *p, size_t jobs)
{
	static const enum outcome outcomes[] = { OUTCOME_SUCCESS,
	    OUTCOME_SUCCESS, OUTCOME_SUCCESS, OUTCOME_PERMANENT,
	    OUTCOME_TRANSIENT, OUTCOME_TRANSIENT, OUTCOME_RATE_LIMITED,
	    OUTCOME_SNOOZE, OUTCOME_UNKNOWN, OUTCOME_RELEASED,
	    OUTCOME_RELEASED, OUTCOME_CANCELLED };
	struct dice *d = &p->dice;
	struct ledger_end e = { .retry_after = -1, .started = true };

	e.outcome = outcomes[dice_below(d, sizeof(outcomes) /
	    sizeof(*outcomes))];
	e.reason = reason_of(e.outcome);
	e.status = e.outcome == OUTCOME_SUCCESS ? 0 :
	    e.outcome == OUTCOME_PERMANENT && dice_one_in(d, 2) ? 65 : 75;
	if (e.outcome != OUTCOME_SUCCESS && dice_one_in(d, 6))
		e.retry_after = (int64_t)dice_below(d, 30) * NS_PER_S;
	if (e.outcome == OUTCOME_RELEASED || e.outcome == OUTCOME_CANCELLED)
		e.started = !dice_one_in(d, 2);
	e.company = jobs > 1 && dice_one_in(d, 3);
	return e;
}

static struct attempt_end
end_of(struct trial *p, const struct claimed *j, const struct ledger_end *e)
{
	return (struct attempt_end){ .job = j, .outcome = e->outcome,
	    .reason = e->reason, .ending = { .status = e->status,
	    .retry_after = e->retry_after }, .company = e->company,
	    .started = e->started ? p->ledger.now - NS_PER_S : 0,
	    .finished = p->ledger.now, .usage = USAGE_NONE,
	    .input_bytes = -1 };
}

#define ENDS_MOST (ACT_SLOTS * ACT_SLOT_JOBS)

struct turning {
	struct trial *trial;
	struct act_worker *worker;
	struct ledger_end told[ENDS_MOST];
	struct attempt_end ends[ENDS_MOST];
	struct claimed jobs[ENDS_MOST];
	size_t nends;
	struct slot_request slots[ACT_SLOTS];
	size_t nslots;
	size_t had[ACT_SLOTS];	/* jobs when it asks */
};

/* Some of the jobs of a slot, or all */
static void
end_slot(struct turning *t, int slot)
{
	struct act_worker *w = t->worker;
	struct trial *p = t->trial;
	size_t n = w->n[slot], left = 0;
	bool all = !dice_one_in(&p->dice, 3);

	for (size_t i = 0; i < n; i++) {
		struct claimed *j = &w->jobs[slot][i];

		if (!all && dice_one_in(&p->dice, 2)) {
			w->jobs[slot][left++] = *j;
			continue;
		}
		t->jobs[t->nends] = *j;
		t->told[t->nends] = roll_end(p, n);
		t->ends[t->nends] = end_of(p, &t->jobs[t->nends],
		    &t->told[t->nends]);
		t->nends++;
	}
	w->n[slot] = left;
}

/* A fate is as the reference says. */
static void
compare_fate(struct trial *p, const struct claimed *c,
	const struct ledger_end *e, const struct attempt_fate *f)
{
	struct ledger_job *j = ledger_job(&p->ledger, c->id);

	if (j == NULL || j->state != STATE_RUNNING || j->claim != c->claim) {
		if (!f->lost)
			differs(p, "job %lld was handed in too late, and "
			    "taken", (long long)c->id);
		return;
	}
	if (f->lost)
		differs(p, "the end of job %lld was not taken",
		    (long long)c->id);
	ledger_end(&p->ledger, j, e);
	if (f->state != j->state || f->attempts != j->attempts ||
	    f->run_at != (j->state == STATE_DELAYED ? j->run_at : 0))
		differs(p, "job %lld (%s, %s) becomes %s with %d failures, in "
		    "the reference %s with %d", (long long)c->id, c->type,
		    outcome_name(e->outcome), state_detail(f->state),
		    f->attempts, state_detail(j->state), j->attempts);
}

/* ---- what starts ---- */

static void
ask_slots(struct turning *t)
{
	struct dice *d = &t->trial->dice;
	struct act_worker *w = t->worker;
	size_t runs = dice_below(d, ACT_SLOTS) + 1;
	struct err e;

	for (int slot = 0; slot < ACT_SLOTS; slot++) {
		t->had[slot] = w->n[slot];
		/* one that runs may have more of the same */
		if (w->n[slot] == ACT_SLOT_JOBS || dice_one_in(d, 3) ||
		    (w->n[slot] && dice_one_in(d, 2)))
			continue;
		if (w->locks[slot] < 0)
			trial_must(t->trial, store_slot_lock(w->store, w->id,
			    slot, &w->locks[slot], &e), &e);
		t->slots[t->nslots++] = (struct slot_request){ .slot = slot,
		    .jobs = dice_one_in(d, 2) ? 1 : (int)dice_below(d,
		    ACT_SLOT_JOBS - w->n[slot]) + 1,
		    .ahead = w->n[slot] == 0 && t->nslots >= runs };
	}
}

static const struct slot_request *
request_of(const struct turning *t, int slot)
{
	for (size_t i = 0; i < t->nslots; i++)
		if (t->slots[i].slot == slot)
			return &t->slots[i];
	return NULL;
}

static void
take_up(struct turning *t, const struct claimed *c)
{
	struct trial *p = t->trial;
	struct act_worker *w = t->worker;
	const struct slot_request *r = request_of(t, c->slot);
	struct ledger_job *j = ledger_job(&p->ledger, c->id);
	bool held = w->n[c->slot] > 0;
	const char *wrong;
	struct claimed *mine;

	if (j == NULL || r == NULL)
		differs(p, "job %lld was claimed, which is none",
		    (long long)c->id);
	if (j->state == STATE_READY && !ledger_admits(&p->ledger, j->type,
	    held))
		differs(p, "job %lld was claimed, but %s is held back",
		    (long long)c->id, c->type);
	wrong = ledger_claim(&p->ledger, j, number_of(p, w), c->slot,
	    c->claim, r->ahead);
	if (wrong)
		differs(p, "job %lld was claimed, but in the reference: %s",
		    (long long)c->id, wrong);
	if (c->attempt != j->attempt || c->attempts != j->attempts ||
	    c->priority != j->priority || c->alone != j->alone)
		differs(p, "job %lld was claimed as another one",
		    (long long)c->id);
	if (w->n[c->slot] - t->had[c->slot] == (size_t)r->jobs)
		differs(p, "slot %d got too many", c->slot);
	mine = &w->jobs[c->slot][w->n[c->slot]++];
	*mine = *c;
	mine->type = p->types[j->type].name;
	mine->path = arena_copy(&w->words[c->slot], c->path);
	mine->key = arena_copy(&w->words[c->slot], c->key);
	mine->payload = mine->stored.group = BYTES_NONE;
	p->tally.starts++;
}

/* No job that could have started was left behind a less urgent one, or a later
 * one of its type; nor at all, when a slot stayed empty. */
static void
compare_left(struct turning *t)
{
	struct trial *p = t->trial;
	struct ledger *l = &p->ledger;
	const struct turn *got = &t->worker->turn;
	bool empty = false;

	for (size_t i = 0; i < t->nslots; i++)
		empty |= !t->slots[i].ahead &&
		    t->worker->n[t->slots[i].slot] == 0;
	for (size_t i = 0; i < l->nlive; i++) {
		const struct ledger_job *j = &l->jobs[l->live[i]];

		if (j->state != STATE_READY || ledger_of_key(l, j, true) ||
		    !ledger_admits(l, j->type, false))
			continue;
		if (empty)
			differs(p, "job %lld is left, though a slot is free",
			    (long long)j->id);
		for (size_t k = 0; k < got->njobs; k++) {
			const struct ledger_job *c = ledger_job(l,
			    got->jobs[k].id);

			if (c->priority > j->priority ||
			    (c->priority == j->priority &&
			    c->type == j->type && c->id > j->id))
				differs(p, "job %lld was claimed before job "
				    "%lld", (long long)c->id,
				    (long long)j->id);
		}
	}
}

static void
take_turn(struct turning *t)
{
	struct trial *p = t->trial;
	struct act_worker *w = t->worker;
	struct err e;

	trial_must(p, store_turn(w->store, &(struct turn_request){
	    .worker = w->id, .selection = &everything, .slots = t->slots,
	    .nslots = t->nslots, .ends = t->ends, .nends = t->nends },
	    &w->turn, &e), &e);
	for (size_t i = 0; i < t->nends; i++)
		compare_fate(p, &t->jobs[i], &t->told[i], &w->turn.fates[i]);
	ledger_promote(&p->ledger);
	ledger_hear(&p->ledger);
	for (size_t i = 0; i < w->turn.njobs; i++)
		take_up(t, &w->turn.jobs[i]);
	if (t->nslots)
		compare_left(t);
	for (int slot = 0; slot < ACT_SLOTS; slot++)
		if (w->n[slot] == 0)
			act_forget_slot(w, slot);
}

static struct act_worker *
some_worker(struct trial *p)
{
	struct act_worker *w = &p->workers[dice_below(&p->dice, ACT_WORKERS)];

	return w->store ? w : NULL;
}

void
act_turn(struct trial *p)
{
	struct turning t = { .trial = p, .worker = some_worker(p) };
	bool twice = dice_one_in(&p->dice, 20);

	DOING(p, "a turn");
	if (t.worker == NULL)
		return;
	for (int slot = 0; slot < ACT_SLOTS; slot++)
		if (t.worker->n[slot] && dice_one_in(&p->dice, p->slow))
			end_slot(&t, slot);
	if (dice_below(&p->dice, 3))
		ask_slots(&t);
	DOING(p, "worker %d hands in %zu and asks for %zu slots",
	    number_of(p, t.worker), t.nends, t.nslots);
	take_turn(&t);
	/* who does not know that it has done it does it again */
	t.nslots = 0;
	if (twice && t.nends)
		take_turn(&t);
}

/* ---- who dies, and who leaves ---- */

void
act_die(struct trial *p)
{
	struct act_worker *w = some_worker(p);
	bool orphans = dice_one_in(&p->dice, 3);

	if (w == NULL)
		return;
	DOING(p, "worker %d is killed", number_of(p, w));
	for (int slot = 0; slot < ACT_SLOTS; slot++) {
		if (w->locks[slot] >= 0 && (!orphans || w->n[slot] == 0 ||
		    dice_one_in(&p->dice, 2))) {
			close(w->locks[slot]);
			w->locks[slot] = -1;
		}
	}
	turn_release(&w->turn);
	store_close(w->store);
	w->store = NULL;
	p->tally.crashes++;
}

static void
reap_in_reference(struct trial *p, int worker, int slot)
{
	struct ledger *l = &p->ledger;

	for (int64_t id = 1; id < l->next; id++) {
		const struct ledger_job *j = &l->jobs[id];

		if (j->id && j->state == STATE_RUNNING &&
		    j->worker == worker && j->slot == slot)
			ledger_reap(l, worker, slot, j->claim);
	}
}

/* What the dead left, and what of theirs has ended since, is taken back; then
 * others may come. */
void
act_reap(struct trial *p)
{
	struct reaped reaped = { 0 };
	struct err e;

	DOING(p, "what the dead left is taken back");
	for (int i = 0; i < ACT_WORKERS; i++) {
		struct act_worker *w = &p->workers[i];

		for (int slot = 0; slot < ACT_SLOTS && !w->store; slot++) {
			if (w->locks[slot] >= 0 && dice_one_in(&p->dice, 2)) {
				close(w->locks[slot]);
				w->locks[slot] = -1;
			}
			if (w->locks[slot] < 0)
				reap_in_reference(p, i, slot);
		}
	}
	ledger_hear(&p->ledger);
	trial_must(p, store_reap(p->store, &reaped, &e), &e);
	for (int i = 0; i < ACT_WORKERS; i++) {
		struct act_worker *w = &p->workers[i];
		bool orphans = false;

		for (int slot = 0; slot < ACT_SLOTS; slot++)
			orphans |= w->locks[slot] >= 0;
		if (w->store == NULL && !orphans)
			act_hire(p, w);
	}
}

/* One gives back all it has, and another one comes. */
void
act_leave(struct trial *p)
{
	struct turning t = { .trial = p, .worker = some_worker(p) };
	struct ledger_end given = { .outcome = OUTCOME_RELEASED,
	    .reason = REASON_RELEASED, .retry_after = -1 };
	struct act_worker *w = t.worker;
	struct err e;

	if (w == NULL)
		return;
	DOING(p, "worker %d leaves", number_of(p, w));
	for (int slot = 0; slot < ACT_SLOTS; slot++) {
		for (size_t i = 0; i < w->n[slot]; i++) {
			t.jobs[t.nends] = w->jobs[slot][i];
			t.told[t.nends] = given;
			t.told[t.nends].started = i == 0;
			t.ends[t.nends] = end_of(p, &t.jobs[t.nends],
			    &t.told[t.nends]);
			t.nends++;
		}
		w->n[slot] = 0;
	}
	take_turn(&t);
	trial_must(p, store_worker_leave(w->store, w->id, &e), &e);
	for (int slot = 0; slot < ACT_SLOTS; slot++)
		if (w->locks[slot] >= 0)
			close(w->locks[slot]);
	turn_release(&w->turn);
	store_close(w->store);
	act_hire(p, w);
}
