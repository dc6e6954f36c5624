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
