/* What an operator does. */
#include "ledger.h"

static void
revive(struct ledger *l, struct ledger_job *j, struct control_result *r)
{
	struct ledger_job *newer = ledger_of_key(l, j, false);
	bool ended = !ledger_is_live(j);

	/* its work is done already: of one that has ended nothing is left to
	 * say */
	if (newer && ended)
		return;
	r->ok = true;
	if (newer) {
		r->to = STATE_CANCELLED;
		ledger_settle(l, j, STATE_CANCELLED, REASON_SUPERSEDED,
		    newer->id);
		return;
	}
	if (ended)
		l->live[l->nlive++] = j->id;
	j->run_at = 0;
	j->attempts = j->crashes = 0;
	j->alone = false;
	j->newer = 0;
	if (ended)
		j->reason = REASON_NONE;
	ledger_place(l, j);
	r->to = j->state;
}

static void
order(struct ledger *l, struct ledger_job *j, enum job_verb verb, bool held,
	struct control_result *r)
{
	r->ok = true;
	r->to = verb == JOB_KILL ? STATE_CANCELLED : STATE_READY;
	j->ordered = verb;
	if (held)
		return;
	/* nobody has it any more */
	ledger_reap(l, j->worker, j->slot, j->claim);
	r->to = j->state;
}

struct control_result
ledger_control(struct ledger *l, enum job_verb verb, int priority, int64_t id,
	bool held)
{
	struct control_result r = { .id = id };
	struct ledger_job *j = ledger_job(l, id);
	bool pending, live;

	if (j == NULL)
		return r;
	pending = ledger_is_pending(j);
	live = ledger_is_live(j);
	r.found = true;
	r.from = r.to = j->state;
	if (j->state == STATE_RUNNING) {
		if (verb == JOB_KILL ||
		    (verb == JOB_RELEASE && j->ordered != JOB_KILL))
			order(l, j, verb, held, &r);
	} else if (verb == JOB_PRIORITY && live) {
		j->priority = priority;
		r.ok = true;
	} else if (verb == JOB_RETRY && (j->state == STATE_QUARANTINED ||
	    j->state == STATE_CANCELLED)) {
		revive(l, j, &r);
	} else if ((verb == JOB_CANCEL || verb == JOB_KILL) && pending) {
		r.ok = true;
		ledger_settle(l, j, r.to = STATE_CANCELLED, REASON_OPERATOR,
		    0);
	} else if (verb == JOB_QUARANTINE && pending) {
		r.ok = true;
		ledger_settle(l, j, r.to = STATE_QUARANTINED, REASON_OPERATOR,
		    0);
	} else if (verb == JOB_DISCARD && j->state == STATE_QUARANTINED) {
		r.ok = true;
		ledger_settle(l, j, r.to = STATE_CANCELLED, REASON_DISCARDED,
		    0);
	}
	return r;
}

void
ledger_pause(struct ledger *l, int type, int64_t until)
{
	if (type == LEDGER_NOBODY) {
		l->paused = true;
		l->until = until;
		return;
	}
	l->types[type].paused = true;
	l->types[type].until = until;
}

/* Whoever resumes wants to see it run: breakers are closed as well. */
void
ledger_resume(struct ledger *l, int type)
{
	if (type == LEDGER_NOBODY)
		l->paused = false;
	else
		l->types[type].paused = false;
	for (int t = 0; t < l->ntypes; t++) {
		struct ledger_type *v = &l->types[t];

		if (v->opened && ledger_within(l, t, type)) {
			v->failures = v->trips = 0;
			v->opened = v->probe_at = 0;
		}
	}
}
