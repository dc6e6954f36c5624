/* A set of marks. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "engine/cover_set.h"

void
cover_init(struct cover *c)
{
	*c = (struct cover){ 0 };
	hash_key_draw(&c->key);
}

void
cover_release(struct cover *c)
{
	free(c->places);
	c->places = NULL;
	c->cap = c->n = 0;
}

uint64_t
cover_hash(const struct cover *c, const void *p, size_t n)
{
	return hash_bytes(&c->key, (struct bytes){ p, n }) | 1;
}

uint64_t
cover_inode_mark(const struct cover *c, uint32_t device, uint64_t inode)
{
	uint64_t both[2] = { device, inode };

	return cover_hash(c, both, sizeof(both));
}

/* Where it is or would be; there is always a free one. */
static uint64_t *
place_of(uint64_t *places, size_t cap, uint64_t mark)
{
	size_t at = (size_t)(mark >> 1) & (cap - 1);

	while (places[at] != 0 && places[at] != mark)
		at = (at + 1) & (cap - 1);
	return &places[at];
}

static void
grow(struct cover *c)
{
	size_t cap = c->cap ? 2 * c->cap : 1024;
	uint64_t *places = mem_zero(cap, sizeof(*places));

	for (size_t i = 0; i < c->cap; i++)
		if (c->places[i])
			*place_of(places, cap, c->places[i]) = c->places[i];
	free(c->places);
	c->places = places;
	c->cap = cap;
}

void
cover_add(struct cover *c, uint64_t mark)
{
	uint64_t *at;

	if (2 * c->n >= c->cap)
		grow(c);
	at = place_of(c->places, c->cap, mark);
	c->n += *at == 0;
	*at = mark;
}

void
cover_clear(struct cover *c)
{
	if (c->cap)
		memset(c->places, 0, c->cap * sizeof(*c->places));
	c->n = 0;
}

bool
cover_has(const struct cover *c, uint64_t mark)
{
	return c->cap && *place_of(c->places, c->cap, mark) == mark;
}
