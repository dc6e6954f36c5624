/*
 * burst nested DIR N [MS] - N times: a directory, a file in it, a directory in
 *	it with a file, and once more; MS milliseconds between them
 * burst flat DIR N - N files
 *
 * So fast that whoever watches comes too late.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

static void
fail(const char *what)
{
	fprintf(stderr, "burst: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
write_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, "x", 1) != 1 || close(fd) != 0)
		fail(path);
}

static void
nested(const char *dir, long n, long ms)
{
	static const char *const levels[] = { "", "/a", "/a/b" };
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };
	struct buf path = { 0 };

	for (long i = 0; i < n; i++) {
		for (int l = 0; l < 3; l++) {
			buf_reset(&path);
			buf_addf(&path, "%s/n%ld%s", dir, i, levels[l]);
			if (mkdir(path.p, 0755) != 0)
				fail(path.p);
			buf_adds(&path, "/file");
			write_file(path.p);
		}
		nanosleep(&pause, NULL);
	}
	buf_release(&path);
}

static void
flat(const char *dir, long n)
{
	struct buf path = { 0 };

	for (long i = 0; i < n; i++) {
		buf_reset(&path);
		buf_addf(&path, "%s/f%ld", dir, i);
		write_file(path.p);
	}
	buf_release(&path);
}

int
main(int argc, char **argv)
{
	if (argc >= 4 && strcmp(argv[1], "nested") == 0)
		nested(argv[2], strtol(argv[3], NULL, 10), argc > 4 ?
		    strtol(argv[4], NULL, 10) : 0);
	else if (argc == 4 && strcmp(argv[1], "flat") == 0)
		flat(argv[2], strtol(argv[3], NULL, 10));
	else
		return 64;
	return 0;
}
