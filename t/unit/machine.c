/* How busy the machine is. */
#include "base/machine.h"

#include "tap.h"

static const struct {
	double load;
	long cpus;
	int percent;
	const char *what;
} cases[] = {
	{ 0, 4, 0, "idle" },
	{ 1, 4, 25, "one of four" },
	{ 2, 2, 100, "all" },
	{ 7.5, 2, 100, "more than there is" },
	{ -1, 2, -1, "not known" },
	{ 1, -1, -1, "nobody knows of how many" },
};

int
main(void)
{
	struct machine m;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_int((int)machine_load_percent(cases[i].load, cases[i].cpus),
			cases[i].percent, "%s", cases[i].what);
	ok(machine_cpu_percent() >= -1 && machine_cpu_percent() <= 100,
		"and this machine has a percentage");
	machine_read(&m);
	ok(m.memory == -1 || m.memory_available <= m.memory,
		"no more memory is available than there is");
	return done();
}
