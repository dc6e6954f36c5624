/* Signals through signalfd(2). */
#include <errno.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "engine/signals.h"

int
signals_open(struct signals *s, const int *numbers, size_t n, struct err *err)
{
	sigset_t blocked;

	sigemptyset(&s->heard);
	for (size_t i = 0; i < n; i++)
		sigaddset(&s->heard, numbers[i]);
	blocked = s->heard;
	sigaddset(&blocked, SIGPIPE);
	if (sigprocmask(SIG_BLOCK, &blocked, &s->before) != 0)
		return err_errno(err, EX_TEMPFAIL, "block signals");
	sigdelset(&s->before, SIGXFSZ);
	s->fd = signalfd(-1, &s->heard, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->fd < 0)
		return err_errno(err, EX_TEMPFAIL, "wait for signals");
	return 0;
}

size_t
signals_read(struct signals *s, struct signal_heard *out, size_t max)
{
	struct signalfd_siginfo v[8];
	size_t n = 0, want = max < 8 ? max : 8;
	ssize_t got;

	do
		got = read(s->fd, v, want * sizeof(v[0]));
	while (got < 0 && errno == EINTR);
	for (; got >= (ssize_t)sizeof(v[0]) && n < want; n++) {
		out[n].number = (int)v[n].ssi_signo;
		out[n].from_parent = signal_by_process(v[n].ssi_code) &&
			(pid_t)v[n].ssi_pid == getppid();
		got -= (ssize_t)sizeof(v[0]);
	}
	return n;
}

void
signals_close(struct signals *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}
