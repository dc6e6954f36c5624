/* Trees on Linux: who is below, whose is an orphan, ending all of it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lockbyte.h"
#include "engine/tree.h"
#include "engine/tree_mark.h"
#include "tap.h"

#define QUEUE "/some/queue.db"

/* What a process does to hide from the one that started it */
enum hiding { SETSID = 1, CLOSE = 2, UNMARKED = 4, NO_ENVIRONMENT = 8 };

/* Sleeps until it is killed; says on fd that it is ready. */
static _Noreturn void
linger(int fd)
{
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (write(fd, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void
hide(int how, int lock, uint64_t mark)
{
	if (how & SETSID)
		setsid();
	if (how & CLOSE)
		close(lock);
	if (!(how & UNMARKED))
		tree_wear(mark);
}

/* The process that lingers, as a program of its own: only exec sets the
 * environment that /proc shows. */
static _Noreturn void
become(int how, int tell, const char *self)
{
	char fd[16], *argv[] = { "tree", "linger", fd, NULL };
	char *env[] = { "IQ_QUEUE=" QUEUE, "IQ_JOB_IDS=7 77", NULL };
	char *none[] = { NULL };

	snprintf(fd, sizeof(fd), "%d", tell);
	execve(self, argv, how & NO_ENVIRONMENT ? none : env);
	_exit(1);
}

/* A handler that leaves an orphan which hides so, and ends. */
static pid_t
leave_orphan(int how, int lock, uint64_t mark, int tell, const char *self)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	setpgid(0, 0);
	if (fork() == 0) {
		hide(how, lock, mark);
		become(how, tell, self);
	}
	_exit(0);
}

static void
reap_until_alone(struct tree *t)
{
	struct pids left = { 0 };

	do {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		left.n = 0;
		tree_strangers(t, NULL, 0, &left);
		if (left.n > 0) {
			tree_kill(t, &left);
			poll(NULL, 0, 1);
		}
	} while (left.n > 0);
	pids_release(&left);
}

static void
owner_of(struct tree *t, int how, const char *what, const char *self)
{
	struct tree_handler v[3] = {
		{ .pid = 1, .slot = 0, .lock_offset = 100, .sign = "IQ_JOB_IDS=7",
			.started = 1 },
		{ .slot = 5, .lock_offset = 205, .sign = "IQ_JOB_IDS=7 77", .started = 2 },
		{ .pid = 1, .slot = 6, .lock_offset = 300, .sign = "IQ_JOB_IDS=77",
			.started = 1 },
	};
	int lock = open("sidecar", O_RDWR), ends[2];
	struct pids found = { 0 };
	pid_t pid;
	char c;

	ok(pipe(ends) == 0 && lockbyte_take(lock, 205) == 1, "set up");
	pid = leave_orphan(how, lock, tree_mark(t, 5), ends[1], self);
	close(lock);
	v[1].pid = pid;
	waitpid(pid, NULL, 0);
	ok(read(ends[0], &c, 1) == 1, "the orphan lives");
	v[1].gone = true;
	tree_strangers(t, v, 3, &found);
	if (is_int((int)found.n, 1, "it is our child"))
		is_int(tree_owner(t, found.v[0], v, 3), 1, "its owner: %s",
			what);
	reap_until_alone(t);
	pids_release(&found);
	close(ends[0]);
	close(ends[1]);
}

static void
zombies(struct tree *t)
{
	struct tree_handler v[2] = { { .pid = 1, .slot = 3 },
		{ .pid = 1, .slot = 9 } };
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0) {
		tree_wear(tree_mark(t, 9));
		setsid();
		_exit(0);
	}
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	is_int(tree_owner(t, pid, v, 2), 1, "even a zombie wears its mark");
	waitpid(pid, NULL, 0);
}

static void
inner_marks(struct tree *outer)
{
	int ends[2];
	pid_t pid;
	char c = 0;

	ok(pipe(ends) == 0, "a worker inside a handler");
	pid = fork();
	if (pid == 0) {
		struct tree inner;

		tree_wear(tree_mark(outer, 5));
		tree_open(&inner, NULL, NULL);
		tree_wear(tree_mark(&inner, 5));
		c = inner.marks != 0 && inner.marks < outer->marks &&
			tree_marked_slot(inner.marks, getpid()) == 5 &&
			tree_marked_slot(outer->marks, getpid()) == -1;
		_exit(write(ends[1], &c, 1) != 1);
	}
	ok(read(ends[0], &c, 1) == 1 && c == 1, "its marks are its own");
	waitpid(pid, NULL, 0);
	close(ends[0]);
	close(ends[1]);
}

/* depth generations, each with two children, all deaf to TERM */
static void
plant(int depth, int tell)
{
	for (int i = 0; i < 2 && depth > 0; i++) {
		if (fork() == 0) {
			if (i == 1)
				setsid();
			plant(depth - 1, tell);
			linger(tell);
		}
	}
}

static void
ending(struct tree *t)
{
	struct pids roots = { 0 }, below = { 0 };
	int ends[2], ready = 0;
	pid_t pid;
	char c;

	ok(pipe(ends) == 0, "a tree of 15");
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		plant(3, ends[1]);
		linger(ends[1]);
	}
	while (ready < 15 && read(ends[0], &c, 1) == 1)
		ready++;
	tree_below(t, pid, &below);
	is_int((int)below.n, 14, "all below are seen");
	pids_add(&roots, pid);
	tree_signal(t, &roots, SIGTERM);
	is_int(waitpid(pid, NULL, WNOHANG), 0, "TERM does not end it");
	reap_until_alone(t);
	errno = 0;
	is_int(waitpid(-1, NULL, WNOHANG), -1, "KILL does");
	is_int(errno, ECHILD, "all of it");
	pids_release(&roots);
	pids_release(&below);
	close(ends[0]);
	close(ends[1]);
}

int
main(int argc, char **argv)
{
	struct tree t;
	int fd;

	if (argc == 3)
		linger((int)strtol(argv[2], NULL, 10));
	fd = open("sidecar", O_RDWR | O_CREAT, 0600);
	close(fd);
	tree_open(&t, "sidecar", QUEUE);
	ok(tree_adopt(), "orphans come here");
	ok(t.marks != 0, "marks can be worn");
	owner_of(&t, 0, "by anything", argv[0]);
	owner_of(&t, SETSID | CLOSE | NO_ENVIRONMENT, "by its mark",
		argv[0]);
	owner_of(&t, SETSID | UNMARKED | NO_ENVIRONMENT,
		"by the lock it holds", argv[0]);
	owner_of(&t, CLOSE | UNMARKED | NO_ENVIRONMENT, "by its group",
		argv[0]);
	owner_of(&t, SETSID | CLOSE | UNMARKED, "by its environment",
		argv[0]);
	owner_of(&t, SETSID | CLOSE | UNMARKED | NO_ENVIRONMENT,
		"by its age", argv[0]);
	zombies(&t);
	inner_marks(&t);
	ending(&t);
	tree_close(&t);
	return done();
}
