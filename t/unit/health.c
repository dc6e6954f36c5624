/* The worst of what --health finds. */
#include "stats_health.h"
#include "tap.h"

static enum level
worst(const enum level *v, size_t n)
{
	struct health h = { .disk_free = -1 };

	for (size_t i = 0; i < n; i++)
		health_add(&h, v[i], "disk", "%zu", i);
	health_release(&h);
	return h.worst;
}

int
main(void)
{
	is_int(worst(NULL, 0), FINE, "nothing is wrong");
	is_int(worst((enum level[]){ CRITICAL, UNKNOWN }, 2), CRITICAL,
		"what is not known does not hide what is critical");
	is_int(worst((enum level[]){ UNKNOWN, WARNING }, 2), UNKNOWN,
		"and is worse than a warning");
	is_int(worst((enum level[]){ WARNING, CRITICAL, WARNING }, 3), CRITICAL,
		"in whatever order");
	return done();
}
