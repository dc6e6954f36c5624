/*
 * Without /proc there is neither a boot id nor a start time, so a PID is
 * believed alone here.  That errs on the safe side: a dead worker whose PID
 * was given away looks alive until its lease runs out.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/proc.h"

void
proc_boot_id(char out[40])
{
	out[0] = '\0';
}

int64_t
proc_start(pid_t pid)
{
	(void)pid;
	return 0;
}

bool
proc_alive(const struct proc_id *id)
{
	if (id->pid <= 0)
		return false;
	return kill(id->pid, 0) == 0 || errno == EPERM;
}

int
proc_cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : (int)n;
}

void
proc_keep_fds(void)
{
	long max = sysconf(_SC_OPEN_MAX);

	for (int fd = 3; fd < (max > 0 && max < 65536 ? max : 65536); fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0)
			fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
	}
}
