/* What only Linux tells: start times, zombies, affinity, control groups. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cgroup.h"
#include "base/proc.h"
#include "tap.h"

static void
identity(void)
{
	struct proc_id me, other;
	siginfo_t info;
	pid_t pid;

	proc_self(&me);
	is_int((long long)strlen(me.boot), 36, "boot id %s", me.boot);
	ok(me.start > 0, "start time");
	other = me;
	other.start++;
	ok(!proc_alive(&other), "another start time: a later user of the pid");
	other = me;
	other.start = 0;
	ok(proc_alive(&other), "an unknown start time is believed");
	other.boot[0] = other.boot[0] == '0' ? '1' : '0';
	ok(!proc_alive(&other), "another boot");
	prctl(PR_SET_NAME, ") Z 1 2 (3");
	ok(proc_alive(&me) && proc_start(me.pid) == me.start,
		"a name that looks like the fields behind it");

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(0);
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	other = me;
	other.pid = pid;
	other.start = proc_start(pid);
	ok(other.start > 0 && !proc_alive(&other), "a zombie is dead");
	waitpid(pid, NULL, 0);
}

static void
affinity(void)
{
	cpu_set_t before, one;
	int cpu;

	if (sched_getaffinity(0, sizeof(before), &before) != 0)
		return;
	for (cpu = 0; !CPU_ISSET(cpu, &before); cpu++)
		;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
	is_int(proc_cores(), 1, "one core when bound to one");
	sched_setaffinity(0, sizeof(before), &before);
	ok(proc_cores() <= CPU_COUNT(&before), "no more than allowed");
}

/* ---- made-up machines ---- */

static char root[] = "/tmp/iq-unit-proc-XXXXXX";

/* Writes root/path with all its directories. */
static void
put(const char *path, const char *text)
{
	struct buf name = { 0 };
	char *slash;
	FILE *f;

	buf_addf(&name, "%s%s", root, path);
	for (slash = strchr(name.p + strlen(root) + 1, '/'); slash != NULL;
			slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(name.p, 0700);
		*slash = '/';
	}
	f = fopen(name.p, "w");
	if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0)
		exit(99);
	buf_release(&name);
}

static void
machine(const char *groups, const char *mounts)
{
	put("/proc/self/cgroup", groups);
	put("/proc/self/mountinfo", mounts);
}

#define V2_MOUNT "25 30 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"
#define OTHER_MOUNT "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"

static void
v2(void)
{
	machine("0::/user.slice/work.scope\n", OTHER_MOUNT V2_MOUNT);
	is_int(cgroup_cores(root), 0, "no files, no limit");
	put("/sys/fs/cgroup/user.slice/work.scope/cpu.max", "max 100000\n");
	is_int(cgroup_cores(root), 0, "max is no limit");
	put("/sys/fs/cgroup/user.slice/work.scope/cpu.max", "300000 100000\n");
	is_int(cgroup_cores(root), 3, "three cores");
	put("/sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n");
	is_int(cgroup_cores(root), 2, "a tighter parent, rounded up");
	put("/sys/fs/cgroup/cpu.max", "10000 100000\n");
	is_int(cgroup_cores(root), 1, "a tighter root, at least one");
	put("/sys/fs/cgroup/cpu.max", "800000 100000\n");
	is_int(cgroup_cores(root), 2, "a wider one changes nothing");
	put("/sys/fs/cgroup/cpu.max", "garbage\n");
	is_int(cgroup_cores(root), 2, "nor does rubbish");
	machine("0::/\n", OTHER_MOUNT V2_MOUNT);
	put("/sys/fs/cgroup/cpu.max", "400000 100000\n");
	is_int(cgroup_cores(root), 4, "in a cgroup namespace");
	machine("0::/../outside\n", OTHER_MOUNT V2_MOUNT);
	is_int(cgroup_cores(root), 4, "outside of the mount: its root counts");
}

static void
v1(void)
{
	machine("5:memory:/docker/abc\n3:cpuset:/docker/abc\n"
		"2:cpu,cpuacct:/docker/abc\n0::/\n",
		"40 30 0:30 /docker/abc /v1/memory ro - cgroup cgroup rw,memory\n"
		"41 30 0:31 /docker/abc /v1/cpu ro - cgroup cgroup rw,cpu,cpuacct\n"
		"42 30 0:32 /docker/abc /v1/cpuset ro - cgroup cgroup rw,cpuset\n");
	put("/v1/cpu/cpu.cfs_quota_us", "-1\n");
	put("/v1/cpu/cpu.cfs_period_us", "100000\n");
	put("/v1/cpuset/cpu.cfs_quota_us", "100000\n");
	put("/v1/cpuset/cpu.cfs_period_us", "100000\n");
	is_int(cgroup_cores(root), 0, "v1: -1 is no limit");
	put("/v1/cpu/cpu.cfs_quota_us", "250000\n");
	is_int(cgroup_cores(root), 3, "v1: the mount shows the own group");
	machine("2:cpu,cpuacct:/a/b\n",
		"41 30 0:31 / /v1/cpu rw - cgroup cgroup rw,cpu,cpuacct\n");
	put("/v1/cpu/cpu.cfs_quota_us", "-1\n");
	put("/v1/cpu/a/cpu.cfs_quota_us", "200000\n");
	put("/v1/cpu/a/cpu.cfs_period_us", "100000\n");
	put("/v1/cpu/a/b/cpu.cfs_quota_us", "700000\n");
	put("/v1/cpu/a/b/cpu.cfs_period_us", "100000\n");
	is_int(cgroup_cores(root), 2, "v1: an ancestor is tighter");
}

static void
no_proc(void)
{
	is_int(cgroup_cores("/nonexistent"), 0, "no /proc, no limit");
	machine("", "");
	is_int(cgroup_cores(root), 0, "empty files");
	machine("0::/x", "25 30");
	is_int(cgroup_cores(root), 0, "cut lines");
}

static void
sweep(void)
{
	char *argv[] = { "rm", "-rf", root, NULL };
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execvp("rm", argv);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

int
main(void)
{
	identity();
	affinity();
	if (mkdtemp(root) == NULL)
		return 99;
	v2();
	v1();
	no_proc();
	sweep();
	return done();
}
