/*
 * spawn [-n RUNS] [-p PAUSE_US] [-i] COMMAND [ARG ...] [: COMMAND ...] ...
 *
 * How long a process lasts, from before it is made until it has ended.  The
 * commands take turns, so that all of them meet the same machine; before each
 * run comes a pause, in which what the one before left behind can end.  "{}"
 * inside an argument is the number of the run.  stdin is /dev/null (-i: ours),
 * stdout is /dev/null; a command that fails ends everything.
 *
 * One line per command: median, 10th and 90th percentile in us; the median of
 * the CPU time that it used, in us; and the largest resident set in KiB.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "perf.h"

#define COMMANDS 16
#define ARGUMENTS 64

extern char **environ;

struct command {
	char **argv;		/* ends with NULL */
	struct samples times, cpu;
	long max_rss;
};

/* "{}" becomes the number; the result is allocated when it differs. */
static char *
fill_in(char *arg, const char *number)
{
	char *at = strstr(arg, "{}"), *out;

	if (at == NULL)
		return arg;
	if (asprintf(&out, "%.*s%s%s", (int)(at - arg), arg, number,
	    at + 2) < 0)
		errx(71, "out of memory");
	return out;
}

static int64_t
ns_of(struct timeval t)
{
	return ((int64_t)t.tv_sec * 1000000 + t.tv_usec) * 1000;
}

static void
run_once(struct command *c, const char *number,
	const posix_spawn_file_actions_t *files)
{
	char *argv[ARGUMENTS + 1] = { NULL };
	struct rusage usage;
	int64_t started;
	int status, rc;
	size_t i;
	pid_t pid;

	for (i = 0; c->argv[i]; i++)
		argv[i] = fill_in(c->argv[i], number);
	started = now_ns();
	rc = posix_spawnp(&pid, argv[0], files, NULL, argv, environ);
	if (rc)
		errx(69, "run %s: %s", argv[0], strerror(rc));
	if (wait4(pid, &status, 0, &usage) < 0)
		err(71, "wait for %s", argv[0]);
	samples_add(&c->times, now_ns() - started);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		errx(1, "%s failed (wait status %#x)", argv[0],
		    (unsigned)status);
	samples_add(&c->cpu, ns_of(usage.ru_utime) + ns_of(usage.ru_stime));
	if (usage.ru_maxrss > c->max_rss)
		c->max_rss = usage.ru_maxrss;
	for (i = 0; c->argv[i]; i++)
		if (argv[i] != c->argv[i])
			free(argv[i]);
}

/* Cuts the operands at ":"; how many commands there are. */
static size_t
cut(char **argv, struct command *v)
{
	size_t n = 0, arguments = 0;

	for (; *argv; argv++) {
		if (strcmp(*argv, ":") == 0) {
			*argv = NULL;
			arguments = 0;
			continue;
		}
		if (arguments++ == 0) {
			if (n == COMMANDS)
				errx(64, "more than %d commands", COMMANDS);
			v[n++].argv = argv;
		}
		if (arguments > ARGUMENTS)
			errx(64, "more than %d arguments", ARGUMENTS);
	}
	return n;
}

int
main(int argc, char **argv)
{
	struct command v[COMMANDS] = { 0 };
	posix_spawn_file_actions_t files;
	long runs = 1, pause_us = 0;
	int opt, inherit = 0;
	size_t n;

	while ((opt = getopt(argc, argv, "+n:p:i")) != -1) {
		if (opt == 'n')
			runs = count_of(optarg);
		else if (opt == 'p')
			pause_us = count_of(optarg);
		else if (opt == 'i')
			inherit = 1;
		else
			return 64;
	}
	n = cut(argv + optind, v);
	posix_spawn_file_actions_init(&files);
	if (!inherit)
		posix_spawn_file_actions_addopen(&files, STDIN_FILENO,
		    "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null",
	    O_WRONLY, 0);
	for (long run = 0; run < runs; run++)
		for (size_t i = 0; i < n; i++) {
			char number[64];

			snprintf(number, sizeof(number), "%ld-%ld",
			    (long)getpid(), run);
			if (pause_us)
				usleep((useconds_t)pause_us);
			run_once(&v[i], number, &files);
		}
	for (size_t i = 0; i < n; i++) {
		samples_sort(&v[i].times);
		samples_sort(&v[i].cpu);
		printf("%.0f %.0f %.0f %.0f %ld\n",
		    samples_us(&v[i].times, 50), samples_us(&v[i].times, 10),
		    samples_us(&v[i].times, 90), samples_us(&v[i].cpu, 50),
		    v[i].max_rss);
	}
	return 0;
}
