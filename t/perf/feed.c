/*
 * feed [-w WRITERS] [-n RECORDS] COMMAND [ARG ...]
 *
 * Starts COMMAND so many times, with a pipe to its stdin and one from its
 * stdout, and gives each of them one path at a time: the next one when it has
 * answered the last one with a line, RECORDS to each.  What is measured is how
 * long a record takes from here to its acknowledgement.
 *
 * Prints: answers per second; median, 99th percentile and worst of the times
 * in us.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "perf.h"

#define WRITERS 256

struct writer {
	pid_t pid;
	int to, from;
	long sent;
	int64_t since;		/* of the record that is under way */
};

static void
start(struct writer *w, char **argv)
{
	int in[2], out[2];

	/* close-on-exec: a writer that held another's pipe open would keep it
	 * from seeing the end */
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		err(71, "pipe");
	w->pid = fork();
	if (w->pid < 0)
		err(71, "fork");
	if (w->pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execvp(argv[0], argv);
		err(69, "run %s", argv[0]);
	}
	close(in[0]);
	close(out[1]);
	w->to = in[1];
	w->from = out[0];
	w->sent = 0;
}

static void
send_one(struct writer *w, size_t number)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "/srv/in/%zu/note-%06ld.md\n",
	    number, w->sent++);

	w->since = now_ns();
	/* one that has gone is noticed by its answer */
	if (write(w->to, line, (size_t)n) != n && errno != EPIPE)
		err(74, "give a record to process %ld", (long)w->pid);
}

/* Whether the answer, which ends with a newline, is complete */
static int
read_answer(const struct writer *w)
{
	char line[4096];
	ssize_t n = read(w->from, line, sizeof(line));

	if (n <= 0)
		errx(74, "process %ld gave no answer", (long)w->pid);
	return line[n - 1] == '\n';
}

static void
finish(struct writer *w)
{
	int status;

	close(w->to);
	if (waitpid(w->pid, &status, 0) < 0)
		err(71, "wait");
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		errx(1, "process %ld failed (wait status %#x)", (long)w->pid,
		    (unsigned)status);
	close(w->from);
}

static void
run(struct writer *v, size_t n, long records, struct samples *times)
{
	struct pollfd polls[WRITERS];
	size_t waiting = n;

	for (size_t i = 0; i < n; i++) {
		polls[i] = (struct pollfd){ .fd = v[i].from,
		    .events = POLLIN };
		send_one(&v[i], i);
	}
	while (waiting) {
		int64_t now;

		if (poll(polls, n, -1) < 0)
			err(71, "poll");
		now = now_ns();
		for (size_t i = 0; i < n; i++) {
			if (polls[i].revents == 0 || !read_answer(&v[i]))
				continue;
			samples_add(times, now - v[i].since);
			if (v[i].sent < records) {
				send_one(&v[i], i);
			} else {
				polls[i].fd = -1;
				waiting--;
			}
		}
	}
}

int
main(int argc, char **argv)
{
	struct writer v[WRITERS];
	struct samples times = { 0 };
	size_t writers = 32;
	long records = 100;
	int64_t started;
	int opt;

	while ((opt = getopt(argc, argv, "+w:n:")) != -1) {
		if (opt == 'w')
			writers = (size_t)count_of(optarg);
		else if (opt == 'n')
			records = count_of(optarg);
		else
			return 64;
	}
	if (optind == argc || writers > WRITERS)
		return 64;
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < writers; i++)
		start(&v[i], argv + optind);
	started = now_ns();
	run(v, writers, records, &times);
	samples_print_rate(&times, now_ns() - started);
	for (size_t i = 0; i < writers; i++)
		finish(&v[i]);
	return 0;
}
