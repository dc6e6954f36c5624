/* The fair lock: who waits in vain is told who holds it. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
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

static void
test_woken(void)
{
	int ends[2];
	struct turnstile t = { .fd = open_sidecar(), .path = "/q",
	    .deadline = 60 * NS_PER_S };
	int64_t began = clock_boot(&clock_system);
	pid_t pid = stopped_holder();
	struct err err = { 0 };

	ok(pipe(ends) == 0 && write(ends[1], "", 1) == 1, "a pipe");
	t.wake = ends[0];
	is_int(turnstile_enter(&t, &err), EX_TEMPFAIL,
	    "or when there is something to be read");
	ok(clock_boot(&clock_system) - began < t.deadline, "soon");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ends[0]);
	close(ends[1]);
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

static volatile sig_atomic_t stops;

static void
on_stop(int sig)
{
	(void)sig;
	stops++;
}

/* A process that holds the turn for a tenth of a second */
static pid_t
short_holder(void)
{
	int held[2];
	char c;
	pid_t pid;

	if (pipe(held) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		flock(open_sidecar(), LOCK_EX);
		close(held[1]);
		poll(NULL, 0, 100);
		_exit(0);
	}
	close(held[1]);
	if (read(held[0], &c, 1) != 0)
		return -1;
	close(held[0]);
	return pid;
}

/* Ctrl-Z all the time, every 2 ms */
static void
test_no_stop_when_granted(void)
{
	struct turnstile t = { .fd = open_sidecar(), .path = "/q",
	    .deadline = 60 * NS_PER_S };
	struct sigaction sa = { .sa_handler = on_stop }, old;
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL,
	    .sigev_signo = SIGTSTP };
	struct itimerspec every = { { 0, 2000000 }, { 0, 2000000 } };
	pid_t pid = short_holder();
	struct err err;
	timer_t timer;

	sigaction(SIGTSTP, &sa, &old);
	timer_create(CLOCK_MONOTONIC, &ev, &timer);
	timer_settime(timer, 0, &every, NULL);
	stops = 0;
	is_int(turnstile_enter(&t, &err), 0, "waits for the turn");
	is_int(stops, 0, "nothing stops it before it has the turn, or in it");
	turnstile_leave(&t);
	timer_delete(timer);
	ok(stops > 0, "but afterwards");
	sigaction(SIGTSTP, &old, NULL);
	waitpid(pid, NULL, 0);
	close(t.fd);
}

int
main(void)
{
	test_no_stop_when_granted();
	test_holder();
	test_interrupted();
	test_woken();
	test_stops_wait();
	return done();
}
