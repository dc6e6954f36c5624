/*
 * storm [--kills N] [--enqueuers N] [--workers N] [--cap N] [--seed S] -
 * processes put jobs in and run them, one by one, in batches and by
 * co-processes, with others to follow them, and any of them are killed with
 * SIGKILL all the time.  Afterwards every job whose id was printed must have
 * run to its end, none may have run twice at once, nor two of a key, nor more
 * than --cap of a parent type, each must have been followed by what it asked
 * for, once, and the queue must be whole.
 *
 * Works in the current directory; prints a tally; 1 when something was wrong.
 */
#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/num.h"
#include "lib/child.h"
#include "lib/crew.h"
#include "lib/dice.h"
#include "lib/ends.h"
#include "lib/inspect.h"

#define PEOPLE_MAX 64
#define WINDOW 64		/* records without an answer, per enqueuer */
#define RECORDS 5		/* per kill, so that no machine is too slow */
#define CHECKS 20		/* while there are kills */

enum victim { ENQUEUER, WORKER, KEEPER, HANDLER, VICTIMS };

struct person {
	struct child child;
	bool enqueues, after;	/* else it runs jobs, those that follow */
	char type;		/* of what it puts in: storm/a, storm/b */
	char *sent[WINDOW];	/* keys, oldest first */
	size_t nsent;
};

struct storm {
	struct person people[PEOPLE_MAX];
	size_t n;
	struct dice dice;
	struct promises ledger;
	long kills[VICTIMS], wanted, records, unknown, checks;
	long enqueuers, workers, cap;
	int64_t began;
	bool calm;		/* no more kills and records */
	bool failed;
};

static void
wrong(struct storm *s, const char *what)
{
	printf("# %s\n", what);
	s->failed = true;
}

static int64_t
now(void)
{
	return clock_boot(&clock_system);
}

static long
killed(const struct storm *s)
{
	long n = 0;

	for (int i = 0; i < VICTIMS; i++)
		n += s->kills[i];
	return n;
}

/* ---- people ---- */

static void
start(struct storm *s, struct person *p)
{
	char type[] = "storm/a";

	if (!p->enqueues) {
		crew_worker(&p->child, p->after, s->cap, &s->dice);
		return;
	}
	p->type = dice_one_in(&s->dice, 2) ? 'a' : 'b';
	type[sizeof(type) - 2] = p->type;
	crew_enqueuer(&p->child, type);
}

/* Sends some keys, now and then one that was there before; each with a path of
 * its own, by which its handlers know it. */
static void
feed(struct storm *s, struct person *p)
{
	long due = 100 + RECORDS * killed(s);
	char key[32], line[128];

	while (p->nsent < WINDOW && s->records < due && p->child.in >= 0) {
		bool again = s->records > 20 && dice_one_in(&s->dice, 10);
		long n = again ? s->records - 1 - (long)dice_below(&s->dice,
		    20) : s->records;
		int len = snprintf(line, sizeof(line), "{\"key\":\"p-%ld\","
		    "\"path\":\"%c-%ld.%ld\"}\n", n, p->type, n,
		    s->records);

		if (write(p->child.in, line, (size_t)len) != len)
			return;
		s->records++;
		len = snprintf(key, sizeof(key), "p-%ld", n);
		p->sent[p->nsent++] = mem_dup(key, (size_t)len);
	}
}

static void
answered(struct storm *s, struct person *p, const char *line)
{
	struct promise what = { .kind = PROMISE_ACCEPTED };
	struct err e;

	if (p->nsent == 0 || int_parse(line, "id", 1, INT64_MAX, &what.id,
	    &e)) {
		wrong(s, "an id that nobody asked for");
		return;
	}
	what.name = bytes_of(p->sent[0]);
	promise_add(&s->ledger, what);
	free(p->sent[0]);
	p->nsent--;
	memmove(p->sent, p->sent + 1, p->nsent * sizeof(*p->sent));
}

static void
listen_to(struct storm *s, struct person *p)
{
	char *line;

	if (p->child.out < 0)
		return;
	if (!child_listen(&p->child)) {
		close(p->child.out);
		p->child.out = -1;
	}
	while ((line = child_line(&p->child)) != NULL)
		answered(s, p, line);
}

static struct person *
person_of(struct storm *s, pid_t pid)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->people[i].child.pid == pid)
			return &s->people[i];
	return NULL;	/* an orphan */
}

static void
ended(struct storm *s, struct person *p, int status)
{
	if (p->enqueues) {
		listen_to(s, p);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && p->nsent)
			wrong(s, "exit 0, but not an id for every record");
		s->unknown += (long)p->nsent;
		while (p->nsent)
			free(p->sent[--p->nsent]);
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) > 1)
		wrong(s, p->enqueues ? "an enqueuer failed (enqueue.err)" :
		    "a worker failed (work.err)");
	child_forget(&p->child);
}

static void
bury(struct storm *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct person *p = person_of(s, pid);

		if (p == NULL)
			continue;
		ended(s, p, status);
		if (!s->calm)
			start(s, p);
	}
}

/* ---- killing ---- */

static pid_t
child_of(struct storm *s, pid_t pid)
{
	pid_t v[16];
	size_t n = pid ? child_children(pid, v, 16) : 0;

	return n ? v[dice_below(&s->dice, n)] : 0;
}

/* A worker that lost its keeper has become our own child. */
static pid_t
orphan(struct storm *s)
{
	pid_t v[256];
	size_t n = child_children(getpid(), v, 256);

	for (size_t i = 0; i < n; i++)
		if (person_of(s, v[i]) == NULL)
			return v[i];
	return 0;
}

static void
kill_somebody(struct storm *s)
{
	static const enum victim odds[] = { ENQUEUER, ENQUEUER, ENQUEUER,
	    WORKER, WORKER, KEEPER, HANDLER, HANDLER };
	struct person *p = &s->people[dice_below(&s->dice, s->n)];
	enum victim who = odds[dice_below(&s->dice, 8)];
	pid_t pid = p->child.pid, lost = orphan(s);

	if (lost) {
		pid = lost;
		who = WORKER;
	} else if (p->enqueues != (who == ENQUEUER)) {
		return;
	} else if (who != ENQUEUER && who != KEEPER) {
		pid = child_of(s, pid);
		if (who == HANDLER)
			pid = child_of(s, pid);
	}
	if (pid > 1 && kill(pid, SIGKILL) == 0)
		s->kills[who]++;
}

/* ---- the course of it ---- */

static void
round_of(struct storm *s, int wait)
{
	struct pollfd v[PEOPLE_MAX];

	for (size_t i = 0; i < s->n; i++) {
		v[i] = (struct pollfd){ s->people[i].child.out, POLLIN, 0 };
		if (!s->calm && s->people[i].enqueues)
			feed(s, &s->people[i]);
	}
	poll(v, s->n, wait);
	for (size_t i = 0; i < s->n; i++)
		if (s->people[i].enqueues)
			listen_to(s, &s->people[i]);
	bury(s);
}

static bool
anybody(const struct storm *s, bool enqueues)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->people[i].child.pid &&
		    s->people[i].enqueues == enqueues)
			return true;
	return false;
}

/* Whatever is being done, and by whom it was left undone */
static void
check(struct storm *s)
{
	const char *argv[] = { "iq-db", "check", "-q", "queue.db", NULL };

	if (child_run(argv, "check.err") != 0)
		wrong(s, "iq-db check says no");
	s->checks++;
}

static void
rage(struct storm *s)
{
	int64_t limit = now() + (60 + s->wanted / 5) * NS_PER_S;

	while (killed(s) < s->wanted && now() < limit) {
		round_of(s, (int)dice_below(&s->dice, 15));
		kill_somebody(s);
		if (killed(s) * CHECKS / s->wanted > s->checks)
			check(s);
	}
	if (killed(s) < s->wanted)
		wrong(s, "not enough kills in the time");
}

/* All enqueuers end by themselves, all workers when told to. */
static void
calm_down(struct storm *s)
{
	int64_t limit = now() + 60 * NS_PER_S;

	s->calm = true;
	for (size_t i = 0; i < s->n; i++)
		child_shut(&s->people[i].child);
	while (anybody(s, true) && now() < limit)
		round_of(s, 20);
	for (size_t i = 0; i < s->n; i++)
		if (s->people[i].child.pid)
			kill(s->people[i].child.pid, SIGTERM);
	while ((anybody(s, false) || orphan(s)) && now() < limit) {
		if (orphan(s))
			kill(orphan(s), SIGKILL);
		round_of(s, 20);
	}
	if (anybody(s, true) || anybody(s, false))
		wrong(s, "somebody does not end");
}

static void
work_off(struct storm *s)
{
	if (crew_work_off(s->cap) != 0)
		wrong(s, "not everything succeeded in the end (last.err)");
	check(s);
}

/* ---- afterwards ---- */

static void
print_tally(const struct storm *s, const struct ends *e, size_t lost,
	bool violations)
{
	printf("storm: %ld kills (%ld enqueuers, %ld workers, %ld keepers, "
	    "%ld handlers) in %.1f s; %ld records, %zu accepted, %ld without "
	    "an answer; %ld runs alone, %ld in batches, %ld + %ld by "
	    "co-processes, %ld of them to follow: %zu lost, %zu not ended, "
	    "%zu follow-ups lost or doubled, %ld checks, %s\n",
	    killed(s),
	    s->kills[ENQUEUER], s->kills[WORKER], s->kills[KEEPER],
	    s->kills[HANDLER], (double)(now() - s->began) / NS_PER_S,
	    s->records, s->ledger.n, s->unknown, e->starts[0], e->starts[1],
	    e->starts[2], e->starts[3], e->follow_ups, lost, e->lost,
	    e->astray, s->checks, violations ? "violations" : "no violations");
}

static void
report(struct storm *s)
{
	struct findings f = { 0 };
	struct buf violations = { 0 };
	struct ends ends = { 0 };

	inspect("queue.db", NULL, s->ledger.v, s->ledger.n, &f);
	if (ends_judge(&ends, "log", "queue.db", &s->ledger))
		wrong(s, "no handler ever ran");
	if (f.damaged || f.wrong || f.lost)
		wrong(s, f.text.p);
	s->failed |= ends.lost || ends.astray;
	if (io_read_file("violations", 1 << 20, &violations) == 0)
		wrong(s, violations.p);
	print_tally(s, &ends, f.lost, violations.len > 0);
	findings_release(&f);
	buf_release(&violations);
}

static void
options(struct storm *s, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "kills", required_argument, NULL, 'k' },
		{ "enqueuers", required_argument, NULL, 'e' },
		{ "workers", required_argument, NULL, 'w' },
		{ "cap", required_argument, NULL, 'c' },
		{ "seed", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 }
	};
	struct err e;
	int64_t v;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == '?' || int_parse(optarg, "option", 0, 10000000, &v,
		    &e))
			exit(64);
		if (c == 's')
			s->dice.state = (uint64_t)v;
		else
			*(c == 'k' ? &s->wanted : c == 'e' ? &s->enqueuers :
			    c == 'w' ? &s->workers : &s->cap) = (long)v;
	}
}

static void
set_up(struct storm *s)
{
	const char *init[] = { "iq-db", "init", "-q", "queue.db", NULL };
	char cap[48];
	const char *tune[] = { "iq-tune", "-q", "queue.db", "set", "-t",
	    "storm", cap, NULL };

	snprintf(cap, sizeof(cap), "max_workers=%ld", s->cap);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	setenv("IQ_SET_RETRY_STRATEGY", "immediate", 1);
	setenv("IQ_SET_MAX_ATTEMPTS", "100", 1);
	setenv("IQ_SET_CRASH_LIMIT", "100", 1);
	setenv("IQ_SET_BREAKER", "0", 1);
	if (child_run(init, "init.err") != 0 ||
	    (s->cap && child_run(tune, "init.err") != 0))
		errx(70, "no queue (init.err)");
	s->n = (size_t)(s->enqueuers + s->workers);
	if (s->n == 0 || s->n > PEOPLE_MAX)
		errx(64, "1 to %d processes", PEOPLE_MAX);
	s->began = now();
	for (size_t i = 0; i < s->n; i++) {
		s->people[i].enqueues = (long)i < s->enqueuers;
		s->people[i].after = (i - (size_t)s->enqueuers) % 3 == 2;
		start(s, &s->people[i]);
	}
}

int
main(int argc, char **argv)
{
	static struct storm s = { .wanted = 500, .enqueuers = 4,
	    .workers = 4, .dice = { 1 } };

	options(&s, argc, argv);
	set_up(&s);
	rage(&s);
	calm_down(&s);
	work_off(&s);
	report(&s);
	promises_release(&s.ledger);
	return s.failed;
}
