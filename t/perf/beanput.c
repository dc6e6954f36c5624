/*
 * beanput PORT [PATH]
 *
 * Reads NUL-separated paths and puts each as a job into the beanstalkd on
 * 127.0.0.1:PORT, or only PATH, as fast as that takes them: commands go out in large writes
 * and replies are read whenever there are some; neither waits for the other.
 * Ends when every put was answered with INSERTED.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bean.h"

#define ROOM (256 * 1024)

struct client {
	FILE *paths;
	int fd;
	char out[ROOM];
	size_t from, to;	/* what of out is to be sent */
	long put, answered;
	char reply[64];		/* the beginning of a reply, without its end */
	size_t nreply;
};

/* Fills out with puts; 0 at the end of the input. */
static int
fill(struct client *c, char **path, size_t *room)
{
	ssize_t n;

	memmove(c->out, c->out + c->from, c->to - c->from);
	c->to -= c->from;
	c->from = 0;
	while (c->to < ROOM - 2 * 4096) {
		n = getdelim(path, room, '\0', c->paths);
		if (n <= 0)
			return 0;
		if ((*path)[n - 1] == '\0')
			n--;
		if (n > 4096)
			errx(65, "a path of %zd bytes", n);
		c->to += (size_t)snprintf(c->out + c->to, ROOM - c->to,
		    "put 3 0 60 %zd\r\n", n);
		memcpy(c->out + c->to, *path, (size_t)n);
		memcpy(c->out + c->to + n, "\r\n", 2);
		c->to += (size_t)n + 2;
		c->put++;
	}
	return 1;
}

static void
send_some(struct client *c)
{
	ssize_t n = send(c->fd, c->out + c->from, c->to - c->from,
	    MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN)
		err(74, "send");
	if (n > 0)
		c->from += (size_t)n;
}

static void
read_replies(struct client *c)
{
	static const char good[] = "INSERTED ";
	char in[65536];
	ssize_t n = recv(c->fd, in, sizeof(in), MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN))
		err(74, "receive");
	for (ssize_t i = 0; i < n; i++) {
		if (in[i] != '\n') {
			if (c->nreply < sizeof(c->reply) - 1)
				c->reply[c->nreply++] = in[i];
			continue;
		}
		c->reply[c->nreply] = '\0';
		if (strncmp(c->reply, good, sizeof(good) - 1) != 0)
			errx(74, "beanstalkd said %s", c->reply);
		c->answered++;
		c->nreply = 0;
	}
}

int
main(int argc, char **argv)
{
	static struct client c;
	char *path = NULL;
	size_t room = 0;
	int more = 1;

	if (argc < 2 || argc > 3)
		return 64;
	c.paths = argc == 2 ? stdin : fmemopen(argv[2], strlen(argv[2]), "r");
	if (c.paths == NULL)
		err(71, "read %s", argv[argc - 1]);
	c.fd = dial(argv[1]);
	while (more || c.from < c.to || c.answered < c.put) {
		struct pollfd p = { .fd = c.fd, .events = POLLIN };

		if (more && c.to - c.from < ROOM / 2)
			more = fill(&c, &path, &room);
		if (c.from < c.to)
			p.events |= POLLOUT;
		if (poll(&p, 1, -1) < 0)
			err(71, "poll");
		if (p.revents & POLLOUT)
			send_some(&c);
		if (p.revents & ~POLLOUT)
			read_replies(&c);
	}
	free(path);
	return 0;
}
