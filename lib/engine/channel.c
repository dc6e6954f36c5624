#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "engine/channel.h"

void
channel_init(struct channel *c)
{
	c->fd = c->write_end = -1;
}

int
channel_open(struct channel *c)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	c->fd = ends[0];
	c->write_end = ends[1];
	return 0;
}

/* Asking first costs less than making each new pipe one that does not block:
 * most handlers write nothing. */
size_t
channel_read(const struct channel *c, char *chunk)
{
	ssize_t got;
	int waiting = 0;

	if (c->fd < 0 || ioctl(c->fd, FIONREAD, &waiting) != 0 || waiting == 0)
		return 0;
	do
		got = read(c->fd, chunk, CHANNEL_CHUNK);
	while (got < 0 && errno == EINTR);
	return got > 0 ? (size_t)got : 0;
}

void
channel_close(struct channel *c)
{
	if (c->fd >= 0)
		close(c->fd);
	if (c->write_end >= 0)
		close(c->write_end);
	channel_init(c);
}
