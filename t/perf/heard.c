/*
 * heard [-n RUNS] [-p PAUSE_US] DIR - how long it takes from when a file in DIR
 * has been closed until its path arrives on stdin, where whoever watches DIR
 * prints paths, with NUL or a newline after each.
 *
 * Files are made until the first path arrives: then it watches.  Prints the
 * median and the 99th percentile in us.
 */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "perf.h"

#define PATIENCE_MS 10000

/* Makes the file; when it was closed */
static int64_t
make_file(const char *dir, const char *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1 || close(fd) != 0)
		err(73, "make %s", path);
	return now_ns();
}

/* Until the name is among what was printed; 0: it was not in time */
static int64_t
wait_for(const char *name, int patience)
{
	char text[65536];
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	size_t n = strlen(name);
	ssize_t got;

	while (poll(&p, 1, patience) == 1) {
		got = read(STDIN_FILENO, text, sizeof(text));
		if (got <= 0)
			errx(1, "nobody watches");
		if (memmem(text, (size_t)got, name, n))
			return now_ns();
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct samples times = { 0 };
	long runs = 200, pause = 5000;
	char name[64];
	int c;

	while ((c = getopt(argc, argv, "n:p:")) != -1)
		if (c == 'n')
			runs = count_of(optarg);
		else if (c == 'p')
			pause = count_of(optarg);
		else
			return 64;
	if (argc != optind + 1)
		errx(64, "needs a directory");
	do
		make_file(argv[optind], "first");
	while (wait_for("first", 100) == 0);
	for (long i = 0; i < runs; i++) {
		int64_t made, seen;

		usleep((useconds_t)pause);
		snprintf(name, sizeof(name), "file-%ld.", i);
		made = make_file(argv[optind], name);
		seen = wait_for(name, PATIENCE_MS);
		if (seen == 0)
			errx(1, "%s was not printed", name);
		samples_add(&times, seen > made ? seen - made : 0);
	}
	samples_sort(&times);
	printf("%.0f %.0f\n", samples_us(&times, 50), samples_us(&times, 99));
	return 0;
}
