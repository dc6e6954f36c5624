/*
 * How many jobs a worker asks for, and when.
 *
 * When jobs are so short that a transaction each would cost more than they do,
 * some are claimed ahead: about 50 ms of work.  They go back when the jobs
 * before them take longer than a second.
 */
#include "base/buf.h"
#include "engine/worker_state.h"

#define AHEAD_NS (50 * NS_PER_MS)
#define AHEAD_SHORT (25 * NS_PER_MS)	/* only jobs shorter than that */
#define AHEAD_SAMPLES 8
/* A turn costs as much as about eight more of its jobs, so more than that saves
 * nothing, and while it lasts the jobs that run should not end. */
#define AHEAD_MAX 32
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
	return w->stopping == 0 && w->code == 0 && !w->rejoin && !w->full &&
		w->now >= w->hold_until &&
		w->out.waiting + w->err.waiting < OUTPUT_FULL;
}

/* How many jobs may still be claimed */
static int64_t
starts_left(const struct worker *w)
{
	int64_t n = w->o->attempts - w->tally->started - (int64_t)w->waiting;

	if (w->o->attempts == 0)
		return INT64_MAX;
	return n > 0 ? n : 0;
}

/* How many slots may get jobs that have none */
static size_t
free_places(const struct worker *w)
{
	size_t busy = slots_alive(w) + w->count[SLOT_CLAIMED];
	size_t places = (size_t)w->limit;

	if (!w->o->coprocess)
		places += ahead(w);
	else if (w->now < w->replace_at)
		return 0;
	return places > busy ? places - busy : 0;
}

size_t
ask_places(const struct worker *w)
{
	size_t places = may_claim(w) ? free_places(w) : 0;
	int64_t left = starts_left(w);

	return (int64_t)places < left ? places : (size_t)left;
}

/* Co-processes that could have more */
static bool
talk_has_room(const struct worker *w)
{
	if (!w->o->coprocess || !may_claim(w) || starts_left(w) == 0)
		return false;
	for (size_t i = 0; i < w->nslots; i++)
		if (slot_lives(w->slots[i]) && coproc_room(w->slots[i]) > 0)
			return true;
	return false;
}

/* There is work in hand, so what has ended can wait for company. */
static bool
has_work(const struct worker *w)
{
	if (!w->o->coprocess)
		return w->count[SLOT_CLAIMED] >= (size_t)w->limit;
	for (size_t i = 0; i < w->nslots; i++)
		if (w->slots[i]->run.hand.n > 0)
			return true;
	return false;
}

bool
turn_wanted(const struct worker *w)
{
	bool could;

	if (w->now < w->hold_until)
		return false;
	could = w->look && (ask_places(w) > 0 || talk_has_room(w));
	if (w->ended.n == 0 || (could && w->o->coprocess))
		return could;
	return !has_work(w) || w->now - w->ended_since >= AHEAD_NS;
}

int64_t
turn_due(const struct worker *w)
{
	return w->ended.n > 0 ? w->ended_since + AHEAD_NS : 0;
}

/* ---- requests ---- */

/* What is claimed beyond this waits. */
static size_t
can_start(const struct worker *w)
{
	size_t busy = slots_alive(w) + w->count[SLOT_CLAIMED];

	return busy < (size_t)w->limit ? (size_t)w->limit - busy : 0;
}

/* As many as the command takes at once */
static struct slot_request
request_for(const struct worker *w, const struct slot *s)
{
	struct slot_request r = { .slot = s->number, .jobs = w->o->batch };

	if (w->o->coprocess) {
		r.jobs = coproc_room(s);
		return r;
	}
	r.batch = w->o->batch == 0;
	r.words = w->o->command == NULL;
	if (r.batch)
		r.jobs = SLOT_JOBS;
	if (w->one)
		r.jobs = 1;
	return r;
}

/* A list under way */
struct asking {
	struct slot_request *v;
	size_t n;
	int64_t left;		/* jobs that may be started */
};

static void
ask(const struct worker *w, struct asking *a, const struct slot *s, bool wait)
{
	struct slot_request r = request_for(w, s);

	if (r.jobs > a->left)
		r.jobs = (int)a->left;
	if (r.jobs < 1)
		return;
	a->left -= r.jobs;
	r.ahead = wait;
	a->v[a->n++] = r;
}

/* Idle co-processes come first, and a new one last: it would have to start. */
static void
ask_living(const struct worker *w, struct asking *a, enum stage stage)
{
	for (size_t i = 0; w->count[stage] > 0 && i < w->nslots; i++)
		if (w->slots[i]->stage == stage)
			ask(w, a, w->slots[i], false);
}

struct slot_request *
ask_for(struct worker *w, size_t places, size_t *asked)
{
	size_t start = can_start(w);
	struct asking a = { .left = starts_left(w) };

	a.v = mem_alloc((w->nslots + places + 1) * sizeof(*a.v));
	if (w->o->coprocess && may_claim(w)) {
		ask_living(w, &a, SLOT_IDLE);
		ask_living(w, &a, SLOT_RUNNING);
	}
	for (struct slot *s = NULL; places > 0 &&
	    (s = slot_next_free(w, s)) != NULL; places--) {
		ask(w, &a, s, start == 0);
		start -= start > 0;
	}
	*asked = a.n;
	return a.v;
}

/* ---- nothing more ---- */

/* What comes after that is not waited for, nor told of as left. */
static bool
drained(struct worker *w)
{
	struct backlog *b = &w->tally->left;
	struct err err;

	w->drained = !w->look && !w->rejoin && store_backlog(w->store,
	    &w->selection, b, &err) == 0 && b->ready == 0 &&
	    b->running == 0 && (w->o->drain == DRAIN_READY ||
	    b->delayed == 0);
	return w->drained;
}

static bool
done(struct worker *w)
{
	if (w->count[SLOT_RUNNING] > 0 || w->count[SLOT_CLAIMED] > 0)
		return false;
	if (w->ended.n > 0)
		return w->stopping && w->trouble_since > 0 &&
			w->now >= w->give_up;
	/* told again it does not wait for a reader either */
	if (w->stopping < 2 && w->out.n + w->err.n > 0)
		return false;
	if (w->stopping)
		return true;
	if (w->o->attempts > 0 && w->tally->started >= w->o->attempts)
		return true;
	return w->o->drain != DRAIN_NO && drained(w);
}

bool
worker_finished(struct worker *w)
{
	if (!done(w))
		return false;
	for (size_t i = 0; i < w->nslots && w->count[SLOT_IDLE] > 0; i++)
		if (w->slots[i]->stage == SLOT_IDLE)
			coproc_close(w, w->slots[i]);
	return slots_alive(w) == 0;
}
