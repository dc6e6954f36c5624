/* What is the same on every system about signals. */
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
