/* From /proc: stat, meminfo and pressure. */
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

void
machine_cpu_read(struct machine_cpu *c)
{
	struct buf text = { 0 };
	int64_t v[8];

	*c = (struct machine_cpu){ -1, -1 };
	/* user nice system idle iowait irq softirq steal */
	if (io_read_file("/proc/stat", 1 << 20, &text) == 0 &&
	    sscanf(text.p, "cpu %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64
	    " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64, &v[0], &v[1],
	    &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]) == 8) {
		c->total = 0;
		for (int i = 0; i < 8; i++)
			c->total += v[i];
		c->busy = c->total - v[3] - v[4];
	}
	buf_release(&text);
}
