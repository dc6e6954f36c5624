/* Starting a process by vfork(2): the size of this one does not matter, and
 * the child tells why exec failed through the memory that both share. */
#include <errno.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/spawn.h"

int
spawn_confine(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* Nothing here may live in a register across the second return of vfork. */
static __attribute__((noinline)) pid_t
start(const struct spawn *s, volatile int *why)
{
	pid_t pid = vfork();

	if (pid == 0) {
		*why = spawn_become(s);
		_exit(127);
	}
	return pid;
}

enum spawned
spawn(const struct spawn *s, pid_t *pid)
{
	volatile int why = 0;

	*pid = start(s, &why);
	if (*pid < 0)
		return SPAWN_NO_PROCESS;
	if (why == 0)
		return SPAWN_STARTED;
	while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	errno = why;
	return SPAWN_NO_EXEC;
}
