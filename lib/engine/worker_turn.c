/*
 * A worker's turns at the queue: what has ended is handed in, and as many jobs
 * are claimed as there is room for.
 *
 * When jobs are so short that a transaction each would cost more than they do,
 * some are claimed ahead: about 50 ms of work.  They go back when the jobs
 * before them take longer than a second.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "engine/worker_state.h"

#define AHEAD_NS (50 * NS_PER_MS)
#define AHEAD_SHORT (25 * NS_PER_MS)	/* only jobs shorter than that */
#define AHEAD_SAMPLES 8
/* A turn costs as much as about eight more of its jobs, so more than that saves
 * nothing, and while it lasts the jobs that run should not end. */
#define AHEAD_MAX 32
#define GIVE_BACK_NS NS_PER_S
#define READY 4				/* to start at once */
/* With so many bytes waiting to be printed nothing more is claimed. */
#define OUTPUT_FULL (8 << 20)

/* How many to claim beyond those that can run at once */
static size_t
ahead(const struct worker *w)
{
	double n;

	if (w->sampled < AHEAD_SAMPLES || w->mean >= AHEAD_SHORT)
		return 0;
	n = w->mean < 1 ? AHEAD_MAX : w->limit * (AHEAD_NS / w->mean);
	return n < AHEAD_MAX ? (size_t)n : AHEAD_MAX;
}

static bool
may_claim(const struct worker *w)
{
	return w->stopping == 0 && w->code == 0 && !w->rejoin &&
		w->now >= w->hold_until &&
		w->out.waiting + w->err.waiting < OUTPUT_FULL;
}

static size_t
room(const struct worker *w)
{
	size_t busy = w->count[SLOT_RUNNING] + w->count[SLOT_CLAIMED];
	size_t places = (size_t)w->limit + ahead(w);
	int64_t allowed;

	if (!may_claim(w) || busy >= places)
		return 0;
	places -= busy;
	if (w->o->attempts > 0) {
		allowed = w->o->attempts - w->tally->started -
			(int64_t)w->count[SLOT_CLAIMED];
		if (allowed <= 0)
			return 0;
		if ((int64_t)places > allowed)
			places = (size_t)allowed;
	}
	return places;
}

/* The oldest of what waits to be handed in */
static int64_t
waiting_since(const struct worker *w)
{
	int64_t oldest = w->now;

	for (size_t i = 0; i < w->nslots; i++) {
		if (w->slots[i]->stage == SLOT_ENDED &&
		    w->slots[i]->since < oldest)
			oldest = w->slots[i]->since;
	}
	return oldest;
}

bool
turn_wanted(const struct worker *w)
{
	bool could = w->look && room(w) > 0;

	if (w->now < w->hold_until)
		return false;
	if (w->count[SLOT_ENDED] == 0)
		return could;
	/* There is work in hand meanwhile, so this can wait for company. */
	if (w->count[SLOT_CLAIMED] >= (size_t)w->limit)
		return w->now - waiting_since(w) >= AHEAD_NS;
	return true;
}

int64_t
turn_due(const struct worker *w)
{
	if (w->count[SLOT_ENDED] == 0)
		return 0;
	return waiting_since(w) + AHEAD_NS;
}

/* ---- handing in ---- */

static void
end_of(const struct slot *s, struct attempt_end *e)
{
	run_end(&s->run, e);
	switch (s->order) {
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

static size_t
gather_ends(struct worker *w)
{
	size_t n = 0;

	if (w->cap_ends < w->count[SLOT_ENDED]) {
		w->cap_ends = w->count[SLOT_ENDED] + 64;
		w->ends = mem_grow(w->ends, w->cap_ends, sizeof(*w->ends));
		w->handed = mem_grow(w->handed, w->cap_ends,
			sizeof(struct slot *));
	}
	for (size_t i = 0; i < w->nslots; i++) {
		struct slot *s = w->slots[i];

		if (s->stage != SLOT_ENDED)
			continue;
		if (s->order == ORDER_FORGET) {
			w->tally->lost++;
			slot_free(w, s);
			continue;
		}
		w->handed[n] = s;
		end_of(s, &w->ends[n++]);
	}
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
	} else if (f->state == STATE_QUARANTINED ||
	    (f->state == STATE_CANCELLED && f->reason != REASON_SUPERSEDED)) {
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
			result_object(w, w->handed[i], &w->ends[i],
				&w->turn.fates[i]);
	}
}

static void
take_fates(struct worker *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		count_fate(w, &w->ends[i], &w->turn.fates[i]);
	print_results(w, n);
	for (size_t i = 0; i < n; i++) {
		if (w->ends[i].started > 0)
			result_log(w, w->handed[i]);
		if (w->turn.fates[i].breaker_open)
			worker_give_back(w, w->handed[i]->run.job.type);
		slot_free(w, w->handed[i]);
	}
}

/* ---- claiming ---- */

static void
take_jobs(struct worker *w)
{
	for (size_t i = 0; i < w->turn.njobs; i++) {
		const struct claimed *job = &w->turn.jobs[i];
		struct slot *s = worker_slot(w, job->slot);

		run_take(&s->run, job);
		slot_enter(w, s, SLOT_CLAIMED);
		slot_queue(w, s);
	}
}

/* What is claimed beyond this waits. */
static size_t
can_start(const struct worker *w)
{
	size_t busy = w->count[SLOT_RUNNING] + w->count[SLOT_CLAIMED];

	return busy < (size_t)w->limit ? (size_t)w->limit - busy : 0;
}

/* A job for each of n free slots; the caller frees them */
static struct slot_request *
ask_for(struct worker *w, size_t n, size_t *asked)
{
	struct slot_request *v = mem_alloc((n + 1) * sizeof(*v));

	*asked = slots_free(w, n, v);
	for (size_t i = can_start(w); i < *asked; i++)
		v[i].ahead = true;
	return v;
}

static int64_t
wall_to_boot(const struct worker *w, int64_t wall)
{
	return w->now + (wall - clock_wall(&clock_system));
}

static void
after_turn(struct worker *w, const struct turn_request *r)
{
	w->unsynced = w->unsynced || r->nends > 0 || w->turn.njobs > 0;
	if (w->turn.old && w->code == 0) {
		worker_say(w, "the queue has been upgraded by a newer iq: "
			"stopping");
		w->stopping = w->stopping ? w->stopping : 1;
		w->code = EX_TEMPFAIL;
	}
	/* without room there was no look at what has become ready */
	if (r->nslots == 0 && r->nends > 0)
		w->look = true;
	if (r->nslots > 0) {
		/* fewer than asked for: nothing more until something changes */
		w->look = w->turn.njobs == r->nslots;
		w->last_look = w->now;
	}
	w->look = w->look || w->turn.more;
	w->look_at = w->turn.next_due > 0 ? wall_to_boot(w, w->turn.next_due) : 0;
}

int
worker_turn(struct worker *w, struct err *err)
{
	struct turn_request r = { .worker = w->id,
		.selection = &w->selection, .ends = w->ends };
	size_t wanted = room(w);
	struct slot_request *slots;
	int code;

	r.nends = gather_ends(w);
	r.ends = w->ends;
	slots = ask_for(w, wanted, &r.nslots);
	r.slots = slots;
	code = r.nends > 0 || r.nslots > 0 ?
		store_turn(w->store, &r, &w->turn, err) : -1;
	free(slots);
	if (code < 0)
		return 0;
	worker_read_clock(w);
	if (code)
		return code;
	after_turn(w, &r);
	take_fates(w, r.nends);
	take_jobs(w);
	if (w->turn.gone)
		worker_obey(w, &(struct orders){ .gone = true });
	/* A job that a power cut could still take back must not start. */
	if (w->turn.njobs > 0 && w->turn.young) {
		code = store_sync(w->store, err);
		w->unsynced = w->unsynced && code != 0;
	}
	return code;
}

/* ---- starting ---- */

/* It goes back, and was not started. */
static void
put_back(struct worker *w, struct slot *s)
{
	if (s->order == ORDER_NONE)
		s->order = ORDER_RELEASE;
	slot_enter(w, s, SLOT_ENDED);
}

static void
start_one(struct worker *w, struct slot *s)
{
	int64_t timeout = w->o->timeout >= 0 ? w->o->timeout :
		s->run.job.timeout;
	struct err err;

	if (s->order != ORDER_NONE || !slot_hold(w, s)) {
		put_back(w, s);
		return;
	}
	switch (run_start(&s->run, &w->config, s->lock,
	    tree_mark(&w->tree, s->number), &err)) {
	case RUN_STARTED:
		w->tally->started++;
		slot_enter(w, s, SLOT_RUNNING);
		slot_tell_grace(w, s);
		s->next = timeout > 0 ? s->run.started_boot + timeout : 0;
		break;
	case RUN_FAILED:
		w->tally->started++;
		slot_wrap_up(w, s);
		break;
	case RUN_CANNOT:
		put_back(w, s);
		worker_cannot(w, s, &err);
		break;
	}
}

void
worker_start(struct worker *w)
{
	while (w->first != NULL && w->count[SLOT_RUNNING] < (size_t)w->limit &&
	    w->now >= w->hold_until && w->stopping == 0)
		start_one(w, slot_unqueue(w));
}

void
worker_prepare(struct worker *w)
{
	struct slot *s = w->first;
	struct err err;

	/* a directory for results should mean that there was an attempt */
	if (w->config.results >= 0)
		return;
	for (int i = 0; s != NULL && i < w->limit && i < READY; i++) {
		/* what fails will be told when it is to start */
		if (slot_lock(w, s, &err) != 0 || s->lock < 0 ||
		    run_prepare(&s->run, &w->config, &err) != 0)
			return;
		s = s->after;
	}
}

int64_t
give_back_at(const struct worker *w)
{
	return w->first != NULL ? w->first->since + GIVE_BACK_NS : 0;
}

void
worker_give_back(struct worker *w, const char *type)
{
	struct slot *s = w->first, *after;

	/* what keeps all of them waiting is no short job */
	if (s != NULL && type == NULL && w->mean < GIVE_BACK_NS)
		w->mean = GIVE_BACK_NS;
	w->first = NULL;
	for (; s != NULL; s = after) {
		after = s->after;
		if (type == NULL || strcmp(s->run.job.type, type) == 0)
			put_back(w, s);
		else
			slot_queue(w, s);
	}
}
