/* Starting a process by fork(2); why exec failed comes through a pipe that a
 * successful exec closes. */
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "engine/spawn.h"

int
spawn_confine(void)
{
	return 0;
}

/* In the child, with all signals blocked.  A handler of the parent must not
 * run here: it would tell the parent. */
static _Noreturn void
become(const struct spawn *s, int tell)
{
	int why;

	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	why = spawn_become(s);
	io_write_all(tell, &why, sizeof(why));
	_exit(127);
}

enum spawned
spawn(const struct spawn *s, pid_t *pid)
{
	int ends[2], why = 0;
	sigset_t all, before;
	ssize_t got;

	if (pipe(ends) != 0)
		return SPAWN_NO_PROCESS;
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	*pid = fork();
	if (*pid == 0)
		become(s, ends[1]);
	why = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	if (*pid < 0) {
		close(ends[0]);
		errno = why;
		return SPAWN_NO_PROCESS;
	}
	got = io_read_full(ends[0], &why, sizeof(why));
	close(ends[0]);
	if (got < (ssize_t)sizeof(why))
		return SPAWN_STARTED;
	while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	errno = why;
	return SPAWN_NO_EXEC;
}
