#include "rules/debounce.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

#define FEWEST_BUCKETS 1024
/* A place by content is simply taken over, so they are more */
#define EXACT 4
/* What malloc adds to a piece of memory, about */
#define PIECE 16

enum place { BY_AGE, BY_SILENCE, PLACES };

struct held {
	char *p;		/* identity, then content */
	uint32_t hash;		/* of the identity */
	uint32_t nidentity, ncontent;
	uint32_t chain;		/* next of its bucket */
	struct {
		uint32_t before, after;
	} at[PLACES];		/* released: only the first is used */
	int64_t came, heard;
	bool released, named;
};

void
debounce_init(struct debounce *d, const struct debounce_options *o,
	struct hash_key key)
{
	memset(d, 0, sizeof(*d));
	d->options = *o;
	d->key = key;
	d->nbuckets = FEWEST_BUCKETS;
	d->buckets = mem_zero(d->nbuckets, sizeof(*d->buckets));
	d->used = 1;
}

void
debounce_release(struct debounce *d)
{
	for (size_t i = 1; i < d->used; i++)
		free(d->held[i].p);
	free(d->held);
	free(d->buckets);
	free(d->exact);
	memset(d, 0, sizeof(*d));
}

/* ---- queues ---- */

static void
join(struct debounce *d, struct debounce_queue *q, enum place at, uint32_t i)
{
	struct held *h = &d->held[i];

	h->at[at].before = q->last;
	h->at[at].after = 0;
	if (q->last)
		d->held[q->last].at[at].after = i;
	else
		q->first = i;
	q->last = i;
}

static void
leave(struct debounce *d, struct debounce_queue *q, enum place at, uint32_t i)
{
	uint32_t before = d->held[i].at[at].before;
	uint32_t after = d->held[i].at[at].after;

	if (before)
		d->held[before].at[at].after = after;
	else
		q->first = after;
	if (after)
		d->held[after].at[at].before = before;
	else
		q->last = before;
}

/* ---- finding ---- */

static uint32_t
hash_of(const struct debounce *d, struct bytes s)
{
	return (uint32_t)hash_bytes(&d->key, s);
}

static uint32_t *
bucket_of(const struct debounce *d, uint32_t hash)
{
	return &d->buckets[hash & (d->nbuckets - 1)];
}

static uint32_t
find(const struct debounce *d, uint32_t hash, struct bytes identity)
{
	uint32_t i = *bucket_of(d, hash);

	for (; i != 0; i = d->held[i].chain) {
		const struct held *h = &d->held[i];

		if (h->hash == hash && h->nidentity == identity.n &&
		    memcmp(h->p, identity.p, identity.n) == 0)
			return i;
	}
	return 0;
}

static void
enter(struct debounce *d, uint32_t i)
{
	uint32_t *bucket = bucket_of(d, d->held[i].hash);

	d->held[i].chain = *bucket;
	*bucket = i;
}

static void
forget(struct debounce *d, uint32_t i)
{
	uint32_t *at = bucket_of(d, d->held[i].hash);

	while (*at != i)
		at = &d->held[*at].chain;
	*at = d->held[i].chain;
}

static void
grow_buckets(struct debounce *d)
{
	free(d->buckets);
	free(d->exact);
	d->nbuckets *= 2;
	d->buckets = mem_zero(d->nbuckets, sizeof(*d->buckets));
	d->exact = NULL;
	for (uint32_t i = 1; i < d->used; i++)
		if (d->held[i].p && d->held[i].named)
			enter(d, i);
}

/* ---- holding ---- */

static struct bytes
content_of(const struct held *h)
{
	if (h->ncontent)
		return (struct bytes){ h->p + h->nidentity, h->ncontent };
	return (struct bytes){ h->p, h->nidentity };
}

static size_t
cost_of(const struct held *h)
{
	return sizeof(*h) + PIECE + h->nidentity + h->ncontent;
}

static uint32_t
new_held(struct debounce *d)
{
	uint32_t i = d->free;

	if (i) {
		d->free = d->held[i].chain;
		return i;
	}
	if (d->used >= d->cap) {
		d->cap = d->cap ? 2 * d->cap : FEWEST_BUCKETS;
		d->held = mem_grow(d->held, d->cap, sizeof(*d->held));
	}
	if (d->used >= d->nbuckets)
		grow_buckets(d);
	return (uint32_t)d->used++;
}

static void
fill(struct debounce *d, struct held *h, struct bytes identity,
	struct bytes content)
{
	h->p = mem_alloc(identity.n + content.n + 1);
	if (identity.n)
		memcpy(h->p, identity.p, identity.n);
	if (content.n)
		memcpy(h->p + identity.n, content.p, content.n);
	h->nidentity = (uint32_t)identity.n;
	h->ncontent = (uint32_t)content.n;
	d->bytes += cost_of(h);
}

static void
refill(struct debounce *d, struct held *h, struct bytes content)
{
	d->bytes -= cost_of(h);
	if (content.n != h->ncontent)
		h->p = mem_grow(h->p, 1, h->nidentity + content.n + 1);
	if (content.n)
		memcpy(h->p + h->nidentity, content.p, content.n);
	h->ncontent = (uint32_t)content.n;
	d->bytes += cost_of(h);
}

static void
set_free(struct debounce *d, uint32_t i)
{
	struct held *h = &d->held[i];

	if (h->named)
		forget(d, i);
	d->bytes -= cost_of(h);
	free(h->p);
	h->p = NULL;
	h->chain = d->free;
	d->free = i;
}

/* ---- waiting ---- */

static void
wait_for_silence(struct debounce *d, int64_t now, uint32_t i)
{
	d->held[i].heard = now;
	join(d, &d->by_silence, BY_SILENCE, i);
}

static void
start_waiting(struct debounce *d, int64_t now, uint32_t i)
{
	d->held[i].came = now;
	d->held[i].released = false;
	join(d, &d->by_age, BY_AGE, i);
	wait_for_silence(d, now, i);
	d->nwaiting++;
}

static void
let_go(struct debounce *d, uint32_t i)
{
	leave(d, &d->by_age, BY_AGE, i);
	leave(d, &d->by_silence, BY_SILENCE, i);
	d->nwaiting--;
	d->held[i].released = true;
	join(d, &d->released, BY_AGE, i);
	d->nreleased++;
}

static void
heard_again(struct debounce *d, int64_t now, uint32_t i)
{
	if (d->held[i].released)
		return;
	leave(d, &d->by_silence, BY_SILENCE, i);
	wait_for_silence(d, now, i);
}

static uint32_t *
exact_of(const struct debounce *d, struct bytes content)
{
	return &d->exact[hash_of(d, content) & (EXACT * d->nbuckets - 1)];
}

/* The next one that is the same is found at once. */
static void
note_exact(struct debounce *d, uint32_t i, struct bytes content)
{
	if (content.n == 0)
		return;
	if (d->exact == NULL)
		d->exact = mem_zero(EXACT * d->nbuckets, sizeof(*d->exact));
	*exact_of(d, content) = i;
}

static uint32_t
put_new(struct debounce *d, int64_t now, uint32_t hash, struct bytes identity,
	struct bytes content)
{
	uint32_t i = new_held(d);
	struct held *h = &d->held[i];

	fill(d, h, identity, content);
	h->hash = hash;
	h->named = identity.p != NULL;
	if (h->named)
		enter(d, i);
	start_waiting(d, now, i);
	if (d->options.window == 0 || !h->named)
		let_go(d, i);
	return i;
}

bool
debounce_put(struct debounce *d, int64_t now, struct bytes identity,
	struct bytes content)
{
	uint32_t hash = identity.p ? hash_of(d, identity) : 0;
	uint32_t i = identity.p ? find(d, hash, identity) : 0;
	bool again = i != 0;

	if (again) {
		refill(d, &d->held[i], content);
		heard_again(d, now, i);
	} else {
		i = put_new(d, now, hash, identity, content);
	}
	note_exact(d, i, content);
	if (d->nwaiting >= d->options.batch || debounce_full(d))
		debounce_flush(d);
	return again;
}

bool
debounce_again(struct debounce *d, int64_t now, struct bytes content)
{
	uint32_t i = d->exact ? *exact_of(d, content) : 0;

	if (i == 0 || d->held[i].p == NULL || !d->held[i].named ||
	    !bytes_equal(content_of(&d->held[i]), content))
		return false;
	heard_again(d, now, i);
	return true;
}

bool
debounce_find(const struct debounce *d, struct bytes identity,
	struct bytes *content)
{
	uint32_t i = find(d, hash_of(d, identity), identity);

	if (i)
		*content = content_of(&d->held[i]);
	return i != 0;
}

void
debounce_advance(struct debounce *d, int64_t now)
{
	while (debounce_due(d) <= now) {
		uint32_t old = d->by_age.first, quiet = d->by_silence.first;
		bool waited = clock_after(d->held[old].came,
		    d->options.max_delay) <= now;

		let_go(d, waited ? old : quiet);
	}
}

void
debounce_flush(struct debounce *d)
{
	while (d->by_age.first)
		let_go(d, d->by_age.first);
}

int64_t
debounce_due(const struct debounce *d)
{
	int64_t old, quiet;

	if (d->by_age.first == 0)
		return INT64_MAX;
	old = clock_after(d->held[d->by_age.first].came,
	    d->options.max_delay);
	quiet = clock_after(d->held[d->by_silence.first].heard,
	    d->options.window);
	return old < quiet ? old : quiet;
}

bool
debounce_full(const struct debounce *d)
{
	return d->nwaiting + d->nreleased >= d->options.max_records ||
	    d->bytes >= d->options.max_bytes;
}

bool
debounce_first(const struct debounce *d, struct bytes *content)
{
	uint32_t i = d->released.first;

	if (i)
		*content = content_of(&d->held[i]);
	return i != 0;
}

void
debounce_drop(struct debounce *d)
{
	uint32_t i = d->released.first;

	leave(d, &d->released, BY_AGE, i);
	d->nreleased--;
	set_free(d, i);
}
