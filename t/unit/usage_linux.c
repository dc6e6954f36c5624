/* What /proc tells of a process that runs. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/usage.h"
#include "tap.h"

#define MIB (1024 * 1024)

static int64_t
ns_of(struct timeval t)
{
	return t.tv_sec * NS_PER_S + t.tv_usec * 1000;
}

static int64_t
cpu_of(int who)
{
	struct rusage r;

	getrusage(who, &r);
	return ns_of(r.ru_utime) + ns_of(r.ru_stime);
}

static void
burn(int64_t cpu)
{
	while (cpu_of(RUSAGE_SELF) < cpu)
		;
}

static void
of_one_that_runs(void)
{
	int64_t cpu, tick = 2 * NS_PER_S / sysconf(_SC_CLK_TCK);
	struct usage before, after;
	char *room;
	int fd;

	usage_of(getpid(), &before);
	room = mmap(NULL, 32 * MIB, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(room, 1, 16 * MIB);
	fd = open("/dev/null", O_WRONLY);
	ok(write(fd, room, 5 * MIB) == 5 * MIB, "a write");
	fflush(stdout);
	if (fork() == 0) {
		burn(NS_PER_S / 5);
		_exit(0);
	}
	wait(NULL);
	burn(NS_PER_S / 10);
	usage_of(getpid(), &after);
	cpu = cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN);
	ok(llabs(after.cpu - cpu) <= 2 * tick, "its time and its children's: "
		"%lld, and %lld", (long long)after.cpu, (long long)cpu);
	ok(after.max_rss - before.max_rss >= 15 * MIB &&
		after.max_rss - before.max_rss < 32 * MIB,
		"what it has in memory: %lld more",
		(long long)(after.max_rss - before.max_rss));
	ok(after.written - before.written >= 5 * MIB, "what it wrote");
	ok(after.io_operations > before.io_operations, "and how often");
	munmap(room, 32 * MIB);
	close(fd);
}

static void
of_one_that_is_gone(void)
{
	struct usage u;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	usage_of(pid, &u);
	ok(u.cpu == -1 && u.max_rss == -1 && u.read == -1 && u.written == -1 &&
		u.io_operations == -1, "nothing is known");
}

int
main(void)
{
	of_one_that_runs();
	of_one_that_is_gone();
	return done();
}
