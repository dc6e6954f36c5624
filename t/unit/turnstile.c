/* The fair lock: who waits in vain is told who holds it. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/turnstile.h"
#include "tap.h"

static int
open_sidecar(void)
{
	return open("lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

/* A process that holds the turn, and is stopped when it does */
static pid_t
stopped_holder(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (flock(open_sidecar(), LOCK_EX) == 0)
			raise(SIGSTOP);
		_exit(0);
	}
	return waitpid(pid, &status, WUNTRACED) == pid &&
	    WIFSTOPPED(status) ? pid : -1;
}

static void
test_holder(void)
{
	struct turnstile t = { .fd = open_sidecar(), .path = "/q",
	    .deadline = 120 * NS_PER_MS };
	int64_t began = clock_boot(&clock_system);
	pid_t pid = stopped_holder();
	struct err err = { 0 };
	char text[128];

	is_int(turnstile_enter(&t, &err), EX_TEMPFAIL, "waits in vain");
	snprintf(text, sizeof(text), "wait for a turn on /q: held by process "
	    "%d (turnstile), try again", (int)pid);
	is_str(err.text, text, "and names the holder");
	ok(clock_boot(&clock_system) - began >= t.deadline,
	    "not before the deadline");
	kill(pid, SIGCONT);
	waitpid(pid, NULL, 0);
	is_int(turnstile_enter(&t, &err), 0, "who goes on lets the next in");
	turnstile_leave(&t);
	close(t.fd);
}

static void
test_interrupted(void)
{
	struct turnstile t = { .fd = open_sidecar(), .path = "/q",
	    .deadline = 60 * NS_PER_S, .interrupted = 1 };
	pid_t pid = stopped_holder();
	struct err err = { 0 };

	is_int(turnstile_enter(&t, &err), EX_TEMPFAIL, "a wait is given up");
	is_str(err.text, "wait for a turn on /q: interrupted",
	    "when it is interrupted");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	t.interrupted = 0;
	is_int(turnstile_enter(&t, &err), 0, "a dead holder holds nothing");
	turnstile_leave(&t);
	close(t.fd);
}

static bool
same_set(const sigset_t *a, const sigset_t *b)
{
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		if (sigismember(a, sig) != sigismember(b, sig))
			return false;
	return true;
}

static void
test_stops_wait(void)
{
	struct turnstile t = { .fd = open_sidecar(), .path = "/q",
	    .deadline = NS_PER_S };
	sigset_t before, in, after;
	struct err err;

	sigprocmask(SIG_SETMASK, NULL, &before);
	turnstile_enter(&t, &err);
	sigprocmask(SIG_SETMASK, NULL, &in);
	ok(sigismember(&in, SIGTSTP) && sigismember(&in, SIGTTOU) &&
	    sigismember(&in, SIGINT) && sigismember(&in, SIGTERM),
	    "no Ctrl-Z and no TERM inside a turn");
	turnstile_leave(&t);
	sigprocmask(SIG_SETMASK, NULL, &after);
	ok(same_set(&before, &after), "and afterwards as it was");
	close(t.fd);
}

int
main(void)
{
	test_holder();
	test_interrupted();
	test_stops_wait();
	return done();
}
