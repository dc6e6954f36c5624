/* What is kept of a handler's output. */
#include <stdlib.h>
#include <unistd.h>

#include "engine/capture.h"
#include "tap.h"

static bool
is_bytes(struct bytes b, const char *text)
{
	return bytes_equal(b, bytes_of(text));
}

static void
short_output(void)
{
	struct capture c;
	int write_end;

	capture_init(&c);
	ok(capture_end(&c, 10).p == NULL, "nothing at first");
	is_int(capture_open(&c, true, 64), 0, "open");
	write_end = c.pipe.write_end;
	capture_read(&c);
	is_int(c.total, 0, "nothing yet");
	ok(write(write_end, "hello\n", 6) == 6, "a handler writes");
	capture_read(&c);
	is_int(c.total, 6, "it is read");
	ok(write(write_end, "world\n", 6) == 6, "and writes, and ends");
	capture_finish(&c);
	is_int(c.pipe.fd, -1, "the pipe is closed");
	ok(is_bytes((struct bytes){ c.memory.p, c.memory.len },
		"hello\nworld\n"), "all of it");
	ok(is_bytes(capture_end(&c, 4), "rld\n"), "the end of it");
	ok(is_bytes(capture_end(&c, 64), "hello\nworld\n"),
		"the end is all when that is short");
	capture_reset(&c);
	is_int((int)c.memory.len, 0, "empty after a reset");
	capture_release(&c);
}

/* n bytes: 0, 1, 2 ... as letters */
static void
add_pattern(struct capture *c, size_t from, size_t n)
{
	char chunk[1000];

	while (n > 0) {
		size_t part = n < sizeof(chunk) ? n : sizeof(chunk);

		for (size_t i = 0; i < part; i++)
			chunk[i] = (char)('a' + (from + i) % 26);
		capture_add(c, chunk, part);
		from += part;
		n -= part;
	}
}

static bool
file_has_pattern(int fd, size_t n)
{
	char chunk[4096];
	size_t at = 0;
	ssize_t got;

	while ((got = pread(fd, chunk, sizeof(chunk), (off_t)at)) > 0) {
		for (ssize_t i = 0; i < got; i++) {
			if (chunk[i] != (char)('a' + (at + (size_t)i) % 26))
				return false;
		}
		at += (size_t)got;
	}
	return at == n;
}

static void
long_output(void)
{
	const size_t n = 3 * CAPTURE_SPILL + 17;
	struct capture c;
	struct bytes end;

	capture_init(&c);
	c.whole = true;
	c.keep = 64 << 10;
	add_pattern(&c, 0, CAPTURE_SPILL);
	is_int(c.file, -1, "1 MiB stays in memory");
	add_pattern(&c, CAPTURE_SPILL, n - CAPTURE_SPILL);
	ok(c.file >= 0 && file_has_pattern(c.file, n),
		"more is in a file, all of it");
	ok(c.memory.len < 512 << 10, "and not in memory");
	end = capture_end(&c, c.keep);
	is_int((int)end.n, (int)c.keep, "the end is at hand");
	ok(end.p[end.n - 1] == (char)('a' + (n - 1) % 26), "its last byte");
	ok(end.p[0] == (char)('a' + (n - c.keep) % 26), "its first byte");
	capture_release(&c);
}

static void
only_the_end(void)
{
	struct capture c;
	struct bytes end;

	capture_init(&c);
	c.keep = 100;
	add_pattern(&c, 0, 2 * CAPTURE_SPILL);
	is_int(c.file, -1, "no file when only the end is wanted");
	ok(c.memory.len < 64 << 10, "and little memory");
	end = capture_end(&c, 100);
	ok(end.n == 100 && end.p[99] == (char)('a' +
		(2 * CAPTURE_SPILL - 1) % 26), "the end");
	capture_release(&c);
}

static void
no_place(void)
{
	struct capture c;

	setenv("TMPDIR", "/nonexistent/dir", 1);
	capture_init(&c);
	c.whole = true;
	c.keep = 1000;
	add_pattern(&c, 0, 2 * CAPTURE_SPILL);
	ok(c.failed != 0, "no room for it: that is known");
	is_int((int)capture_end(&c, 1000).n, 1000, "the end is kept");
	capture_release(&c);
}

int
main(void)
{
	short_output();
	long_output();
	only_the_end();
	no_place();
	return done();
}
