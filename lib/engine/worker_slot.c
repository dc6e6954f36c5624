/* The slots of a worker: their locks and stages. */
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "engine/worker_state.h"

/* A slot whose lock somebody still holds is looked at again after that. */
#define HELD_PAUSE NS_PER_S

struct slot *
worker_slot(struct worker *w, int number)
{
	struct slot *s;

	while ((size_t)number >= w->nslots) {
		s = mem_zero(1, sizeof(*s));
		s->number = (int)w->nslots;
		s->lock = -1;
		s->used = true;
		run_init(&s->run, s->number);
		if (w->o->coprocess)
			run_talk(&s->run, w->o->format);
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

struct slot *
slot_next_free(struct worker *w, const struct slot *after)
{
	for (int i = after ? after->number + 1 : 0; i < STORE_SLOTS; i++) {
		struct slot *s = worker_slot(w, i);

		if (s->stage != SLOT_FREE || s->next > w->now)
			continue;
		s->used = s->used && store_slot_held(w->store, w->id, i);
		if (!s->used)
			return s;
		s->next = w->now + HELD_PAUSE;
	}
	return NULL;
}

int
slot_lock(struct worker *w, struct slot *s, struct err *err)
{
	if (s->lock >= 0)
		return 0;
	s->lock_offset = store_slot_offset(w->id, s->number);
	s->used = true;
	return store_slot_lock(w->store, w->id, s->number, &s->lock, err);
}

bool
slot_hold(struct worker *w, struct slot *s)
{
	struct err err;
	int code = slot_lock(w, s, &err);

	if (code == EX_TEMPFAIL)
		worker_run_short(w, &err);
	else if (code != 0)
		worker_fail(w, &err);
	return code == 0 && s->lock >= 0;
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
	struct attempt *a;

	while ((a = hand_take(&w->ended)) != NULL)
		lots_return(&w->lots, a);
	for (size_t i = 0; i < w->nslots; i++) {
		struct slot *s = w->slots[i];

		while ((a = hand_take(&s->run.hand)) != NULL)
			lots_return(&w->lots, a);
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
