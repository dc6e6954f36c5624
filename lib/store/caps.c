/* Caps, counted from the leases: how many slots of each type run. */
#include <stdlib.h>

#include "store/claim.h"

static int
order(const void *va, const void *vb)
{
	const struct holding *a = va, *b = vb;

	if (a->worker != b->worker)
		return a->worker < b->worker ? -1 : 1;
	if (a->slot != b->slot)
		return a->slot - b->slot;
	return a->claim < b->claim ? -1 : a->claim > b->claim;
}

int
holdings_read(struct store *s, struct holdings *h, struct err *err)
{
	struct query q;
	int code, got;

	code = db_start(&q, &s->db, SQL_LEASES_ALL, err, "");
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		if (h->n == h->cap) {
			h->cap = h->cap ? 2 * h->cap : 64;
			h->v = mem_grow(h->v, h->cap, sizeof(*h->v));
		}
		h->v[h->n++] = (struct holding){ .claim = db_column_int(&q, 0),
		    .slot = (int)db_column_int(&q, 1),
		    .worker = db_column_int(&q, 2),
		    .type = db_column_int(&q, 3),
		    .company = db_column_int(&q, 4) };
	}
	if (h->n > 1)
		qsort(h->v, h->n, sizeof(*h->v), order);
	return got < 0 ? err->code : 0;
}

size_t
holdings_of(const struct holdings *h, int64_t worker, int slot,
	const struct holding **first)
{
	size_t low = 0, high = h->n, n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct holding *v = &h->v[middle];

		if (v->worker < worker ||
		    (v->worker == worker && v->slot < slot))
			low = middle + 1;
		else
			high = middle;
	}
	*first = &h->v[low];
	while (low + n < h->n && h->v[low + n].worker == worker &&
	    h->v[low + n].slot == slot)
		n++;
	return n;
}

void
holdings_release(struct holdings *h)
{
	free(h->v);
	*h = (struct holdings){ 0 };
}

void
type_runs(struct type *t)
{
	if (t)
		t->slots++;
	for (; t; t = t->parent)
		t->running++;
}

void
type_rests(struct type *t)
{
	t->slots--;
	for (; t; t = t->parent)
		t->running--;
}

/* What one slot was given in several claims is of one type, and one slot. */
void
holdings_count(struct store *s, const struct holdings *h)
{
	for (size_t i = 0; i < s->catalog.ntypes; i++)
		s->catalog.types[i]->running = s->catalog.types[i]->slots = 0;
	for (size_t i = 0; i < h->n; i++) {
		const struct holding *v = &h->v[i];

		if (i == 0 || v->worker != v[-1].worker ||
		    v->slot != v[-1].slot)
			type_runs(catalog_type(s, v->type));
	}
}

int
count_running(struct store *s, struct err *err)
{
	struct holdings h = { 0 };
	int code = holdings_read(s, &h, err);

	if (code == 0)
		holdings_count(s, &h);
	holdings_release(&h);
	return code;
}

bool
type_sets_cap(const struct type *t)
{
	return t->set[SET_MAX_WORKERS] || t->set[SET_PROFILE];
}

/* The cap that holds for t, t being the type asked about or a parent of it:
 * one that a type inherits bounds it by itself, one that an ancestor has of its
 * own bounds the sum below it. */
static bool
cap_of(struct store *s, struct type *t, bool own, int64_t *cap)
{
	struct setting_value v;

	if (!own && !type_sets_cap(t))
		return false;
	if (!setting_number(s, t, SET_MAX_WORKERS, &v))
		return false;
	*cap = v.i;
	return true;
}

struct type *
type_capped(struct store *s, struct type *t, int64_t *cap)
{
	for (bool own = true; t; t = t->parent, own = false)
		if (cap_of(s, t, own, cap) && t->running >= *cap)
			return t;
	return NULL;
}

bool
type_has_cap(struct store *s, struct type *t)
{
	int64_t cap;

	for (bool own = true; t; t = t->parent, own = false)
		if (cap_of(s, t, own, &cap))
			return true;
	return false;
}
