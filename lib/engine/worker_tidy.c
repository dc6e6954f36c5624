/*
 * Housekeeping: a worker lets what is old leave the queue, a few milliseconds
 * at a time; as much as there is while it has nothing else to do, else for a
 * tenth of its time.  After a pass it rests for at least twenty times as long
 * as that took.
 */
#include "engine/worker_state.h"

#define FIRST NS_PER_S
#define BUSY_PART 10
#define REST 20
#define AT_END (50 * NS_PER_MS)
#define AFTER_ERROR (60 * NS_PER_S)

static bool
idle(const struct worker *w)
{
	return !w->look && w->count[SLOT_RUNNING] == 0 &&
		w->count[SLOT_CLAIMED] == 0 && w->count[SLOT_ENDED] == 0;
}

int64_t
tidy_at(const struct worker *w)
{
	return w->stopping || w->rejoin ? 0 : w->tidy_at;
}

void
worker_tidy(struct worker *w)
{
	int64_t began = w->now, pause;
	struct err err;

	if (w->tidy_at == 0)
		w->tidy_at = w->now + FIRST;
	if (tidy_at(w) == 0 || tidy_at(w) > w->now)
		return;
	if (store_prune(w->store, &w->prune, &err) != 0) {
		if (err.code != EX_TEMPFAIL)
			worker_say(w, "%s", err.text);
		w->tidy_at = w->now + AFTER_ERROR;
		return;
	}
	worker_read_clock(w);
	w->tidy_took += w->now - began;
	if (!w->prune.more) {
		pause = REST * w->tidy_took;
		if (pause < w->prune.pause)
			pause = w->prune.pause;
		w->tidy_at = w->now + pause;
		w->tidy_took = 0;
	} else if (idle(w)) {
		w->tidy_at = w->now;
	} else {
		w->tidy_at = w->now + (BUSY_PART - 1) * (w->now - began);
	}
}

/* Who only ever lasts for a short time does its part, too. */
void
worker_tidy_up(struct worker *w)
{
	int64_t end;
	struct err err;

	if (w->o->drain == DRAIN_NO || w->stopping || w->code != 0)
		return;
	worker_read_clock(w);
	end = w->now - w->began;
	end = w->now + AT_END + (end < FIRST ? end : FIRST) / BUSY_PART;
	do {
		if (store_prune(w->store, &w->prune, &err) != 0)
			return;
		worker_read_clock(w);
	} while (w->prune.more && w->now < end);
}
