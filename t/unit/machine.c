/* CPU use between two moments. */
#include "base/machine.h"

#include "tap.h"

static const struct {
	struct machine_cpu from, to;
	int percent;
	const char *what;
} cases[] = {
	{ { 100, 1000 }, { 150, 1100 }, 50, "half" },
	{ { 100, 1000 }, { 100, 1100 }, 0, "idle" },
	{ { 100, 1000 }, { 200, 1100 }, 100, "all" },
	{ { 100, 1000 }, { 100, 1000 }, -1, "no time in between" },
	{ { -1, -1 }, { 100, 1000 }, -1, "not known at first" },
	{ { 100, 1000 }, { -1, -1 }, -1, "not known in the end" },
	{ { 100, 1000 }, { 99, 1010 }, 0, "idle time that stepped back" },
	{ { 100, 1000 }, { 120, 1010 }, 100, "more than there is" },
};

int
main(void)
{
	struct machine m;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_int((int)machine_cpu_percent(&cases[i].from, &cases[i].to),
			cases[i].percent, "%s", cases[i].what);
	machine_read(&m);
	ok(m.memory == -1 || m.memory_available <= m.memory,
		"no more memory is available than there is");
	return done();
}
