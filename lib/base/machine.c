#include "base/machine.h"

double
machine_cpu_percent(const struct machine_cpu *from,
	const struct machine_cpu *to)
{
	int64_t total = to->total - from->total;
	int64_t busy = to->busy - from->busy;

	if (from->total < 0 || to->total < 0 || total <= 0)
		return -1;
	/* the kernel's idle count may step back a little */
	if (busy < 0 || busy > total)
		busy = busy < 0 ? 0 : total;
	return 100.0 * (double)busy / (double)total;
}
