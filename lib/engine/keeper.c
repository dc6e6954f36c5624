/* Waiting for one worker, and sweeping up after it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/keeper.h"
#include "engine/signals.h"
#include "engine/tree.h"

#define ROUND_MIN (1 * NS_PER_MS)
#define ROUND_MAX (200 * NS_PER_MS)
#define ONE_TELLING (100 * NS_PER_MS)

struct watch {
	const struct keeper *keeper;
	struct tree tree;
	struct pids foreign;	/* children from before: not ours to end */
	struct pids left;
	sigset_t all;
	pid_t worker;
	int status;		/* of the worker, once it is gone */
	bool gone;
	struct {
		int signal;
		pid_t from;
		int64_t at;	/* boot */
	} told;			/* what was passed on last */
};

static void
reap(struct watch *w)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == w->worker) {
			w->gone = true;
			w->status = status;
		}
		pids_remove(&w->foreign, pid);
	}
}

/* What the worker left behind is our child now. */
static bool
anybody_left(struct watch *w)
{
	size_t kept = 0;

	reap(w);
	w->left.n = 0;
	tree_strangers(&w->tree, NULL, 0, &w->left);
	for (size_t i = 0; i < w->left.n; i++) {
		if (!pids_has(&w->foreign, w->left.v[i]))
			w->left.v[kept++] = w->left.v[i];
	}
	w->left.n = kept;
	return kept > 0;
}

/* timeout(1) signals who it started and then the group that this is in: by one
 * process, in a moment, it is meant once.  Only stops are counted. */
static bool
told_before(struct watch *w, const siginfo_t *info)
{
	int64_t now = clock_boot(&clock_system);

	if (info->si_signo != SIGTERM && info->si_signo != SIGINT)
		return false;
	if (w->told.signal == info->si_signo && w->told.from == info->si_pid &&
	    now - w->told.at < ONE_TELLING)
		return true;
	w->told.signal = info->si_signo;
	w->told.from = info->si_pid;
	w->told.at = now;
	return false;
}

static void
pass_on(struct watch *w, const siginfo_t *info)
{
	bool sent = signal_by_process(info->si_code);

	if (info->si_signo == SIGCHLD) {
		reap(w);
		return;
	}
	if (sent && !w->gone && !told_before(w, info))
		kill(w->worker, info->si_signo);
	/* The shell wants to see its job stopped. */
	if (info->si_signo == SIGTSTP || info->si_signo == SIGTTIN ||
	    info->si_signo == SIGTTOU)
		kill(getpid(), SIGSTOP);
}

/* A signal that arrives within ns, or 0 */
static int
next_signal(const struct watch *w, int64_t ns)
{
	struct timespec wait = { .tv_sec = ns / NS_PER_S,
		.tv_nsec = ns % NS_PER_S };
	int sig = ns > 0 ? sigtimedwait(&w->all, NULL, &wait) : 0;

	return sig > 0 ? sig : 0;
}

static void
say(const struct watch *w, const char *sentence)
{
	if (w->keeper->say != NULL)
		w->keeper->say(w->keeper->ctx, sentence);
}

static void
wait_grace(struct watch *w)
{
	int64_t end = clock_boot(&clock_system) + atomic_load(w->keeper->said);
	int64_t now;
	int sig;

	while (anybody_left(w)) {
		now = clock_boot(&clock_system);
		if (now >= end)
			return;
		sig = next_signal(w, end - now);
		if (sig == SIGTERM || sig == SIGINT)
			return;		/* the second one: now */
	}
}

static void
sweep(struct watch *w)
{
	int64_t pause = ROUND_MIN;
	bool said = false;
	char text[96];

	if (!anybody_left(w))
		return;
	snprintf(text, sizeof(text), "the worker has gone: ending what it "
		"left (%zu process tree%s)", w->left.n,
		w->left.n == 1 ? "" : "s");
	say(w, text);
	tree_signal(&w->tree, &w->left, SIGTERM);
	wait_grace(w);
	while (anybody_left(w)) {
		tree_kill(&w->tree, &w->left);
		next_signal(w, pause);
		if (pause < ROUND_MAX)
			pause *= 2;
		else if (!said)
			say(w, "waiting for a process that KILL does not end");
		said = pause >= ROUND_MAX;
	}
}

static _Noreturn void
end_as(const struct watch *w)
{
	if (WIFEXITED(w->status))
		_exit(WEXITSTATUS(w->status));
	signal_die(WTERMSIG(w->status));
}

static _Noreturn void
keep(struct watch *w)
{
	siginfo_t info;

	while (!w->gone) {
		if (sigwaitinfo(&w->all, &info) > 0)
			pass_on(w, &info);
	}
	sweep(w);
	end_as(w);
}

void
keeper_grace(const struct keeper *k, int64_t grace)
{
	atomic_store(k->said, grace);
}

/* Nobody takes it out at the other end: what is under way in a socket lasts as
 * long as that is open. */
int
keeper_hold(const struct keeper *k, int fd, struct err *err)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte = 0;
	struct iovec one = { &byte, 1 };
	struct msghdr m = { .msg_iov = &one, .msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	/* a keeper that is gone sweeps nothing */
	if (sendmsg(k->hand, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
	    errno != EPIPE && errno != ECONNRESET)
		return err_errno(err, err_shortage(errno) ? EX_TEMPFAIL :
		    EX_OSERR, "hand a lock to the keeper");
	return 0;
}

/* *theirs: the end that only the keeper has */
static int
make_socket(struct keeper *k, int *theirs, struct err *err)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		return err_errno(err, EX_TEMPFAIL, "start the worker");
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	*theirs = ends[0];
	k->hand = ends[1];
	return 0;
}

int
keeper_start(struct keeper *k, struct err *err)
{
	struct watch w = { .keeper = k };
	pid_t keeper = getpid();
	sigset_t before;
	int theirs = -1;

	if (make_socket(k, &theirs, err) != 0)
		return err->code;
	k->said = mmap(NULL, sizeof(*k->said), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (k->said == MAP_FAILED)
		return err_errno(err, EX_TEMPFAIL, "start the worker");
	keeper_grace(k, k->grace);
	sigfillset(&w.all);
	sigprocmask(SIG_SETMASK, &w.all, &before);
	signal(SIGCHLD, SIG_DFL);
	tree_open(&w.tree, NULL, NULL);
	tree_strangers(&w.tree, NULL, 0, &w.foreign);
	tree_adopt();
	w.worker = fork();
	close(w.worker > 0 ? k->hand : theirs);
	if (w.worker > 0)
		keep(&w);
	tree_close(&w.tree);
	pids_release(&w.foreign);
	if (w.worker == 0) {
		tree_adopt();
		if (!tree_follow(keeper, SIGTERM))
			_exit(EX_TEMPFAIL);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (w.worker < 0)
		return err_errno(err, EX_TEMPFAIL, "start the worker");
	return 0;
}
