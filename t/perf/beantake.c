/*
 * beantake PORT N
 *
 * Takes N jobs from the beanstalkd on 127.0.0.1:PORT and deletes each, as fast
 * as that takes the commands: up to 1,000 reservations are under way, and
 * commands go out in large writes.
 */
#include <string.h>
#include <unistd.h>

#include "bean.h"

#define DEPTH 1000
#define ROOM (256 * 1024)

struct client {
	FILE *in;
	int fd;
	char out[ROOM];
	size_t n;
	long asked, deleted;
};

static void
say(struct client *c, const char *command)
{
	size_t n = strlen(command);

	memcpy(c->out + c->n, command, n);
	c->n += n;
}

static void
flush(struct client *c)
{
	for (size_t at = 0; at < c->n;) {
		ssize_t put = write(c->fd, c->out + at, c->n - at);

		if (put < 0)
			err(74, "write");
		at += (size_t)put;
	}
	c->n = 0;
}

static void
ask(struct client *c)
{
	say(c, "reserve\r\n");
	c->asked++;
}

/* "RESERVED ID BYTES" with its data in the next line, or "DELETED" */
static void
take_reply(struct client *c)
{
	char line[8192], command[64];
	long long id;

	if (fgets(line, sizeof(line), c->in) == NULL)
		errx(74, "beanstalkd has gone");
	if (strcmp(line, "DELETED\r\n") == 0) {
		c->deleted++;
		return;
	}
	if (sscanf(line, "RESERVED %lld ", &id) != 1)
		errx(74, "beanstalkd said %s", line);
	if (fgets(line, sizeof(line), c->in) == NULL)
		errx(74, "beanstalkd has gone");
	snprintf(command, sizeof(command), "delete %lld\r\n", id);
	say(c, command);
}

int
main(int argc, char **argv)
{
	static struct client c;
	static char room[ROOM];
	long n;

	if (argc != 3)
		return 64;
	n = count_of(argv[2]);
	c.fd = dial(argv[1]);
	c.in = fdopen(c.fd, "r");
	if (c.in == NULL)
		err(71, "fdopen");
	setvbuf(c.in, room, _IOFBF, sizeof(room));
	while (c.deleted < n) {
		while (c.asked < n && c.asked - c.deleted < DEPTH)
			ask(&c);
		flush(&c);
		/* half of what is under way, so that neither waits */
		for (int i = 0; i < DEPTH / 2 && c.deleted < n; i++) {
			take_reply(&c);
			if (c.asked - c.deleted < DEPTH / 2)
				break;
		}
	}
	return 0;
}
