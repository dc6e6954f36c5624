/* The slots of a worker: their locks and stages. */
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "engine/worker_state.h"

/* A slot whose lock somebody still holds is looked at again after that. */
#define HELD_PAUSE NS_PER_S
#define STARVED_MAX 5

struct slot *
worker_slot(struct worker *w, int number)
{
	struct slot *s;

	while ((size_t)number >= w->nslots) {
		s = mem_zero(1, sizeof(*s));
		s->number = (int)w->nslots;
		s->lock = -1;
		run_init(&s->run);
		w->slots = mem_grow(w->slots, w->nslots + 1,
			sizeof(struct slot *));
		w->slots[w->nslots++] = s;
		w->count[SLOT_FREE]++;
	}
	return w->slots[number];
}

void
slot_enter(struct worker *w, struct slot *s, enum stage stage)
{
	w->count[s->stage]--;
	w->count[stage]++;
	s->stage = stage;
	s->since = w->now;
}

void
slot_queue(struct worker *w, struct slot *s)
{
	s->after = NULL;
	if (w->first == NULL)
		w->first = s;
	else
		w->last->after = s;
	w->last = s;
}

struct slot *
slot_unqueue(struct worker *w)
{
	struct slot *s = w->first;

	if (s != NULL)
		w->first = s->after;
	return s;
}

static int
lock_one(struct worker *w, struct slot *s, struct err *err)
{
	int code = store_slot_lock(w->store, w->id, s->number, &s->lock, err);

	if (code)
		return code;
	if (s->lock < 0) {
		s->next = w->now + HELD_PAUSE;
		return 0;
	}
	s->next = 0;
	s->lock_offset = store_slot_offset(w->id, s->number);
	slot_enter(w, s, SLOT_LOCKED);
	return 0;
}

/* There are not descriptors enough for all that are wanted.  When there is
 * none for a single one, and nothing that runs could give some back, there
 * will be none later. */
static void
out_of_descriptors(struct worker *w, const struct err *err)
{
	if (w->count[SLOT_LOCKED] + w->count[SLOT_CLAIMED] +
	    w->count[SLOT_RUNNING] + w->count[SLOT_ENDED] > 0)
		w->starved = 0;
	if (w->starved++ < STARVED_MAX)
		worker_run_short(w, err->text);
	else
		worker_fail(w, err);
}

int
slots_lock(struct worker *w, size_t n, struct err *err)
{
	int code = 0;

	for (int i = 0; i < STORE_SLOTS && w->count[SLOT_LOCKED] < n &&
	    code == 0; i++) {
		struct slot *s = worker_slot(w, i);

		if (s->stage == SLOT_FREE && s->next <= w->now)
			code = lock_one(w, s, err);
	}
	if (code == EX_TEMPFAIL) {
		out_of_descriptors(w, err);
		return 0;
	}
	w->starved = 0;
	return code;
}

void
slot_free(struct worker *w, struct slot *s)
{
	if (s->lock >= 0)
		close(s->lock);
	s->lock = -1;
	s->order = ORDER_NONE;
	s->force = FORCE_NONE;
	s->next = 0;
	run_reset(&s->run);
	slot_enter(w, s, SLOT_FREE);
}

void
slots_release(struct worker *w)
{
	for (size_t i = 0; i < w->nslots; i++) {
		struct slot *s = w->slots[i];

		slot_free(w, s);
		run_release(&s->run);
		pids_release(&s->orphans);
		free(s);
	}
	free(w->slots);
	w->slots = NULL;
	w->nslots = 0;
	w->first = w->last = NULL;
}
