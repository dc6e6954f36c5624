/* POSIX tells nothing of this. */
#include "base/machine.h"

void
machine_read(struct machine *m)
{
	*m = (struct machine){ -1, -1, -1, -1, -1 };
}

void
machine_cpu_read(struct machine_cpu *c)
{
	*c = (struct machine_cpu){ -1, -1 };
}
