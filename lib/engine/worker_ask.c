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

/* How many jobs may still be claimed, with -n */
static int64_t
starts_left(const struct worker *w)
{
	int64_t n = w->o->attempts - w->tally->started - (int64_t)w->waiting;

	return n > 0 ? n : 0;
}

size_t
ask_places(const struct worker *w)
{
	size_t busy = w->count[SLOT_RUNNING] + w->count[SLOT_CLAIMED];
	size_t places = (size_t)w->limit + ahead(w);
	int64_t allowed;

	if (!may_claim(w) || busy >= places)
		return 0;
	places -= busy;
	if (w->o->attempts > 0) {
		allowed = starts_left(w);
		if ((int64_t)places > allowed)
			places = (size_t)allowed;
	}
	return places;
}

bool
turn_wanted(const struct worker *w)
{
	bool could = w->look && ask_places(w) > 0;

	if (w->now < w->hold_until)
		return false;
	if (w->ended.n == 0)
		return could;
	/* There is work in hand meanwhile, so this can wait for company. */
	if (w->count[SLOT_CLAIMED] >= (size_t)w->limit)
		return w->now - w->ended_since >= AHEAD_NS;
	return true;
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
	size_t busy = w->count[SLOT_RUNNING] + w->count[SLOT_CLAIMED];

	return busy < (size_t)w->limit ? (size_t)w->limit - busy : 0;
}

/* As many as the command takes at once, and as may still be started */
static struct slot_request
request_for(const struct worker *w, int slot, int64_t *left)
{
	struct slot_request r = { .slot = slot, .jobs = w->o->batch,
		.batch = w->o->batch == 0, .words = w->o->command == NULL };

	if (r.batch)
		r.jobs = SLOT_JOBS;
	if (w->one)
		r.jobs = 1;
	if (w->o->attempts > 0 && r.jobs > *left)
		r.jobs = (int)*left;
	*left -= r.jobs;
	return r;
}

struct slot_request *
ask_for(struct worker *w, size_t n, size_t *asked)
{
	struct slot_request *v = mem_alloc((n + 1) * sizeof(*v));
	size_t start = can_start(w);
	int64_t left = starts_left(w);

	*asked = slots_free(w, n, v);
	for (size_t i = 0; i < *asked; i++) {
		v[i] = request_for(w, v[i].slot, &left);
		v[i].ahead = i >= start;
		if (v[i].jobs < 1)
			*asked = i;
	}
	return v;
}

/* ---- nothing more ---- */

static bool
drained(struct worker *w)
{
	struct backlog backlog, *b = &backlog;
	struct err err;

	if (w->look || w->rejoin)
		return false;
	if (store_backlog(w->store, &w->selection, b, &err) != 0)
		return false;
	if (b->ready > 0 || b->running > 0)
		return false;
	return w->o->drain == DRAIN_READY || b->delayed == 0;
}

bool
worker_finished(struct worker *w)
{
	if (w->count[SLOT_RUNNING] > 0 || w->count[SLOT_CLAIMED] > 0)
		return false;
	if (w->ended.n > 0)
		return w->stopping && w->trouble_since > 0 &&
			w->now >= w->give_up;
	if (w->stopping)
		return true;
	if (w->o->attempts > 0 && w->tally->started >= w->o->attempts)
		return true;
	return w->o->drain != DRAIN_NO && drained(w);
}
