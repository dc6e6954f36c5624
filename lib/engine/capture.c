/* Keeping what comes out of a pipe. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/nameless.h"
#include "engine/capture.h"

#define READS 8			/* a turn, so that others get theirs */
#define LAST_READS 256		/* somebody outside may still be writing */
#define MEMORY_KEPT (64 << 10)

void
capture_init(struct capture *c)
{
	memset(c, 0, sizeof(*c));
	channel_init(&c->pipe);
	c->file = -1;
}

int
capture_open(struct capture *c, bool whole, size_t keep)
{
	c->whole = whole;
	c->keep = keep;
	return channel_open(&c->pipe);
}

/* Moves what is over the end that is kept into the file. When that fails the
 * rest is given up, not the handler. */
static void
spill(struct capture *c, const char *p, size_t n)
{
	if (c->file < 0 && c->failed == 0) {
		c->file = nameless_file();
		if (c->file < 0 || io_write_all(c->file, c->memory.p,
		    c->memory.len) != 0)
			c->failed = errno;
	}
	if (c->failed == 0 && io_write_all(c->file, p, n) != 0)
		c->failed = errno;
}

static void
forget_beginning(struct capture *c)
{
	size_t extra = c->memory.len - c->keep;

	memmove(c->memory.p, c->memory.p + extra, c->keep);
	c->memory.len = c->keep;
}

void
capture_add(struct capture *c, const char *text, size_t n)
{
	c->total += (int64_t)n;
	if (c->whole && c->total > CAPTURE_SPILL)
		spill(c, text, n);
	buf_add(&c->memory, text, n);
	if ((!c->whole || c->total > CAPTURE_SPILL) &&
	    c->memory.len > 2 * c->keep + CHANNEL_CHUNK)
		forget_beginning(c);
}

static void
read_some(struct capture *c, int reads)
{
	char chunk[CHANNEL_CHUNK];
	size_t got;

	while (reads-- > 0 && (got = channel_read(&c->pipe, chunk)) > 0)
		capture_add(c, chunk, got);
}

void
capture_read(struct capture *c)
{
	read_some(c, READS);
}

void
capture_finish(struct capture *c)
{
	read_some(c, LAST_READS);
	channel_close(&c->pipe);
}

struct bytes
capture_end(const struct capture *c, size_t n)
{
	if (c->memory.len == 0)
		return BYTES_NONE;
	if (n > c->memory.len)
		n = c->memory.len;
	return (struct bytes){ c->memory.p + c->memory.len - n, n };
}

void
capture_clear(struct capture *c)
{
	if (c->file >= 0)
		close(c->file);
	c->file = -1;
	if (c->memory.cap > MEMORY_KEPT)
		buf_release(&c->memory);
	buf_reset(&c->memory);
	c->total = 0;
	c->failed = 0;
}

void
capture_reset(struct capture *c)
{
	channel_close(&c->pipe);
	capture_clear(c);
}

void
capture_release(struct capture *c)
{
	capture_reset(c);
	buf_release(&c->memory);
}
