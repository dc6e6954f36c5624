/* What is the same on every system about signals. */
#include <sys/resource.h>
#include <unistd.h>

#include "engine/signals.h"

#ifndef SI_TKILL
#define SI_TKILL SI_USER	/* Linux only */
#endif

bool
signal_by_process(int si_code)
{
	return si_code == SI_USER || si_code == SI_QUEUE ||
		si_code == SI_TKILL;
}

bool
signal_ignored(int number)
{
	struct sigaction now;

	return sigaction(number, NULL, &now) == 0 &&
		now.sa_handler == SIG_IGN;
}

void
signals_stop(void (*handler)(int))
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction act = { .sa_handler = handler,
		.sa_flags = SA_RESETHAND };

	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!signal_ignored(numbers[i]))
			sigaction(numbers[i], &act, NULL);
}

void
signal_stop(int number)
{
	struct sigaction act = { .sa_handler = SIG_DFL }, old;
	sigset_t one, before;

	sigaction(number, &act, &old);
	sigemptyset(&one);
	sigaddset(&one, number);
	kill(getpid(), number);
	sigprocmask(SIG_UNBLOCK, &one, &before);	/* stops here */
	sigprocmask(SIG_SETMASK, &before, NULL);
	sigaction(number, &old, NULL);
}

void
signal_die(int number)
{
	struct rlimit none = { 0, 0 };
	sigset_t one;

	setrlimit(RLIMIT_CORE, &none);
	signal(number, SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, number);
	kill(getpid(), number);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	_exit(128 + number);
}
