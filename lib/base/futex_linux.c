#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/futex.h"

bool
futex_exists(void)
{
	return true;
}

void
futex_wait(futex_word *w, uint32_t value, int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * NS_PER_MS };

	syscall(SYS_futex, w, FUTEX_WAIT, value, &t, NULL, 0);
}

void
futex_wake(futex_word *w)
{
	syscall(SYS_futex, w, FUTEX_WAKE, 1, NULL, NULL, 0);
}
