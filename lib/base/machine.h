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
/* How much of its memory is in use, 0..100, or -1 */
double machine_memory_percent(const struct machine *m);

/* How much of its CPUs was wanted in the last minute, 0..100, or -1: the load
 * average, which is there at once (CPU time would need two looks, and a wait
 * between them). It counts what waits for a disk, too. */
double machine_cpu_percent(void);
/* Of so many processes that run or want to, on so many CPUs */
double machine_load_percent(double load, long cpus);

#endif
