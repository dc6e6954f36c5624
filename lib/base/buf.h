/*
 * Growable bytes.  Running out of memory ends the process (exit 71): no
 * caller can do anything better, and the queue is safe at every instant.
 *
 * The words mean the same everywhere in iq: init makes an empty value without
 * allocating, reset empties it and keeps the memory, release frees the memory
 * and leaves it as after init, free does release and frees the object.
 */
#ifndef IQ_BUF_H
#define IQ_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* malloc family that cannot fail */
void *mem_alloc(size_t n);
void *mem_zero(size_t count, size_t size);
void *mem_grow(void *p, size_t count, size_t size);
char *mem_dup(const void *p, size_t n);	/* NUL added */
char *mem_strdup(const char *s);
/* For who frees and allocates the same again and again: a few megabytes at the
 * end of the heap stay with this process instead of going back and forth. */
void mem_keep(void);

/* p is always NUL-terminated after the first buf_add*; len excludes the NUL.
 * Zero-initialised ({0}) is a valid empty buffer. */
struct buf {
	char *p;
	size_t len;
	size_t cap;
};

void buf_room(struct buf *b, size_t extra);	/* at least extra free bytes */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
void buf_reset(struct buf *b);
static inline struct bytes
buf_bytes(const struct buf *b)
{
	return (struct bytes){ b->p, b->len };
}
void buf_release(struct buf *b);

/* Bump allocator for the records of one batch: everything is freed at once.
 * Zero-initialised is valid. Pointers stay where they are until reset. */
struct arena_block;
struct arena {
	struct arena_block *first, *current;
	size_t used;
};

void *arena_alloc(struct arena *a, size_t n);	/* aligned for any type */
struct bytes arena_copy(struct arena *a, struct bytes b);	/* NUL added */
void arena_reset(struct arena *a);
void arena_release(struct arena *a);
size_t arena_used(const struct arena *a);	/* bytes handed out */

#endif
