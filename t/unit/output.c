/* Printing that does not wait for a slow reader. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/output.h"
#include "tap.h"

static void
slow_reader(void)
{
	const size_t n = 300000;
	char *text = malloc(n), *back = malloc(n + 64);
	struct output o;
	size_t got = 0;
	ssize_t r;
	int ends[2];

	memset(text, 'x', n);
	ok(pipe(ends) == 0, "a pipe");
	output_init(&o, ends[1]);
	output_add(&o, "first\n", 6);
	output_add(&o, text, n);
	output_add(&o, "last\n", 5);
	output_flush(&o);
	ok(o.waiting > 0, "the rest waits when the pipe is full");
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	while (got < n + 11) {
		r = read(ends[0], back + got, n + 64 - got);
		if (r > 0)
			got += (size_t)r;
		else
			output_flush(&o);
	}
	is_int(o.waiting, 0, "nothing waits any more");
	ok(memcmp(back, "first\nxxx", 9) == 0 &&
		memcmp(back + n + 6, "last\n", 5) == 0, "in order");
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	output_add(&o, "more", 4);
	output_flush(&o);
	is_int(o.failed, EPIPE, "a reader that went away");
	is_int(o.waiting, 0, "what waited is dropped");
	output_add(&o, "more", 4);
	is_int(o.waiting, 0, "and what comes later");
	output_release(&o);
	close(ends[1]);
	free(text);
	free(back);
}

static void
from_a_file(void)
{
	char name[] = "pieceXXXXXX", to[] = "targetXXXXXX", text[64] = "";
	int piece = mkstemp(name), target = mkstemp(to);
	struct output o;

	ok(write(piece, "of a file\n", 10) == 10, "a file");
	output_init(&o, target);
	output_add(&o, "before\n", 7);
	output_add_file(&o, piece, 10);
	output_add(&o, "after\n", 6);
	output_flush(&o);
	is_int(o.waiting, 0, "all is written");
	ok(fcntl(piece, F_GETFD) < 0, "the file is closed");
	ok(pread(target, text, sizeof(text) - 1, 0) == 23, "so much");
	is_str(text, "before\nof a file\nafter\n", "in order");
	output_release(&o);
	close(target);
	unlink(name);
	unlink(to);
}

int
main(void)
{
	slow_reader();
	from_a_file();
	return done();
}
