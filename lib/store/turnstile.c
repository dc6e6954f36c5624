#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/locklist.h"
#include "store/turnstile.h"

#define TICK_MS 50

static void
on_tick(int sig)
{
	(void)sig;	/* only interrupts flock() */
}

/* SIGALRM every 50 ms from now on, or each ms if that is less.  Repeating,
 * because one that fires just before flock() is called would be lost. */
static int
tick_start(int64_t ms, timer_t *timer, struct sigaction *old, sigset_t *mask)
{
	int64_t ns = (ms < 1 ? 1 : ms < TICK_MS ? ms : TICK_MS) * NS_PER_MS;
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL,
	    .sigev_signo = SIGALRM };
	struct itimerspec every = { { 0, ns }, { 0, ns } };
	struct sigaction sa = { .sa_handler = on_tick };
	sigset_t alarm;

	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGALRM, &sa, old) < 0)
		return -1;
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm, mask);
	if (timer_create(CLOCK_MONOTONIC, &ev, timer) < 0) {
		sigprocmask(SIG_SETMASK, mask, NULL);
		sigaction(SIGALRM, old, NULL);
		return -1;
	}
	return timer_settime(*timer, 0, &every, NULL);
}

static void
tick_stop(timer_t timer, const struct sigaction *old, const sigset_t *mask)
{
	timer_delete(timer);
	sigprocmask(SIG_SETMASK, mask, NULL);
	sigaction(SIGALRM, old, NULL);
}

/* Who holds a flock on this file; 0 when unknown. */
static pid_t
holder(int fd)
{
	struct buf list = { 0 };
	struct held_lock l;
	const char *at;
	struct stat st;
	pid_t pid = 0;

	if (fstat(fd, &st) == 0 && locklist_read(&list) == 0)
		for (at = list.p; pid == 0 && locklist_next(&at, &l); )
			if (strcmp(l.kind, "FLOCK") == 0 &&
			    l.inode == (uint64_t)st.st_ino)
				pid = l.pid;
	buf_release(&list);
	return pid;
}

int
turnstile_refuse(struct turnstile *t, struct err *err)
{
	char path[64], name[32] = "?";
	struct buf b = { 0 };
	pid_t pid = holder(t->fd);

	if (t->interrupted)
		return err_set(err, EX_TEMPFAIL,
		    "wait for a turn on %s: interrupted", t->path);
	if (pid == 0)
		return err_set(err, EX_TEMPFAIL,
		    "wait for a turn on %s: busy, try again", t->path);
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	if (io_read_file(path, sizeof(name) - 1, &b) == 0 && b.len > 1)
		snprintf(name, sizeof(name), "%.*s", (int)b.len - 1, b.p);
	buf_release(&b);
	return err_set(err, EX_TEMPFAIL,
	    "wait for a turn on %s: held by process %d (%s), try again",
	    t->path, (int)pid, name);
}

static bool
is_interrupted(const struct turnstile *t)
{
	struct pollfd p = { .fd = t->wake, .events = POLLIN };

	return t->interrupted || (t->wake > 0 && poll(&p, 1, 0) == 1 &&
	    p.revents & POLLIN);
}

static int
wait_for_turn(struct turnstile *t, struct err *err)
{
	int64_t end = clock_boot(&clock_system) + t->deadline, now;
	bool hurry = false;
	struct sigaction old;
	sigset_t mask;
	timer_t timer;
	int code = 0;

	if (tick_start(t->deadline / NS_PER_MS, &timer, &old, &mask) < 0)
		return err_errno(err, EX_OSERR, "start a timer");
	while (flock(t->fd, LOCK_EX) < 0) {
		if (errno != EINTR) {
			code = err_errno(err, EX_IOERR, "lock %s", t->path);
			break;
		}
		now = clock_boot(&clock_system);
		if (!hurry && is_interrupted(t)) {
			hurry = true;
			if (end > now + TURNSTILE_HURRY)
				end = now + TURNSTILE_HURRY;
		}
		if (now >= end) {
			code = turnstile_refuse(t, err);
			break;
		}
	}
	tick_stop(timer, &old, &mask);
	return code;
}

/* What would stop this process, and perhaps what would end it */
static void
add_stops(sigset_t *set, bool ends)
{
	sigaddset(set, SIGTSTP);
	sigaddset(set, SIGTTOU);
	if (ends) {
		sigaddset(set, SIGINT);
		sigaddset(set, SIGTERM);
	}
}

static void
block_stops(bool ends, sigset_t *old)
{
	sigset_t set;

	sigemptyset(&set);
	add_stops(&set, ends);
	sigprocmask(SIG_BLOCK, &set, old);
}

bool
turnstile_try(struct turnstile *t)
{
	/* Block before the lock is taken: a stop between the two would hold it
	 * for as long as the shell likes. */
	block_stops(true, &t->mask);
	t->held = flock(t->fd, LOCK_EX | LOCK_NB) == 0;
	if (!t->held)
		sigprocmask(SIG_SETMASK, &t->mask, NULL);
	return t->held;
}

int
turnstile_enter(struct turnstile *t, struct err *err)
{
	int code = 0;

	if (t->held || turnstile_try(t))
		return 0;
	if (errno != EWOULDBLOCK && errno != EINTR)
		return err_errno(err, EX_IOERR, "lock %s", t->path);
	/* Who waits can be ended, but not stopped: that could come just when
	 * the lock is granted. */
	block_stops(false, &t->mask);
	code = wait_for_turn(t, err);
	if (code) {
		sigprocmask(SIG_SETMASK, &t->mask, NULL);
		return code;
	}
	block_stops(true, NULL);
	t->held = true;
	return 0;
}

bool
turnstile_asked(const struct turnstile *t)
{
	sigset_t pending;

	if (t->interrupted || !t->held)
		return t->interrupted;
	return sigpending(&pending) == 0 && (sigismember(&pending, SIGINT) ||
	    sigismember(&pending, SIGTERM));
}

void
turnstile_stay_blocked(struct turnstile *t)
{
	add_stops(&t->mask, true);
}

void
turnstile_leave(struct turnstile *t)
{
	if (!t->held)
		return;
	t->held = false;
	flock(t->fd, LOCK_UN);
	sigprocmask(SIG_SETMASK, &t->mask, NULL);
}
