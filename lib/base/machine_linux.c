/* From /proc: meminfo and pressure. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/machine.h"

static int64_t
kilobytes(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	int64_t kb;

	if (at == NULL || sscanf(at + strlen(name), " %" SCNd64, &kb) != 1)
		return -1;
	return kb * 1024;
}

static double
pressure(const char *path)
{
	struct buf text = { 0 };
	double percent = -1;

	/* "some avg10=0.12 avg60=..." */
	if (io_read_file(path, 4096, &text) == 0 &&
	    sscanf(text.p, "some avg10=%lf", &percent) != 1)
		percent = -1;
	buf_release(&text);
	return percent;
}

void
machine_read(struct machine *m)
{
	struct buf text = { 0 };

	m->memory = m->memory_available = -1;
	if (io_read_file("/proc/meminfo", 1 << 16, &text) == 0) {
		m->memory = kilobytes(text.p, "MemTotal:");
		m->memory_available = kilobytes(text.p, "MemAvailable:");
	}
	buf_release(&text);
	m->pressure_cpu = pressure("/proc/pressure/cpu");
	m->pressure_memory = pressure("/proc/pressure/memory");
	m->pressure_io = pressure("/proc/pressure/io");
}
