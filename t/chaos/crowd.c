/*
 * crowd [--writers N] [--servers N] [--kills N] [--seed S] - so many iq-enqueue
 * put in one record after the other, each when the one before was acknowledged,
 * so that they do it for each other.  With --servers there are workers who do it
 * for them, and a writer ends after a few records, so that the next one finds
 * the queue closed.  Any of them are killed with SIGKILL all the time, and
 * servers also stopped for a while.  Afterwards every record that was acknowledged must be there under its
 * id, none may be there twice, each with the type and priority that its writer
 * wanted and with its writer in the audit log, and the queue must be whole.
 *
 * Works in the current directory; prints a tally; 1 when something was wrong.
 */
#include <err.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
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
#include "lib/dice.h"
#include "lib/inspect.h"
#include "lib/servers.h"
#include "rules/event.h"

#define WRITERS_MAX 128
#define RECORDS 4		/* of a writer, where there are servers */

struct post {			/* by number */
	long writer;
	pid_t pid;
	unsigned found;		/* times that it is in the log */
	bool answered;
};

struct writer {
	struct child child;
	long asked;		/* number of the post, -1: none */
	long left;		/* to be asked for, before it ends */
};

struct crowd {
	struct writer writers[WRITERS_MAX];
	struct servers servers;
	struct dice dice;
	struct promises ledger;
	struct post *posts;
	size_t nposts, cap;
	long n, wanted, kills;
	bool failed;
};

static int64_t
now(void)
{
	return clock_boot(&clock_system);
}

static void
wrong(struct crowd *c, const char *what, int64_t which)
{
	printf("# %s: %" PRId64 "\n", what, which);
	c->failed = true;
}

static bool
merges(long writer)
{
	return writer % 4 == 3;
}

/* Of those that merge a few keys come again and again; all have bytes that no
 * text has. */
static struct bytes
name_of(size_t post, long writer)
{
	static char text[64];
	int n = snprintf(text, sizeof(text), "%s-%zu\n\xff",
	    merges(writer) ? "m" : "p", merges(writer) ? post % 7 : post);

	return (struct bytes){ text, (size_t)n };
}

static void
start(struct crowd *c, long i)
{
	static const char *const ways[] = { "--on-duplicate=allow",
	    "--no-key", "--on-duplicate=allow", "--on-duplicate=skip" };
	char type[24], priority[24];
	const char *argv[] = { "iq-enqueue", "-q", "queue.db", "--raw", "-0",
	    "-I", "--batch", "1", ways[i % 4], "-t", type, "-p", priority,
	    NULL };

	snprintf(type, sizeof(type), "crowd/%ld", i % 3);
	snprintf(priority, sizeof(priority), "%ld", 1 + i % 5);
	child_start(&c->writers[i].child, argv, true, "crowd.err");
	c->writers[i].asked = -1;
	c->writers[i].left = c->servers.n ? RECORDS : LONG_MAX;
}

static void
ask(struct crowd *c, long i)
{
	struct writer *w = &c->writers[i];
	struct bytes name = name_of(c->nposts, i);

	if (c->nposts == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 4096;
		c->posts = mem_grow(c->posts, c->cap, sizeof(*c->posts));
	}
	/* with the NUL that ends it; it may have been killed */
	if (write(w->child.in, name.p, name.n + 1) != (ssize_t)name.n + 1)
		return;
	c->posts[c->nposts] = (struct post){ .writer = i,
	    .pid = w->child.pid };
	w->asked = (long)c->nposts++;
	if (--w->left == 0)
		child_shut(&w->child);
}

static void
hear(struct crowd *c, long i)
{
	struct writer *w = &c->writers[i];
	struct promise what = { .kind = PROMISE_ACCEPTED };
	struct err e;
	char *line;

	child_listen(&w->child);
	while ((line = child_line(&w->child)) != NULL) {
		if (w->asked < 0 || int_parse(line, "id", 1, INT64_MAX,
		    &what.id, &e)) {
			wrong(c, "an answer that nobody asked for", i);
			return;
		}
		what.name = name_of((size_t)w->asked, i);
		promise_add(&c->ledger, what);
		c->posts[w->asked].answered = true;
		w->asked = -1;
	}
}

static void
bury(struct crowd *c, bool again)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		servers_bury(&c->servers, pid, again);
		for (long i = 0; i < c->n; i++) {
			if (c->writers[i].child.pid != pid)
				continue;
			hear(c, i);
			if (!WIFSIGNALED(status) && status)
				wrong(c, "a writer failed (crowd.err)", i);
			child_forget(&c->writers[i].child);
			if (again)
				start(c, i);
		}
	}
}

static void
round_of(struct crowd *c, int wait, bool more)
{
	struct pollfd v[WRITERS_MAX];

	for (long i = 0; i < c->n; i++) {
		if (more && c->writers[i].asked < 0 && c->writers[i].left)
			ask(c, i);
		v[i] = (struct pollfd){ c->writers[i].child.out, POLLIN, 0 };
	}
	poll(v, (nfds_t)c->n, wait);
	for (long i = 0; i < c->n; i++)
		if (v[i].revents)
			hear(c, i);
	bury(c, more);
}

static void
rage(struct crowd *c)
{
	int64_t limit = now() + (60 + c->wanted / 10) * NS_PER_S, next = 0;

	while (c->kills < c->wanted && now() < limit) {
		pid_t pid = c->writers[dice_below(&c->dice,
		    (size_t)c->n)].child.pid;

		round_of(c, 5, true);
		servers_go_on(&c->servers, now());
		if (now() < next)
			continue;
		if (dice_one_in(&c->dice, 4) &&
		    servers_hit(&c->servers, &c->dice))
			;
		else if (pid == 0 || kill(pid, SIGKILL) < 0)
			continue;
		else
			c->kills++;
		next = now() + (int64_t)dice_below(&c->dice, 8) * NS_PER_MS;
	}
	if (c->kills < c->wanted)
		wrong(c, "not enough kills in the time", c->kills);
}

static void
calm_down(struct crowd *c)
{
	int64_t limit = now() + 60 * NS_PER_S;
	long left;

	servers_go_on(&c->servers, INT64_MAX);
	for (long i = 0; i < c->n; i++)
		child_shut(&c->writers[i].child);
	do {
		left = 0;
		round_of(c, 20, false);
		for (long i = 0; i < c->n; i++)
			left += c->writers[i].child.pid != 0;
		/* they serve to the end */
		if (left == 0)
			left = servers_end(&c->servers);
	} while (left && now() < limit);
	if (left)
		wrong(c, "writers or servers that do not end", left);
}

/* ---- afterwards ---- */

static sqlite3_stmt *
query(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		errx(74, "%s: %s", sql, sqlite3_errmsg(db));
	return st;
}

/* The post of a job's path; NULL: it is of one that merges */
static struct post *
post_of(struct crowd *c, const char *path, int n)
{
	size_t number;

	if (n < 3 || sscanf(path, "p-%zu", &number) != 1)
		return NULL;
	if (number >= c->nposts) {
		wrong(c, "a job that nobody posted", (int64_t)number);
		return NULL;
	}
	return &c->posts[number];
}

/* Who made the job of this id, as the log has it */
static void
look_at_maker(struct crowd *c, sqlite3_stmt *job, int64_t id, long pid)
{
	struct post *p;
	const char *type;

	sqlite3_bind_int64(job, 1, id);
	if (sqlite3_step(job) != SQLITE_ROW) {
		wrong(c, "a job of the log does not exist", id);
	} else if ((p = post_of(c, sqlite3_column_blob(job, 0),
	    sqlite3_column_bytes(job, 0))) != NULL) {
		type = (const char *)sqlite3_column_text(job, 1);
		if (p->found++)
			wrong(c, "a post is there twice, as job", id);
		if (p->pid != pid)
			wrong(c, "the log says another one made job", id);
		if (strtol(type + strlen("crowd/"), NULL, 10) !=
		    p->writer % 3 || sqlite3_column_int(job, 2) !=
		    1 + p->writer % 5)
			wrong(c, "of another type or priority is job", id);
	}
	sqlite3_reset(job);
}

static void
look_at_log(struct crowd *c)
{
	sqlite3_stmt *events, *job;
	struct move m;
	sqlite3 *db;

	if (sqlite3_open_v2("queue.db", &db, SQLITE_OPEN_READWRITE, NULL))
		errx(74, "open queue.db: %s", sqlite3_errmsg(db));
	events = query(db, "SELECT actor, moves FROM event WHERE kind = 3");
	job = query(db, "SELECT coalesce(j.path, j.key), t.name, l.priority"
	    " FROM job j JOIN type t ON t.id = j.type"
	    " JOIN lane l ON l.id = j.lane WHERE j.id = ?1");
	while (sqlite3_step(events) == SQLITE_ROW) {
		struct bytes moves = { sqlite3_column_blob(events, 1),
		    (size_t)sqlite3_column_bytes(events, 1) };
		const char *actor = (const char *)sqlite3_column_text(events,
		    0);
		const char *pid = strchr(actor, ' ');
		int64_t end = 0;
		size_t at = 0;

		while (event_next_move(moves, &at, &end, &m) == 1)
			for (int64_t k = 0; k < m.count; k++)
				look_at_maker(c, job, m.first + k,
				    pid ? strtol(pid, NULL, 10) : 0);
	}
	sqlite3_finalize(events);
	sqlite3_finalize(job);
	sqlite3_close(db);
}

static void
report(struct crowd *c, int64_t took)
{
	const char *check[] = { "iq-db", "check", "-q", "queue.db", NULL };
	struct findings f = { 0 };
	long unanswered = 0, there = 0;

	inspect("queue.db", NULL, c->ledger.v, c->ledger.n, &f);
	if (f.damaged || f.wrong || f.lost) {
		printf("# %s", f.text.p);
		c->failed = true;
	}
	if (child_run(check, "check.err") != 0)
		wrong(c, "iq-db check says no", 0);
	look_at_log(c);
	for (size_t i = 0; i < c->nposts; i++) {
		const struct post *p = &c->posts[i];

		unanswered += !p->answered;
		there += !p->answered && p->found;
		if (p->answered && !merges(p->writer) && !p->found)
			wrong(c, "an answered post is not there",
			    (int64_t)i);
	}
	printf("crowd: %ld writers, %ld kills in %.1f s", c->n, c->kills,
	    (double)took / NS_PER_S);
	if (c->servers.n)
		printf(", %ld servers, %ld kills and %ld stops of them",
		    c->servers.n, c->servers.kills, c->servers.stops);
	printf("; %zu posts, %zu acknowledged, %ld not, of which %ld are "
	    "there: %zu lost, %s\n", c->nposts, c->ledger.n, unanswered,
	    there, f.lost, c->failed ? "WRONG" : "none twice");
	findings_release(&f);
}

static void
options(struct crowd *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "writers", required_argument, NULL, 'w' },
		{ "servers", required_argument, NULL, 'v' },
		{ "kills", required_argument, NULL, 'k' },
		{ "seed", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 }
	};
	struct err e;
	int64_t v;
	int o;

	while ((o = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (o == '?' || int_parse(optarg, "option", 1, o == 'w' ?
		    WRITERS_MAX : o == 'v' ? SERVERS_MAX : 10000000, &v, &e))
			exit(64);
		if (o == 's')
			c->dice.state = (uint64_t)v;
		else
			*(o == 'w' ? &c->n : o == 'v' ? &c->servers.n :
			    &c->wanted) = (long)v;
	}
}

int
main(int argc, char **argv)
{
	static struct crowd c = { .n = 32, .wanted = 300, .dice = { 1 } };
	const char *init[] = { "iq-db", "init", "-q", "queue.db", NULL };
	int64_t began = now();

	options(&c, argc, argv);
	signal(SIGPIPE, SIG_IGN);
	if (child_run(init, "init.err") != 0)
		errx(70, "no queue (init.err)");
	servers_start(&c.servers);
	for (long i = 0; i < c.n; i++)
		start(&c, i);
	rage(&c);
	calm_down(&c);
	report(&c, now() - began);
	promises_release(&c.ledger);
	free(c.posts);
	return c.failed;
}
