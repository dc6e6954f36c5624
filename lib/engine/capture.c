/* Keeping what comes out of a pipe. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "engine/capture.h"

#define CHUNK (32 << 10)
#define READS 8			/* a turn, so that others get theirs */
#define LAST_READS 256		/* somebody outside may still be writing */
#define MEMORY_KEPT (64 << 10)

void
capture_init(struct capture *c)
{
	memset(c, 0, sizeof(*c));
	c->fd = c->write_end = c->file = -1;
}

int
capture_open(struct capture *c, bool whole, size_t keep)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
		int saved = errno;

		close(ends[0]);
		close(ends[1]);
		errno = saved;
		return -1;
	}
	c->fd = ends[0];
	c->whole = whole;
	c->keep = keep;
	c->write_end = ends[1];
	return 0;
}

/* A file that nobody else can open and that goes when we do. */
static int
nameless_file(void)
{
	const char *dir = getenv("TMPDIR");
	struct buf name = { 0 };
	int fd, saved;

	if (dir == NULL || *dir != '/')
		dir = "/tmp";
	buf_addf(&name, "%s/iq.XXXXXX", dir);
	fd = mkostemp(name.p, O_CLOEXEC);
	saved = errno;
	if (fd >= 0)
		unlink(name.p);
	buf_release(&name);
	errno = saved;
	return fd;
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
	    c->memory.len > 2 * c->keep + CHUNK)
		forget_beginning(c);
}

static void
read_some(struct capture *c, int reads)
{
	char chunk[CHUNK];
	ssize_t got;

	while (c->fd >= 0 && reads-- > 0) {
		got = read(c->fd, chunk, sizeof(chunk));
		if (got > 0) {
			capture_add(c, chunk, (size_t)got);
		} else if (got == 0 || errno != EINTR) {
			return;
		}
	}
}

static void
close_ends(struct capture *c)
{
	if (c->fd >= 0)
		close(c->fd);
	if (c->write_end >= 0)
		close(c->write_end);
	c->fd = c->write_end = -1;
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
	close_ends(c);
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
capture_reset(struct capture *c)
{
	close_ends(c);
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
capture_release(struct capture *c)
{
	capture_reset(c);
	buf_release(&c->memory);
}
