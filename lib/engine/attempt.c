#include <stdlib.h>

#include "base/cached_size.h"
#include "engine/attempt.h"
#include "engine/usage.h"

/* Memory that the next lot may have; large payloads are seldom. */
#define LOT_KEPT (1 << 20)

/* ---- hands ---- */

void
hand_add(struct hand *h, struct attempt *a)
{
	a->next = NULL;
	if (h->first == NULL)
		h->first = a;
	else
		h->last->next = a;
	h->last = a;
	h->n++;
}

struct attempt *
hand_take(struct hand *h)
{
	struct attempt *a = h->first;

	if (a == NULL)
		return NULL;
	h->first = a->next;
	h->n--;
	return a;
}

void
hand_drop(struct hand *h, struct attempt *a)
{
	struct attempt **at = &h->first, *before = NULL;

	while (*at != a) {
		before = *at;
		at = &before->next;
	}
	*at = a->next;
	if (h->last == a)
		h->last = before;
	h->n--;
}

struct attempt *
hand_find(const struct hand *h, int64_t job)
{
	struct attempt *a = h->first;

	while (a != NULL && a->job.id != job)
		a = a->next;
	return a;
}

/* ---- lots ---- */

struct lot {
	struct lot *next;
	struct arena arena;	/* its attempts, and their strings */
	size_t open;		/* not returned yet */
};

static struct bytes
copy(struct arena *a, struct bytes b)
{
	return b.p ? arena_copy(a, b) : b;
}

static void
attempt_init(struct attempt *a, const struct claimed *job, struct arena *arena)
{
	a->job = *job;
	a->job.path = copy(arena, job->path);
	a->job.key = copy(arena, job->key);
	a->job.payload = copy(arena, job->payload);
	a->job.stored.group = copy(arena, job->stored.group);
	a->input_bytes = -1;
	usage_none(&a->usage);
}

void
lots_give(struct lots *l, struct hand *h, struct slot *slot,
	const struct claimed *jobs, size_t n)
{
	struct lot *lot = l->unused;
	struct attempt *v;
	const char *type, *handler;

	if (lot != NULL)
		l->unused = lot->next;
	else
		lot = mem_zero(1, sizeof(*lot));
	lot->open = n;
	v = arena_alloc(&lot->arena, n * sizeof(*v));
	memset(v, 0, n * sizeof(*v));
	/* all of them have the same */
	type = arena_copy(&lot->arena, bytes_of(jobs->type)).p;
	handler = copy(&lot->arena, bytes_of(jobs->handler)).p;
	for (size_t i = 0; i < n; i++) {
		attempt_init(&v[i], &jobs[i], &lot->arena);
		v[i].job.type = type;
		v[i].job.handler = handler;
		v[i].lot = lot;
		v[i].slot = slot;
		hand_add(h, &v[i]);
	}
}

void
lots_return(struct lots *l, struct attempt *a)
{
	struct lot *lot = a->lot;

	if (a->answer != NULL) {
		answer_release(a->answer);
		free(a->answer);
	}
	if (--lot->open > 0)
		return;
	if (arena_used(&lot->arena) > LOT_KEPT)
		arena_release(&lot->arena);
	else
		arena_reset(&lot->arena);
	lot->next = l->unused;
	l->unused = lot;
}

void
lots_release(struct lots *l)
{
	struct lot *lot;

	while ((lot = l->unused) != NULL) {
		l->unused = lot->next;
		arena_release(&lot->arena);
		free(lot);
	}
}

/* ---- what is known of one ---- */

struct answer *
attempt_answer(struct attempt *a)
{
	if (a->answer == NULL) {
		a->answer = mem_alloc(sizeof(*a->answer));
		answer_init(a->answer);
	}
	return a->answer;
}

void
attempt_measure(struct attempt *a)
{
	const char *path = a->job.path.p;

	if (a->input_bytes < 0 && path != NULL && path[0] == '/')
		a->input_bytes = cached_size(path);
}

void
answer_complete(struct answer *answer, const struct claimed *job)
{
	for (size_t i = 0; i < answer->n; i++) {
		struct record *record = &answer->records[i];

		if (record->type.p == NULL)
			record->type = bytes_of(job->type);
		if (record->priority == 0)
			record->priority = job->priority;
	}
}

void
attempt_complete(struct attempt *a)
{
	if (a->answer != NULL)
		answer_complete(a->answer, &a->job);
}

struct bytes
attempt_keep(struct attempt *a, struct bytes b)
{
	return arena_copy(&a->lot->arena, b);
}

void
attempt_then(struct attempt *a, const char *type)
{
	const struct claimed *job = &a->job;

	a->then = arena_alloc(&a->lot->arena, sizeof(*a->then));
	record_init(a->then);
	a->then->type = bytes_of(type);
	a->then->path = job->path;
	a->then->key = job->key;
	a->then->payload = job->payload;
	a->then->event = job->event;
	a->then->priority = job->priority;
}
