/* Usage as far as POSIX tells: CPU time. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "engine/usage.h"

void
usage_open(struct usage_meter *m)
{
	memset(m, 0, sizeof(*m));
	m->fd = -1;
}

void
usage_close(struct usage_meter *m)
{
	m->fd = -1;
}

void
usage_stale(struct usage_meter *m)
{
	m->fresh = false;
}

bool
usage_oom(struct usage_meter *m)
{
	(void)m;
	return false;
}

static int64_t
children_cpu(void)
{
	struct rusage r;

	if (getrusage(RUSAGE_CHILDREN, &r) != 0)
		return 0;
	return (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * NS_PER_S +
		(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * NS_PER_US;
}

bool
usage_wait(struct usage_meter *m, pid_t pid, int *status, struct usage *u)
{
	int64_t before = children_cpu();
	pid_t got;

	(void)m;
	do
		got = waitpid(pid, status, WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got != pid)
		return false;
	usage_none(u);
	u->cpu = children_cpu() - before;
	return true;
}

void
usage_glance(pid_t pid, struct usage *u)
{
	(void)pid;
	usage_none(u);
}

void
usage_of(pid_t pid, struct usage *u)
{
	usage_glance(pid, u);
}
