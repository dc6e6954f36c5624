/* Nothing portable waits for memory that another process writes. */
#include "base/futex.h"

bool
futex_exists(void)
{
	return false;
}

void
futex_wait(futex_word *w, uint32_t value, int ms)
{
	(void)w;
	(void)value;
	(void)ms;
}

void
futex_wake(futex_word *w)
{
	(void)w;
}
