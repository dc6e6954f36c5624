#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cgroup.h"
#include "base/io.h"
#include "base/num.h"
#include "base/proc.h"
#include "base/procfs.h"

void
proc_boot_id(char out[40])
{
	struct buf text = { 0 };
	size_t n;

	out[0] = '\0';
	if (io_read_file("/proc/sys/kernel/random/boot_id", 64, &text) == 0) {
		n = strcspn(text.p, "\n");
		if (n < 40) {
			memcpy(out, text.p, n);
			out[n] = '\0';
		}
	}
	buf_release(&text);
}

/* State letter and start time (fields 3 and 22 of proc(5)'s stat) */
static bool
stat_of(pid_t pid, char *state, int64_t *start)
{
	char text[PROCFS_STAT];
	const char *letter, *ticks;
	unsigned long long n;

	procfs_read(pid, "stat", text, sizeof(text));
	letter = procfs_stat_field(text, 3);
	ticks = procfs_stat_field(text, 22);
	if (ticks == NULL || sscanf(ticks, "%llu", &n) != 1)
		return false;
	*state = *letter;
	*start = (int64_t)n;
	return true;
}

int64_t
proc_start(pid_t pid)
{
	int64_t start = 0;
	char state;

	if (pid <= 0 || !stat_of(pid, &state, &start))
		return 0;
	return start;
}

bool
proc_alive(const struct proc_id *id)
{
	char boot[40], state;
	int64_t start;

	if (id->pid <= 0)
		return false;
	proc_boot_id(boot);
	if (strcmp(boot, id->boot) != 0)
		return false;
	if (!stat_of(id->pid, &state, &start))
		/* hidepid, or no /proc: the PID is all there is */
		return kill(id->pid, 0) == 0 || errno == EPERM;
	if (state == 'Z' || state == 'X')
		return false;
	return id->start == 0 || id->start == start;
}

/* CPUs of the affinity mask; machines may have more than cpu_set_t holds */
static int
affinity(void)
{
	int cpus, found = 0;

	for (cpus = CPU_SETSIZE; cpus <= 1 << 20 && found == 0; cpus *= 2) {
		cpu_set_t *set = CPU_ALLOC(cpus);
		size_t size = CPU_ALLOC_SIZE(cpus);

		if (set == NULL)
			return 1;
		if (sched_getaffinity(0, size, set) == 0)
			found = CPU_COUNT_S(size, set);
		else if (errno != EINVAL)
			found = 1;
		CPU_FREE(set);
	}
	return found < 1 ? 1 : found;
}

int
proc_cores(void)
{
	int cpus = affinity();
	int quota = cgroup_cores("");

	return quota > 0 && quota < cpus ? quota : cpus;
}

void
proc_keep_fds(void)
{
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
}
