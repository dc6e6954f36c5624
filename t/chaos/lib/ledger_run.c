/* Starts and ends. */
#include <math.h>

#include "ledger.h"

/* ---- what holds a type back ---- */

bool
ledger_paused(const struct ledger *l, int type)
{
	if (l->paused && (l->until == 0 || l->until > l->now))
		return true;
	for (; type != LEDGER_NOBODY; type = l->types[type].parent) {
		const struct ledger_type *t = &l->types[type];

		if (t->paused && (t->until == 0 || t->until > l->now))
			return true;
	}
	return false;
}

static bool
is_first_of_slot(const struct ledger *l, size_t i)
{
	const struct ledger_job *j = &l->jobs[l->live[i]];

	for (size_t k = 0; k < i; k++) {
		const struct ledger_job *o = &l->jobs[l->live[k]];

		if (o->state == STATE_RUNNING && o->worker == j->worker &&
		    o->slot == j->slot)
			return false;
	}
	return true;
}

int
ledger_slots(struct ledger *l, int type)
{
	int n = 0;

	for (size_t i = 0; i < l->nlive; i++) {
		const struct ledger_job *j = &l->jobs[l->live[i]];

		n += j->state == STATE_RUNNING &&
		    ledger_within(l, j->type, type) && is_first_of_slot(l, i);
	}
	return n;
}

/* Slots of exactly this type */
static int
slots_of(struct ledger *l, int type)
{
	int n = ledger_slots(l, type);

	for (int t = 0; t < l->ntypes; t++)
		if (l->types[t].parent == type)
			n -= ledger_slots(l, t);
	return n;
}

/* As cap and rate are inherited: what a type has of its own bounds the sum
 * below it, too. */
static bool
under_cap(struct ledger *l, int type)
{
	for (; type != LEDGER_NOBODY; type = l->types[type].parent)
		if (l->types[type].cap && ledger_slots(l, type) >=
		    l->types[type].cap)
			return false;
	return true;
}

static int64_t
interval(const struct ledger_type *t)
{
	return llround((double)t->period / (double)t->rate);
}

/* A clock that was set back is not waited for longer than for one period. */
static int64_t
on_time(const struct ledger *l, const struct ledger_type *t)
{
	int64_t latest = l->now + t->rate * interval(t);

	return t->on_time < latest ? t->on_time : latest;
}

static bool
in_rate(const struct ledger *l, int type)
{
	for (; type != LEDGER_NOBODY; type = l->types[type].parent) {
		const struct ledger_type *t = &l->types[type];

		if (t->rate && on_time(l, t) - (t->rate - 1) * interval(t) >
		    l->now)
			return false;
	}
	return true;
}

static void
count_start(struct ledger *l, int type, int n)
{
	for (; type != LEDGER_NOBODY; type = l->types[type].parent) {
		struct ledger_type *t = &l->types[type];
		int64_t at;

		if (t->rate == 0)
			continue;
		at = on_time(l, t);
		if (n > 0 && at < l->now)
			at = l->now;
		t->on_time = at + n * interval(t);
	}
}

static bool
breaker_lets(struct ledger *l, int type)
{
	const struct ledger_type *t = &l->types[type];

	if (t->opened == 0)
		return true;
	if (l->now >= t->opened && l->now < t->probe_at)
		return false;
	return slots_of(l, type) == 0;
}

bool
ledger_admits(struct ledger *l, int type, bool held)
{
	return !ledger_paused(l, type) && (held || under_cap(l, type)) &&
	    in_rate(l, type) && breaker_lets(l, type);
}

/* ---- a start ---- */

static const char *
join_slot(struct ledger *l, struct ledger_job *j, bool ahead)
{
	bool company = ahead;

	for (size_t i = 0; i < l->nlive; i++) {
		struct ledger_job *o = &l->jobs[l->live[i]];

		if (o == j || o->state != STATE_RUNNING ||
		    o->worker != j->worker || o->slot != j->slot)
			continue;
		if (o->type != j->type)
			return "its slot has another type";
		if (j->alone || (o->alone && !o->company))
			return "who has to be alone is not";
		company = o->company = true;
	}
	if (company && j->alone)
		return "it has to be alone";
	j->company = company;
	return NULL;
}

const char *
ledger_claim(struct ledger *l, struct ledger_job *j, int worker, int slot,
	int64_t claim, bool ahead)
{
	if (j->state != STATE_READY)
		return state_detail(j->state);
	if (ledger_of_key(l, j, true))
		return "another one of its key runs";
	if (ledger_paused(l, j->type))
		return "its type is paused";
	if (!in_rate(l, j->type))
		return "its type has had its rate";
	j->worker = worker;
	j->slot = slot;
	j->claim = claim;
	j->attempt++;
	j->ordered = JOB_RETRY;
	count_start(l, j->type, 1);
	j->state = STATE_RUNNING;
	return join_slot(l, j, ahead);
}

/* ---- an end ---- */

static int64_t
delay_of(const struct ledger_type *t, int failures)
{
	double d = (double)t->base;

	if (t->strategy == RETRY_IMMEDIATE || t->strategy == RETRY_NONE)
		return 0;
	for (int i = 1; i < failures && t->strategy == RETRY_EXPONENTIAL; i++)
		d *= t->multiplier;
	if (t->strategy == RETRY_LINEAR)
		d *= failures;
	return d > (double)t->max ? t->max : (int64_t)d;
}

static void
tell_breaker(struct ledger *l, struct ledger_type *t,
	const struct ledger_end *e)
{
	struct ledger_type as = *t;

	if (t->breaker == 0)
		return;
	if (e->outcome == OUTCOME_SUCCESS) {
		t->failures = t->trips = 0;
		t->opened = t->probe_at = 0;
		return;
	}
	if (e->company || (e->outcome != OUTCOME_PERMANENT &&
	    e->outcome != OUTCOME_TRANSIENT && e->outcome != OUTCOME_UNKNOWN) ||
	    e->status == 65 || e->status == 66)
		return;
	t->failures++;
	if (t->failures < t->breaker || (t->opened && l->now >= t->opened &&
	    l->now < t->probe_at))
		return;
	t->trips++;
	as.strategy = RETRY_EXPONENTIAL;
	t->opened = l->now;
	t->probe_at = l->now + delay_of(&as, t->trips);
}

/* Pending again, or not: a newer one does it anyway. */
static void
again(struct ledger *l, struct ledger_job *j, int64_t delay,
	enum reason reason)
{
	struct ledger_job *newer = ledger_of_key(l, j, false);

	if (newer) {
		ledger_settle(l, j, STATE_CANCELLED, REASON_SUPERSEDED,
		    newer->id);
		return;
	}
	j->reason = reason;
	j->run_at = delay > 0 ? l->now + delay : 0;
	j->state = delay > 0 ? STATE_DELAYED : STATE_READY;
}

static void
fail(struct ledger *l, struct ledger_job *j, const struct ledger_end *e)
{
	const struct ledger_type *t = &l->types[j->type];
	int most = t->strategy == RETRY_NONE ? 1 : j->max_attempts ?
	    j->max_attempts : e->outcome == OUTCOME_TRANSIENT &&
	    t->transient_max_attempts ? t->transient_max_attempts :
	    t->max_attempts;

	j->attempts++;
	if (e->outcome != OUTCOME_PERMANENT && j->attempts < most)
		again(l, j, e->retry_after >= 0 ? e->retry_after :
		    delay_of(t, j->attempts), e->reason);
	else
		ledger_settle(l, j, STATE_QUARANTINED,
		    e->outcome != OUTCOME_PERMANENT &&
		    (e->reason == REASON_UNKNOWN ||
		    e->reason == REASON_TRANSIENT) ? REASON_MAX_ATTEMPTS :
		    e->reason, 0);
}

static void
crash(struct ledger *l, struct ledger_job *j)
{
	j->alone = true;
	if (++j->crashes >= l->types[j->type].crash_limit)
		ledger_settle(l, j, STATE_QUARANTINED, REASON_CRASH, 0);
	else
		again(l, j, 0, REASON_CRASH);
}

static void
end_in_company(struct ledger *l, struct ledger_job *j, enum reason reason)
{
	j->alone = true;
	again(l, j, 0, reason);
}

/* As if it had not been claimed */
static void
go_back(struct ledger *l, struct ledger_job *j, enum outcome o)
{
	enum reason before = j->reason;
	struct ledger_job *newer = ledger_of_key(l, j, false);

	j->attempt--;
	count_start(l, j->type, -1);
	if (o == OUTCOME_CANCELLED)
		ledger_settle(l, j, STATE_CANCELLED, REASON_OPERATOR, 0);
	else if (newer)
		ledger_settle(l, j, STATE_CANCELLED, REASON_SUPERSEDED,
		    newer->id);
	else
		j->state = STATE_READY;
	if (j->state == STATE_READY)
		j->reason = before;
}

void
ledger_end(struct ledger *l, struct ledger_job *j, const struct ledger_end *e)
{
	struct ledger_type *t = &l->types[j->type];
	struct ledger_end o = *e;

	if (e->outcome != OUTCOME_SUCCESS && j->ordered != JOB_RETRY) {
		o.outcome = j->ordered == JOB_KILL ? OUTCOME_CANCELLED :
		    OUTCOME_RELEASED;
		o.reason = j->ordered == JOB_KILL ? REASON_OPERATOR :
		    REASON_RELEASED;
	}
	j->ordered = JOB_RETRY;
	if (!o.started && (o.outcome == OUTCOME_RELEASED ||
	    o.outcome == OUTCOME_CANCELLED)) {
		go_back(l, j, o.outcome);
		return;
	}
	if (o.outcome == OUTCOME_SUCCESS)
		ledger_settle(l, j, STATE_SUCCEEDED, REASON_SUCCEEDED, 0);
	else if (o.outcome == OUTCOME_CANCELLED)
		ledger_settle(l, j, STATE_CANCELLED, REASON_OPERATOR, 0);
	else if (o.outcome == OUTCOME_RELEASED)
		again(l, j, 0, REASON_RELEASED);
	else if (o.outcome == OUTCOME_RATE_LIMITED)
		again(l, j, o.retry_after >= 0 ? o.retry_after :
		    t->rate_limit_delay, o.reason);
	else if (o.outcome == OUTCOME_SNOOZE)
		again(l, j, o.retry_after >= 0 ? o.retry_after : t->base,
		    o.reason);
	else if (o.company)
		end_in_company(l, j, o.reason);
	else if (o.outcome == OUTCOME_CRASH)
		crash(l, j);
	else
		fail(l, j, &o);
	tell_breaker(l, t, &o);
}

void
ledger_reap(struct ledger *l, int worker, int slot, int64_t claim)
{
	struct ledger_end e = { .outcome = OUTCOME_CRASH,
	    .reason = REASON_CRASH, .retry_after = -1, .started = true };
	int jobs = 0;

	for (size_t i = 0; i < l->nlive; i++) {
		const struct ledger_job *j = &l->jobs[l->live[i]];

		jobs += j->state == STATE_RUNNING && j->worker == worker &&
		    j->slot == slot && j->claim == claim;
	}
	for (int64_t id = 1; id < l->next; id++) {
		struct ledger_job *j = &l->jobs[id];

		if (j->id == 0 || j->state != STATE_RUNNING ||
		    j->worker != worker || j->slot != slot ||
		    j->claim != claim)
			continue;
		e.company = j->company || jobs > 1;
		ledger_end(l, j, &e);
	}
}
