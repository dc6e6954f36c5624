/* Writing without being blocked: poll(2) says whether PIPE_BUF bytes fit. The
 * descriptor stays in blocking mode, since others share it. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/output.h"

#define FILE_CHUNK (64 << 10)

void
output_init(struct output *o, int fd)
{
	struct stat st;

	memset(o, 0, sizeof(*o));
	o->fd = fd;
	o->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	o->terminal = isatty(fd) == 1;
}

static struct output_piece *
new_piece(struct output *o)
{
	if (o->n == o->cap) {
		o->cap = o->cap ? o->cap * 2 : 8;
		o->pieces = mem_grow(o->pieces, o->cap, sizeof(*o->pieces));
	}
	o->pieces[o->n] = (struct output_piece){ .file = -1 };
	return &o->pieces[o->n++];
}

void
output_add(struct output *o, const void *p, size_t n)
{
	struct output_piece *last;

	if (n == 0 || o->failed)
		return;
	last = o->n > 0 ? &o->pieces[o->n - 1] : NULL;
	if (last == NULL || last->file >= 0)
		last = new_piece(o);
	buf_add(&last->text, p, n);
	o->waiting += (int64_t)n;
}

void
output_add_file(struct output *o, int file, int64_t size)
{
	if (o->failed) {
		close(file);
		return;
	}
	new_piece(o)->file = file;
	o->waiting += size;
}

static void
drop_first(struct output *o)
{
	buf_release(&o->pieces[0].text);
	if (o->pieces[0].file >= 0)
		close(o->pieces[0].file);
	o->n--;
	memmove(o->pieces, o->pieces + 1, o->n * sizeof(*o->pieces));
	o->sent = 0;
}

static void
give_up(struct output *o, int why)
{
	o->failed = why;
	while (o->n > 0)
		drop_first(o);
	o->waiting = 0;
}

/* Up to limit bytes of the first piece: 1 more to do, 0 not now */
static int
write_some(struct output *o, size_t limit)
{
	struct output_piece *first = &o->pieces[0];
	char chunk[FILE_CHUNK];
	const char *p = first->text.p + o->sent;
	ssize_t n = (ssize_t)(first->text.len - o->sent), put;

	if (first->file >= 0) {
		p = chunk;
		n = pread(first->file, chunk, sizeof(chunk), first->offset);
	}
	if (n <= 0) {
		drop_first(o);
		return 1;
	}
	put = write(o->fd, p, (size_t)n < limit ? (size_t)n : limit);
	if (put < 0 && errno == EINTR)
		return 1;
	if (put < 0 && errno == EAGAIN)
		return 0;
	if (put < 0) {
		give_up(o, errno);
		return 1;
	}
	o->waiting -= put;
	if (first->file >= 0)
		first->offset += put;
	else
		o->sent += (size_t)put;
	return 1;
}

/* The reader's going away counts as room, since the write will tell. */
static bool
has_room(const struct output *o)
{
	struct pollfd p = { .fd = o->fd, .events = POLLOUT };

	return poll(&p, 1, 0) > 0;
}

void
output_flush(struct output *o)
{
	while (o->n > 0) {
		if (!o->regular && !has_room(o))
			return;
		if (!write_some(o, o->regular ? FILE_CHUNK : PIPE_BUF))
			return;
	}
	if (o->cap > 64) {
		free(o->pieces);
		o->pieces = NULL;
		o->cap = 0;
	}
}

bool
output_hung_up(const struct output *o)
{
	return o->terminal && o->failed == EIO;
}

void
output_release(struct output *o)
{
	give_up(o, o->failed);
	free(o->pieces);
	o->pieces = NULL;
	o->cap = 0;
}
