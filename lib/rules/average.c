#include "rules/average.h"

static void
add(double *average, double v)
{
	if (*average < 0)
		*average = v;
	else if (v >= 0)
		*average += AVERAGE_ALPHA * (v - *average);
}

void
average_add(struct average *a, int64_t at, int64_t duration, int64_t cpu,
	int64_t memory)
{
	a->updated = at;
	add(&a->duration, (double)duration);
	add(&a->memory, (double)memory);
	add(&a->cpu_percent, duration > 0 && cpu >= 0 ?
	    100.0 * (double)cpu / (double)duration : -1);
}
