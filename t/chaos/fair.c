/*
 * fair [--writers N] [--seconds N] [--latency MS] [--jobs N] - so many
 * iq-enqueue put in one record after the other, each when the one before was
 * acknowledged, beside a worker.  The most served may have been served at most
 * three times as often as the least, (--latency) 99.9 % of the answers must
 * have come within MS, and (--jobs) the worker must have run N a second.
 *
 * Works in the current directory; prints a tally; 1 when something was wrong.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "lib/child.h"

#define WRITERS_MAX 256
#define RATIO_MAX 3

struct writer {
	struct child child;
	int64_t asked;		/* when; 0: nothing asked */
	long answers;
};

struct fair {
	struct writer writers[WRITERS_MAX];
	struct child worker;
	long n, seconds, latency, jobs;
	int64_t *took;
	size_t answers, cap;
	bool failed;
};

static int64_t
now(void)
{
	return clock_boot(&clock_system);
}

static void
ask(struct fair *f, long i)
{
	struct writer *w = &f->writers[i];
	char line[48];
	int n = snprintf(line, sizeof(line), "w%ld-%ld\n", i, w->answers);

	w->asked = now();
	if (write(w->child.in, line, (size_t)n) != n)
		err(74, "ask writer %ld", i);
}

static void
note(struct fair *f, struct writer *w)
{
	if (f->answers == f->cap) {
		f->cap = f->cap ? 2 * f->cap : 4096;
		f->took = mem_grow(f->took, f->cap, sizeof(*f->took));
	}
	f->took[f->answers++] = now() - w->asked;
	w->answers++;
	w->asked = 0;
}

static void
hear(struct fair *f, struct writer *w)
{
	if (!child_listen(&w->child) && w->asked) {
		printf("# a writer has gone\n");
		f->failed = true;
		w->asked = 0;
	}
	while (child_line(&w->child) != NULL)
		note(f, w);
}

static void
go(struct fair *f)
{
	struct pollfd v[WRITERS_MAX];
	int64_t end = now() + f->seconds * NS_PER_S;

	for (long i = 0; i < f->n; i++) {
		v[i] = (struct pollfd){ f->writers[i].child.out, POLLIN, 0 };
		ask(f, i);
	}
	while (now() < end && !f->failed) {
		poll(v, (nfds_t)f->n, 100);
		for (long i = 0; i < f->n; i++) {
			if (v[i].revents)
				hear(f, &f->writers[i]);
			if (f->writers[i].asked == 0 && !f->failed)
				ask(f, i);
		}
	}
}

static void
end(struct fair *f)
{
	for (long i = 0; i < f->n; i++) {
		struct writer *w = &f->writers[i];
		int status;

		child_shut(&w->child);
		while (waitpid(w->child.pid, &status, 0) < 0 &&
		    errno == EINTR)
			;
		if (!WIFEXITED(status) || WEXITSTATUS(status)) {
			printf("# a writer ended with %#x\n",
			    (unsigned)status);
			f->failed = true;
		}
		child_forget(&w->child);
	}
}

static void
end_worker(struct fair *f)
{
	int status;

	kill(f->worker.pid, SIGTERM);
	while (waitpid(f->worker.pid, &status, 0) < 0 && errno == EINTR)
		;
	child_forget(&f->worker);
}

/* Jobs that ended */
static long
jobs_run(void)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db;
	long n = -1;

	if (sqlite3_open_v2("queue.db", &db, SQLITE_OPEN_READWRITE, NULL) ==
	    SQLITE_OK && sqlite3_prepare_v2(db, "SELECT count(*) FROM history"
	    " WHERE outcome IS NOT NULL", -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = (long)sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

static int
order(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
percentile(const struct fair *f, double p)
{
	if (f->answers == 0)
		return 0;
	return (double)f->took[(size_t)((double)(f->answers - 1) * p)] /
	    NS_PER_MS;
}

static void
report(struct fair *f)
{
	long least = f->writers[0].answers, most = least, run = jobs_run();
	double late;

	for (long i = 0; i < f->n; i++) {
		long n = f->writers[i].answers;

		least = n < least ? n : least;
		most = n > most ? n : most;
	}
	qsort(f->took, f->answers, sizeof(*f->took), order);
	late = percentile(f, .999);
	printf("fairness: %ld writers, %zu answers in %ld s, each %ld to %ld "
	    "(ratio %.2f); half within %.1f ms, 99.9 %% within %.1f, all "
	    "within %.1f; %ld jobs run\n", f->n, f->answers, f->seconds, least, most,
	    least ? (double)most / (double)least : 0., percentile(f, .5),
	    late, percentile(f, 1), run);
	if (least == 0 || most > RATIO_MAX * least) {
		printf("# unfair\n");
		f->failed = true;
	}
	if (f->latency && late > (double)f->latency) {
		printf("# slow\n");
		f->failed = true;
	}
	if (run < f->jobs * f->seconds) {
		printf("# the worker starves\n");
		f->failed = true;
	}
}

static void
options(struct fair *f, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "writers", required_argument, NULL, 'w' },
		{ "seconds", required_argument, NULL, 's' },
		{ "latency", required_argument, NULL, 'l' },
		{ "jobs", required_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 }
	};
	struct err e;
	int64_t v;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == '?' || int_parse(optarg, "option", 1, c == 'w' ?
		    WRITERS_MAX : 100000, &v, &e))
			exit(64);
		*(c == 'w' ? &f->n : c == 's' ? &f->seconds : c == 'j' ?
		    &f->jobs : &f->latency) = (long)v;
	}
}

int
main(int argc, char **argv)
{
	static struct fair f = { .n = 32, .seconds = 2 };
	const char *enqueue[] = { "iq-enqueue", "-q", "queue.db", "--raw",
	    "--batch", "1", "--ack", NULL };

	const char *init[] = { "iq-db", "init", "-q", "queue.db", NULL };
	const char *work[] = { "iq-work", "-q", "queue.db", "-j", "2",
	    "--output", "discard", "--", "true", NULL };

	options(&f, argc, argv);
	if (child_run(init, "fair.err") != 0)
		errx(70, "no queue (fair.err)");
	child_start(&f.worker, work, false, "work.err");
	signal(SIGPIPE, SIG_IGN);
	for (long i = 0; i < f.n; i++)
		child_start(&f.writers[i].child, enqueue, true, "fair.err");
	go(&f);
	end_worker(&f);
	end(&f);
	report(&f);
	free(f.took);
	return f.failed;
}
