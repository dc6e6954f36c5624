/*
 * latency [-n RUNS] [-p PAUSE_US] FIFO COMMAND [ARG ...]
 *
 * How long it takes from before COMMAND, which enqueues one job, is spawned,
 * until the job's handler (stamp FIFO) has begun.  "{}" as an argument is the
 * number of the run.  Before each run comes a pause, so that all is idle.
 *
 * Prints: median, 90th percentile, 99th percentile and worst in us.
 */
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "perf.h"

#define PATIENCE_MS 10000
#define ARGUMENTS 64

extern char **environ;

static int
open_fifo(const char *path)
{
	int fd;

	/* for writing as well: no end of file between two handlers */
	if (mkfifo(path, 0600) < 0 || (fd = open(path, O_RDWR | O_CLOEXEC)) < 0)
		err(73, "make %s", path);
	return fd;
}

static int64_t
read_stamp(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t stamp;

	if (poll(&p, 1, PATIENCE_MS) != 1)
		errx(1, "no handler began within %d s", PATIENCE_MS / 1000);
	if (read(fd, &stamp, sizeof(stamp)) != sizeof(stamp))
		err(74, "read a stamp");
	return stamp;
}

static int64_t
run_once(int fd, char **args, const posix_spawn_file_actions_t *files)
{
	int64_t since = now_ns(), stamp;
	int status, rc;
	pid_t pid;

	rc = posix_spawnp(&pid, args[0], files, NULL, args, environ);
	if (rc)
		errx(69, "run %s: %s", args[0], strerror(rc));
	stamp = read_stamp(fd);
	if (waitpid(pid, &status, 0) < 0)
		err(71, "wait");
	if (status)
		errx(1, "%s failed (wait status %#x)", args[0],
		    (unsigned)status);
	return stamp - since;
}

int
main(int argc, char **argv)
{
	struct samples times = { 0 };
	posix_spawn_file_actions_t files;
	char *args[ARGUMENTS + 1] = { NULL }, number[32];
	long runs = 100, pause_us = 5000;
	int opt, fd;

	while ((opt = getopt(argc, argv, "+n:p:")) != -1) {
		if (opt == 'n')
			runs = count_of(optarg);
		else if (opt == 'p')
			pause_us = count_of(optarg);
		else
			return 64;
	}
	if (argc - optind < 2 || argc - optind > ARGUMENTS)
		return 64;
	fd = open_fifo(argv[optind++]);
	for (int i = 0; argv[optind + i]; i++)
		args[i] = strcmp(argv[optind + i], "{}") == 0 ? number :
		    argv[optind + i];
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null",
	    O_WRONLY, 0);
	for (long run = 0; run < runs; run++) {
		snprintf(number, sizeof(number), "/srv/in/%ld", run);
		usleep((useconds_t)pause_us);
		samples_add(&times, run_once(fd, args, &files));
	}
	samples_sort(&times);
	printf("%.0f %.0f %.0f %.0f\n", samples_us(&times, 50),
	    samples_us(&times, 90), samples_us(&times, 99),
	    samples_us(&times, 100));
	return 0;
}
