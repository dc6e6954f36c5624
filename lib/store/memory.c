/*
 * SQLite's memory.
 *
 * To open a queue SQLite makes some two thousand small allocations, most of
 * them for its copy of the schema; with malloc(3) they are a fifth of what a
 * program does that enqueues one job.  Here a size is rounded up to its class
 * (by at most an eighth, or 15 bytes), a piece is cut off a large block, and a
 * freed one waits in the list of its class for the next of that size.  Blocks
 * are not given back: what SQLite needs at most is its page cache.
 *
 * SQLite calls these functions without a context, and sets them once for the
 * process: hence the one static object of lib/.  There is one thread.
 */
#include <stdlib.h>
#include <string.h>

#include "store/db.h"

#define SMALL 512		/* classes in steps of 16 up to here */
#define LARGE 8192		/* and in eighths of a power of two to here */
#define CLASSES (SMALL / 16 + 4 * 8 + 1)
#define BLOCK (128 * 1024)

struct piece {
	uint64_t size;		/* of its class, or what was asked of malloc */
	struct piece *next;	/* while it is free; else the first bytes */
};

#define HEADER offsetof(struct piece, next)

static struct {
	struct piece *free[CLASSES];
	char *at, *end;		/* what is left of the last block */
} pool;

static struct piece *
piece_of(void *p)
{
	return (struct piece *)(void *)((char *)p - HEADER);
}

/* 1 <= n <= LARGE; *size is what the class gives */
static size_t
class_of(size_t n, size_t *size)
{
	size_t class = (n + 15) / 16, power = SMALL, step;

	if (n <= SMALL) {
		*size = class * 16;
		return class - 1;
	}
	for (class = SMALL / 16; n > 2 * power; class += 8)
		power *= 2;
	step = (n - power + power / 8 - 1) / (power / 8);
	*size = power + step * (power / 8);
	return class + step - 1;
}

static void *
take_large(size_t n)
{
	struct piece *p = malloc(HEADER + n);

	if (p == NULL)
		return NULL;
	p->size = n;
	return &p->next;
}

static void *
pool_take(int asked)
{
	size_t n = asked > 0 ? (size_t)asked : 1, size, class;
	struct piece *p;

	if (n > LARGE)
		return take_large(n);
	class = class_of(n, &size);
	p = pool.free[class];
	if (p) {
		pool.free[class] = p->next;
		return &p->next;
	}
	if ((size_t)(pool.end - pool.at) < HEADER + size) {
		pool.at = malloc(BLOCK);
		pool.end = pool.at ? pool.at + BLOCK : NULL;
		if (pool.at == NULL)
			return NULL;
	}
	p = (struct piece *)(void *)pool.at;
	pool.at += HEADER + size;
	p->size = size;
	return &p->next;
}

static void
pool_give(void *at)
{
	struct piece *p = piece_of(at);
	size_t size, class;

	if (p->size > LARGE) {
		free(p);
		return;
	}
	class = class_of(p->size, &size);
	p->next = pool.free[class];
	pool.free[class] = p;
}

static int
pool_size(void *at)
{
	return at ? (int)piece_of(at)->size : 0;
}

static void *
pool_resize(void *at, int asked)
{
	size_t size = piece_of(at)->size;
	void *other;

	if (size <= LARGE && asked >= 0 && (size_t)asked <= size)
		return at;
	other = pool_take(asked);
	if (other == NULL)
		return NULL;
	memcpy(other, at, (size_t)asked < size ? (size_t)asked : size);
	pool_give(at);
	return other;
}

static int
pool_round(int asked)
{
	size_t size = asked > 0 ? (size_t)asked : 1;

	if (size > LARGE)
		return (asked + 7) & ~7;
	class_of(size, &size);
	return (int)size;
}

static int
pool_start(void *unused)
{
	(void)unused;
	return SQLITE_OK;
}

static void
pool_stop(void *unused)
{
	(void)unused;
}

void
db_memory(void)
{
	static const sqlite3_mem_methods methods = { pool_take, pool_give,
	    pool_resize, pool_size, pool_round, pool_start, pool_stop, NULL };

	sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}
