/* How busy this machine is; one file per platform. */
#ifndef IQ_MACHINE_H
#define IQ_MACHINE_H

#include <stdint.h>

/* What is not known is negative. */
struct machine {
	int64_t memory, memory_available;	/* bytes */
	/* percent of the last 10 s in which something waited for it */
	double pressure_cpu, pressure_memory, pressure_io;
};

void machine_read(struct machine *m);

/* CPU time of all cores since boot, in ticks; what happened between two
 * moments is their difference. -1: not known */
struct machine_cpu {
	int64_t busy, total;
};

void machine_cpu_read(struct machine_cpu *c);
/* 0..100, -1 when not known or too short */
double machine_cpu_percent(const struct machine_cpu *from,
	const struct machine_cpu *to);

#endif
