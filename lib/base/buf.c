#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/compat.h"

/* write(2) and _exit(2) only: nothing that could want memory itself. */
static _Noreturn void
out_of_memory(void)
{
	static const char text[] = "iq: out of memory\n";
	ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)n;
	_exit(EX_OSERR);
}

void *
mem_alloc(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
mem_zero(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
mem_grow(void *p, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		out_of_memory();
	count *= size;
	p = realloc(p, count != 0 ? count : 1);
	if (p == NULL)
		out_of_memory();
	return p;
}

char *
mem_dup(const void *p, size_t n)
{
	char *copy;

	if (n == SIZE_MAX)
		out_of_memory();
	copy = mem_alloc(n + 1);
	if (n != 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

char *
mem_strdup(const char *s)
{
	return mem_dup(s, strlen(s));
}

#define KEPT (4 << 20)

void
mem_keep(void)
{
	(void)IQ_MALLOPT(M_TRIM_THRESHOLD, KEPT);
	(void)IQ_MALLOPT(M_TOP_PAD, KEPT / 4);
}

void
buf_room(struct buf *b, size_t extra)
{
	size_t need, cap;

	if (extra >= SIZE_MAX / 2 - b->len)
		out_of_memory();
	need = b->len + extra + 1;	/* the NUL */
	if (need <= b->cap)
		return;
	cap = b->cap + b->cap / 2;
	if (cap < 64)
		cap = 64;
	if (cap < need)
		cap = need;
	b->p = mem_grow(b->p, cap, 1);
	b->p[b->len] = '\0';
	b->cap = cap;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	buf_room(b, n);
	if (n != 0)
		memcpy(b->p + b->len, p, n);
	b->len += n;
	b->p[b->len] = '\0';
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addc(struct buf *b, char c)
{
	if (b->len + 1 >= b->cap)
		buf_room(b, 1);
	b->p[b->len++] = c;
	b->p[b->len] = '\0';
}

void
buf_addv(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	buf_room(b, 64);
	n = vsnprintf(b->p + b->len, b->cap - b->len, fmt, ap);
	if (n >= 0 && (size_t)n >= b->cap - b->len) {
		buf_room(b, (size_t)n);
		n = vsnprintf(b->p + b->len, b->cap - b->len, fmt, again);
	}
	va_end(again);
	if (n > 0)
		b->len += (size_t)n;
	b->p[b->len] = '\0';
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_addv(b, fmt, ap);
	va_end(ap);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	if (b->p != NULL)
		b->p[0] = '\0';
}

void
buf_release(struct buf *b)
{
	free(b->p);
	b->p = NULL;
	b->len = b->cap = 0;
}
