/*
 * A chain of blocks, handed out from the front.  A reset keeps all of them,
 * so a program that works batch by batch soon allocates nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define BLOCK_FIRST ((size_t)16 << 10)
#define BLOCK_LARGEST ((size_t)1 << 20)

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(max_align_t) char bytes[];
};

static struct arena_block *
block_new(size_t size)
{
	struct arena_block *block;

	if (size > SIZE_MAX - sizeof(*block))
		size = SIZE_MAX - sizeof(*block);	/* refused below */
	block = mem_alloc(sizeof(*block) + size);
	block->next = NULL;
	block->size = size;
	block->used = 0;
	return block;
}

/* Makes current a block with n bytes left. Blocks that are too small for it
 * are passed over until the next reset. */
static void
advance(struct arena *a, size_t n)
{
	struct arena_block *block = a->current, *added;
	size_t size = BLOCK_FIRST;

	while (block != NULL && block->next != NULL) {
		block = block->next;
		if (block->size >= n) {
			a->current = block;
			return;
		}
	}
	if (block != NULL)
		size = block->size < BLOCK_LARGEST / 2 ? block->size * 2
			: BLOCK_LARGEST;
	added = block_new(size < n ? n : size);
	if (block == NULL)
		a->first = added;
	else
		block->next = added;
	a->current = added;
}

static void *
take(struct arena *a, size_t n, size_t align)
{
	struct arena_block *block = a->current;
	size_t at = 0;

	if (block != NULL)
		at = (block->used + align - 1) & ~(align - 1);
	if (block == NULL || at > block->size || n > block->size - at) {
		advance(a, n);
		block = a->current;
		at = 0;
	}
	block->used = at + n;
	a->used += n;
	return block->bytes + at;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	return take(a, n, _Alignof(max_align_t));
}

struct bytes
arena_copy(struct arena *a, struct bytes b)
{
	char *p;

	if (b.p == NULL)
		return BYTES_NONE;
	p = take(a, b.n + 1, 1);
	memcpy(p, b.p, b.n);
	p[b.n] = '\0';
	return (struct bytes){ p, b.n };
}

void
arena_reset(struct arena *a)
{
	struct arena_block *block;

	for (block = a->first; block != NULL; block = block->next)
		block->used = 0;
	a->current = a->first;
	a->used = 0;
}

void
arena_release(struct arena *a)
{
	struct arena_block *block = a->first, *next;

	for (; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	a->first = a->current = NULL;
	a->used = 0;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}
