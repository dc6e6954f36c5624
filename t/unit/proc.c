#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tap.h"

/* Both platforms promise this much. */
static void
identity(void)
{
	struct proc_id me, child;
	char name[256];
	int go[2], status;
	pid_t pid;
	char c;

	proc_self(&me);
	is_int(me.pid, getpid(), "own pid");
	ok(proc_alive(&me), "alive");
	if (pipe(go) < 0)
		exit(99);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		_exit(read(go[0], &c, 1) == 0 ? 0 : 1);
	}
	close(go[0]);
	child = me;
	child.pid = pid;
	child.start = proc_start(pid);
	ok(proc_alive(&child), "a child is alive");
	close(go[1]);
	waitpid(pid, &status, 0);
	ok(!proc_alive(&child), "and not once it was waited for");
	is_int(proc_start(pid), 0, "it has no start time then");
	child.pid = 0;
	ok(!proc_alive(&child), "pid 0 is nobody");
	child.pid = -1;
	ok(!proc_alive(&child), "pid -1 is nobody");

	proc_host(name, sizeof(name));
	ok(name[0] != '\0' && strchr(name, '.') == NULL, "short host name");
	proc_host(name, 2);
	is_int((long long)strlen(name), 1, "cut to the room");
	proc_user(name, sizeof(name));
	ok(name[0] != '\0', "user name %s", name);
}

static void
clocks(void)
{
	int64_t wall = clock_wall(&clock_system);
	int64_t boot = clock_boot(&clock_system);

	ok(wall > INT64_C(1700000000) * NS_PER_S, "wall time is after 2023");
	ok(boot > 0 && clock_boot(&clock_system) >= boot,
		"boot time goes forward");
}

static void
cores(void)
{
	int n = proc_cores();

	ok(n >= 1 && n <= sysconf(_SC_NPROCESSORS_CONF),
		"cores within the machine: %d", n);
}

int
main(void)
{
	identity();
	clocks();
	cores();
	return done();
}
