#include <stdio.h>
#include <stdlib.h>

#include "act.h"
#include "store/prune.h"
#include "store/read.h"

static const char *const verbs[] = { "retry", "cancel", "kill", "release",
	"quarantine", "discard", "priority" };

/* A job that lives, of those that wait rather one; or any */
static int64_t
some_job(struct trial *p)
{
	const struct ledger *l = &p->ledger;
	int64_t id = 0;

	if (l->nlive == 0 || dice_one_in(&p->dice, 4))
		return (int64_t)dice_below(&p->dice, (size_t)l->next + 1);
	for (int tries = 0; tries < 8; tries++) {
		id = l->live[dice_below(&p->dice, l->nlive)];
		if (l->jobs[id].state == STATE_WAITING)
			break;
	}
	return id;
}

/* Whether something has the slot of the running job; *worker who has claimed
 * it */
static bool
is_held(struct trial *p, const struct ledger_job *j, struct act_worker **worker)
{
	*worker = &p->workers[j->worker];
	return (*worker)->store || (*worker)->locks[j->slot] >= 0;
}

void
act_control(struct trial *p)
{
	enum job_verb verb = (enum job_verb)dice_below(&p->dice, 7);
	int priority = (int)dice_below(&p->dice, 5) + 1;
	int64_t id = some_job(p);
	const struct ledger_job *j = ledger_job(&p->ledger, id);
	struct act_worker *w = NULL;
	struct control_result got, want;
	enum carried_out how = CARRIED_OUT;
	bool held = j && j->state == STATE_RUNNING && is_held(p, j, &w);
	struct err e;

	DOING(p, "%s of job %lld", verbs[verb], (long long)id);
	trial_must(p, store_control(p->store, verb, priority, &id, 1, &got, &e),
	    &e);
	want = ledger_control(&p->ledger, verb, priority, id, held);
	ledger_hear(&p->ledger);
	if (got.found != want.found || got.ok != want.ok ||
	    got.from != want.from || got.to != want.to)
		differs(p, "%s, %s, from %s to %s; in the reference %s, %s, "
		    "from %s to %s", got.found ? "found" : "not found",
		    got.ok ? "done" : "not done", state_detail(got.from),
		    state_detail(got.to), want.found ? "found" : "not found",
		    want.ok ? "done" : "not done", state_detail(want.from),
		    state_detail(want.to));
	if (held && want.ok)
		how = w->store ? CARRIED_BY_WORKER : CARRIED_BY_NOBODY;
	if (got.how != how)
		differs(p, "it was carried out otherwise: %d, not %d", got.how,
		    how);
}

void
act_pause(struct trial *p)
{
	int t = (int)dice_below(&p->dice, ACT_TYPES + 1) - 1;
	const char *name = t < 0 ? NULL : p->types[t].name;
	int64_t until = dice_one_in(&p->dice, 2) ? 0 : p->ledger.now +
	    (int64_t)dice_below(&p->dice, 60) * NS_PER_S;
	struct err e;

	/* all of them only for some time */
	if (dice_one_in(&p->dice, 3) && (t >= 0 || until)) {
		DOING(p, "%s is paused", name ? name : "everything");
		trial_must(p, store_pause(p->store, name, NULL, until, &e),
		    &e);
		ledger_pause(&p->ledger, t, until);
		return;
	}
	DOING(p, "%s is resumed", name ? name : "everything");
	trial_must(p, store_resume(p->store, name, &e), &e);
	ledger_resume(&p->ledger, t);
}

/* Another cap, or none */
void
act_tune(struct trial *p)
{
	struct ledger_type *t = &p->types[dice_below(&p->dice, ACT_TYPES)];
	char text[8];
	struct err e;

	t->cap = (int64_t)dice_below(&p->dice, 6);
	snprintf(text, sizeof(text), "%d", (int)t->cap);
	DOING(p, "the cap of %s becomes %s", t->name, text);
	trial_must(p, store_settings_change(p->store, &(struct setting_change){
	    t->name, SET_MAX_WORKERS, t->cap ? text : NULL }, 1, &e), &e);
}

/* ---- retention ---- */

struct there {
	bool *jobs;		/* by id */
	int64_t next;
};

static int
note_job(void *ctx, const struct job *j)
{
	struct there *t = ctx;

	if (j->id < t->next)
		t->jobs[j->id] = true;
	return 0;
}

static bool
is_old(struct trial *p, const struct ledger_job *j)
{
	return !ledger_is_live(j) && j->finished < p->ledger.now -
	    p->types[j->type].retention && !ledger_is_waited_for(&p->ledger,
	    j->id);
}

/* What went had to be old; and what was old went, unless it may be hidden
 * behind younger ones by a clock that was set back. */
static void
compare_rest(struct trial *p, const struct there *t)
{
	for (int64_t id = 1; id < t->next; id++) {
		struct ledger_job *j = ledger_job(&p->ledger, id);

		if (j == NULL)
			continue;
		if (!t->jobs[id] && !is_old(p, j))
			differs(p, "job %lld has gone too early",
			    (long long)id);
		if (t->jobs[id] && !p->went_back && is_old(p, j))
			differs(p, "job %lld is still there", (long long)id);
		if (!t->jobs[id])
			j->id = 0;
	}
}

void
act_prune(struct trial *p)
{
	struct there t = { .next = p->ledger.next };
	struct prune pass = { .whole = true };
	struct err e;

	DOING(p, "retention");
	t.jobs = mem_alloc((size_t)t.next * sizeof(*t.jobs));
	for (int64_t id = 0; id < t.next; id++)
		t.jobs[id] = false;
	do {
		trial_must(p, store_prune(p->store, &pass, &e), &e);
	} while (pass.more);
	trial_must(p, store_list(p->store, &(struct job_filter){
	    .states = ~0u }, note_job, NULL, &t, &e), &e);
	compare_rest(p, &t);
	free(t.jobs);
}
