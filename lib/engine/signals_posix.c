/*
 * Signals through a pipe that their handler writes to.  A signal handler has
 * no argument, so the pipe's end is the one variable of the library that is
 * not in a context.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "engine/signals.h"

static volatile int write_end = -1;

#define FROM_PARENT 0x80

/* One byte each: the number, and whose. A full pipe already has what there is
 * to know. */
static void
tell(int number, siginfo_t *info, void *context)
{
	int saved = errno;
	unsigned char byte = (unsigned char)number;

	(void)context;
	if (signal_by_process(info->si_code) && info->si_pid == getppid())
		byte |= FROM_PARENT;
	if (write(write_end, &byte, 1) < 0)
		errno = saved;
	errno = saved;
}

/* Highest number that is looked for */
#define LAST 31

static void
each_heard(const struct signals *s, const struct sigaction *act)
{
	for (int i = 1; i <= LAST; i++)
		if (sigismember(&s->heard, i) == 1)
			sigaction(i, act, NULL);
}

int
signals_open(struct signals *s, const int *numbers, size_t n, struct err *err)
{
	struct sigaction act;
	sigset_t blocked;
	int ends[2];

	if (pipe(ends) != 0)
		return err_errno(err, EX_TEMPFAIL, "wait for signals");
	for (int i = 0; i < 2; i++) {
		fcntl(ends[i], F_SETFD, FD_CLOEXEC);
		io_set_nonblock(ends[i], true);
	}
	s->fd = ends[0];
	write_end = ends[1];
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGPIPE);
	sigprocmask(SIG_BLOCK, &blocked, &s->before);
	sigdelset(&s->before, SIGXFSZ);
	memset(&act, 0, sizeof(act));
	sigfillset(&act.sa_mask);
	act.sa_flags = SA_RESTART | SA_SIGINFO;
	act.sa_sigaction = tell;
	sigemptyset(&s->heard);
	for (size_t i = 0; i < n; i++)
		sigaddset(&s->heard, numbers[i]);
	each_heard(s, &act);
	return 0;
}

size_t
signals_read(struct signals *s, struct signal_heard *out, size_t max)
{
	unsigned char bytes[32];
	ssize_t got;

	if (max > sizeof(bytes))
		max = sizeof(bytes);
	do
		got = read(s->fd, bytes, max);
	while (got < 0 && errno == EINTR);
	for (ssize_t i = 0; i < got; i++)
		out[i] = (struct signal_heard){ bytes[i] & ~FROM_PARENT,
			(bytes[i] & FROM_PARENT) != 0 };
	return got > 0 ? (size_t)got : 0;
}

void
signals_close(struct signals *s)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	each_heard(s, &ignore);
	if (s->fd >= 0)
		close(s->fd);
	if (write_end >= 0)
		close(write_end);
	s->fd = write_end = -1;
}
