#include "base/machine.h"

#include <stdlib.h>
#include <unistd.h>

double
machine_memory_percent(const struct machine *m)
{
	return m->memory > 0 && m->memory_available >= 0 ? 100 - 100.0 *
		(double)m->memory_available / (double)m->memory : -1;
}

double
machine_load_percent(double load, long cpus)
{
	if (load < 0 || cpus < 1)
		return -1;
	return load < (double)cpus ? 100 * load / (double)cpus : 100;
}

double
machine_cpu_percent(void)
{
	double load;

	if (getloadavg(&load, 1) != 1)
		load = -1;
	return machine_load_percent(load, sysconf(_SC_NPROCESSORS_ONLN));
}
