/*
 * A worker's turns at the queue: what has ended is handed in, and as many jobs
 * are claimed as there is room for.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "engine/worker_state.h"

#define GIVE_BACK_NS NS_PER_S
#define READY 4				/* to start at once */

/* ---- claiming ---- */

/* n of one slot */
static void
take_jobs(struct worker *w, const struct claimed *jobs, size_t n)
{
	struct slot *s = worker_slot(w, jobs->slot);
	struct attempt *last = s->run.hand.n > 0 ? s->run.hand.last : NULL;

	lots_give(&w->lots, &s->run.hand, s, jobs, n);
	s->held += n;
	s->grace = jobs->grace;
	s->wait_leftovers = jobs->wait_leftovers;
	w->waiting += n;
	if (slot_lives(s)) {
		if (s->run.talk->unsaid == NULL)
			s->run.talk->unsaid = last ? last->next :
				s->run.hand.first;
		return;
	}
	slot_enter(w, s, SLOT_CLAIMED);
	slot_queue(w, s);
}

/* How many slots got some */
static size_t
take_all(struct worker *w)
{
	const struct claimed *v = w->turn.jobs;
	size_t slots = 0, n;

	for (size_t i = 0; i < w->turn.njobs; i += n) {
		for (n = 1; i + n < w->turn.njobs &&
		    v[i + n].slot == v[i].slot; n++)
			;
		take_jobs(w, &v[i], n);
		slots++;
	}
	return slots;
}

static int64_t
wall_to_boot(const struct worker *w, int64_t wall)
{
	return w->now + (wall - clock_wall(&clock_system));
}

static void
after_turn(struct worker *w, const struct turn_request *r, size_t served)
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
		/* one got nothing: nothing more until something changes; but
		 * a co-process may have to wait for the turn of its type */
		w->look = served == r->nslots ||
			(w->o->coprocess && served > 0);
		w->last_look = w->now;
	}
	w->look = w->look || w->turn.more;
	w->look_at = w->turn.next_due > 0 ? wall_to_boot(w, w->turn.next_due) : 0;
}

int
worker_turn(struct worker *w, struct err *err)
{
	struct turn_request r = { .worker = w->id,
		.selection = &w->selection, .ends = w->ends,
		.scheduler = w->o->scheduler };
	size_t places = ask_places(w);
	struct slot_request *slots;
	int code;

	ends_gather(w, &r.nends);
	r.ends = w->ends;
	slots = ask_for(w, places, &r.nslots);
	r.slots = slots;
	code = r.nends > 0 || r.nslots > 0 ?
		store_turn(w->store, &r, &w->turn, err) : -1;
	free(slots);
	if (code < 0)
		return 0;
	worker_read_clock(w);
	if (code)
		return code;
	if (w->turn.full)
		worker_full(w);
	ends_take_fates(w, r.nends);
	after_turn(w, &r, take_all(w));
	if (w->turn.gone)
		worker_obey(w, &(struct orders){ .gone = true });
	/* A job that a power cut could still take back must not start. */
	if (w->turn.njobs == 0 || w->turn.young == 0)
		return 0;
	worker_prepare(w);
	return store_sync_job(w->store, w->turn.young, err);
}

/* ---- starting ---- */

/* They go back, and were not started. */
static void
put_back(struct worker *w, struct slot *s)
{
	slot_keep(w, s, 0);
	slot_ended(w, s);
}

int64_t
attempt_timeout(const struct worker *w, const struct attempt *a)
{
	return w->o->timeout >= 0 ? w->o->timeout : a->job.timeout;
}

/* In sum, since they are done one after the other; 0: none */
static int64_t
timeout_of(const struct worker *w, const struct run *r)
{
	int64_t sum = 0, timeout;

	for (const struct attempt *a = r->hand.first; a != NULL; a = a->next) {
		timeout = attempt_timeout(w, a);
		if (timeout == 0 || timeout > INT64_MAX / 4 - sum)
			return 0;
		sum += timeout;
	}
	return sum;
}

static void
note_start(struct worker *w, struct slot *s)
{
	for (struct attempt *a = s->run.hand.first; a != NULL; a = a->next)
		a->started = s->run.started;
	w->waiting -= s->run.hand.n;
	w->tally->started += (int64_t)s->run.hand.n;
}

/* When a process takes only the words of fewer jobs, half of them is tried:
 * what the system takes at most, only exec knows. */
static enum run_started
start_with_fewer(struct worker *w, struct slot *s, struct err *err)
{
	enum run_started got;

	while ((got = run_start(&s->run, &w->config, s->lock,
	    tree_mark(&w->tree, s->number), err)) == RUN_TOO_MANY)
		slot_keep(w, s, s->run.hand.n / 2);
	return got;
}

/* What cannot be said in a line is wrong with the job. */
static void
refuse_unsayable(struct worker *w, struct slot *s)
{
	struct hand all = s->run.hand;
	struct attempt *a;

	s->run.hand = (struct hand){ 0 };
	while ((a = hand_take(&all)) != NULL) {
		if (feed_can_say(w->config.feed, &a->job))
			hand_add(&s->run.hand, a);
		else
			attempt_refuse(w, a, "its path holds a newline, and "
				"--stdin paths gives one a line");
	}
}

static void
has_started(struct worker *w, struct slot *s)
{
	int64_t timeout;

	w->starved = 0;
	slot_enter(w, s, SLOT_RUNNING);
	slot_tell_grace(w, s);
	if (s->run.talk != NULL) {
		s->run.talk->unsaid = s->run.hand.first;
		coproc_feed(w, s);
		return;
	}
	note_start(w, s);
	timeout = timeout_of(w, &s->run);
	s->next = timeout > 0 ? s->run.started_boot + timeout : 0;
}

static void
start_one(struct worker *w, struct slot *s)
{
	struct err err;

	slot_keep(w, s, s->order == ORDER_NONE ? SIZE_MAX : 0);
	refuse_unsayable(w, s);
	if (s->run.hand.n == 0) {
		slot_ended(w, s);
		return;
	}
	if (!slot_hold(w, s)) {
		put_back(w, s);
		return;
	}
	switch (start_with_fewer(w, s, &err)) {
	case RUN_STARTED:
		has_started(w, s);
		break;
	case RUN_FAILED:
		note_start(w, s);
		slot_wrap_up(w, s);
		break;
	case RUN_TOO_MANY:
	case RUN_CANNOT:
		worker_cannot(w, &s->run.hand.first->job, &err);
		put_back(w, s);
		break;
	}
}

void
worker_start(struct worker *w)
{
	if (w->now < w->hold_until || w->stopping)
		return;
	while (w->first != NULL && slots_alive(w) < (size_t)w->limit &&
	    w->now >= w->replace_at)
		start_one(w, slot_unqueue(w));
	for (size_t i = 0; w->o->coprocess && i < w->nslots; i++)
		if (slot_lives(w->slots[i]) &&
		    w->slots[i]->run.talk->unsaid != NULL)
			coproc_feed(w, w->slots[i]);
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

	for (size_t i = 0; type != NULL && i < w->nslots; i++)
		if (slot_lives(w->slots[i]) && coproc_runs(w->slots[i], type))
			coproc_take_back(w, w->slots[i]);
	/* what keeps all of them waiting is no short job */
	if (s != NULL && type == NULL && w->mean < GIVE_BACK_NS)
		w->mean = GIVE_BACK_NS;
	w->first = NULL;
	for (; s != NULL; s = after) {
		after = s->after;
		if (type == NULL || strcmp(s->run.hand.first->job.type,
		    type) == 0)
			put_back(w, s);
		else
			slot_queue(w, s);
	}
}

void
worker_take_back(struct worker *w)
{
	for (size_t i = 0; w->o->coprocess && i < w->nslots; i++) {
		struct slot *s = w->slots[i];
		int64_t at;

		if (!slot_lives(s))
			continue;
		at = coproc_take_back_at(s);
		if (at > 0 && at <= w->now)
			coproc_take_back(w, s);
		if (s->stage == SLOT_IDLE &&
		    slots_alive(w) > (size_t)w->limit)
			coproc_close(w, s);
	}
}
