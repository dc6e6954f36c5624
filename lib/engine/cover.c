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
	free(c->paths);
	c->places = NULL;
	c->paths = NULL;
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
static size_t
place_of(const struct cover *c, uint64_t mark)
{
	size_t at = (size_t)(mark >> 1) & (c->cap - 1);

	while (c->places[at] != 0 && c->places[at] != mark)
		at = (at + 1) & (c->cap - 1);
	return at;
}

static void
grow(struct cover *c)
{
	struct cover more = *c;
	size_t at;

	more.cap = c->cap ? 2 * c->cap : 1024;
	more.places = mem_zero(more.cap, sizeof(*more.places));
	more.paths = mem_zero(more.cap, sizeof(*more.paths));
	for (size_t i = 0; i < c->cap; i++)
		if (c->places[i]) {
			at = place_of(&more, c->places[i]);
			more.places[at] = c->places[i];
			more.paths[at] = c->paths[i];
		}
	free(c->places);
	free(c->paths);
	*c = more;
}

void
cover_add(struct cover *c, uint64_t mark)
{
	size_t at;

	if (2 * c->n >= c->cap)
		grow(c);
	at = place_of(c, mark);
	c->n += c->places[at] == 0;
	c->places[at] = mark;
}

void
cover_clear(struct cover *c)
{
	if (c->cap) {
		memset(c->places, 0, c->cap * sizeof(*c->places));
		memset(c->paths, 0, c->cap * sizeof(*c->paths));
	}
	c->n = 0;
}

bool
cover_has(const struct cover *c, uint64_t mark)
{
	return c->cap && c->places[place_of(c, mark)] == mark;
}

bool
cover_meet(struct cover *c, uint64_t mark, struct bytes path)
{
	uint32_t hash = (uint32_t)hash_bytes(&c->key, path) | 1, *met;

	if (!cover_has(c, mark))
		return true;
	met = &c->paths[place_of(c, mark)];
	if (*met == 0)
		*met = hash;
	return *met == hash;
}
