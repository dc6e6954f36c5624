/* Usage by wait4(2) and /proc/self/io. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/procfs.h"
#include "engine/usage.h"

static int64_t
oom_kills(void)
{
	struct buf text = { 0 };
	const char *at;
	int64_t n = 0;

	if (io_read_file("/proc/vmstat", 1 << 20, &text) == 0 &&
	    (at = strstr(text.p, "\noom_kill ")) != NULL)
		n = strtoll(at + strlen("\noom_kill "), NULL, 10);
	buf_release(&text);
	return n;
}

void
usage_open(struct usage_meter *m)
{
	memset(m, 0, sizeof(*m));
	m->fd = open("/proc/self/io", O_RDONLY | O_CLOEXEC);
	m->oom_kills = oom_kills();
}

void
usage_close(struct usage_meter *m)
{
	if (m->fd >= 0)
		close(m->fd);
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
	int64_t now = oom_kills();
	bool more = now > m->oom_kills;

	m->oom_kills = now;
	m->fresh = false;
	return more;
}

/* The number of the next "name: number" line */
static int64_t
next_number(const char **p)
{
	const char *colon = strchr(*p, ':');
	char *end;
	int64_t n;

	if (colon == NULL)
		return 0;
	n = strtoll(colon + 1, &end, 10);
	*p = end;
	return n;
}

/* rchar, wchar, syscr and syscw as they stand; m->counts are what they will be
 * after this very read, which the kernel adds only when it is done. */
static bool
read_counts(struct usage_meter *m, struct usage_counts *seen)
{
	char text[512];
	const char *p = text;
	ssize_t got;

	if (m->fd < 0)
		return false;
	got = pread(m->fd, text, sizeof(text) - 1, 0);
	if (got <= 0)
		return false;
	text[got] = '\0';
	seen->read = next_number(&p);
	seen->written = next_number(&p);
	seen->operations = next_number(&p);
	seen->operations += next_number(&p);
	m->counts = *seen;
	m->counts.read += got;
	m->counts.operations++;
	m->fresh = true;
	return true;
}

/* From the 14th on: utime, stime, cutime and cstime, in ticks; the 24th is the
 * size in pages. */
void
usage_glance(pid_t pid, struct usage *u)
{
	int64_t tick = NS_PER_S / sysconf(_SC_CLK_TCK), sum = 0;
	char text[PROCFS_STAT], *end;
	const char *times, *pages;

	usage_none(u);
	procfs_read(pid, "stat", text, sizeof(text));
	times = procfs_stat_field(text, 14);
	pages = procfs_stat_field(text, 24);
	if (times == NULL || pages == NULL)
		return;
	for (int i = 0; i < 4; i++, times = end)
		sum += strtoll(times, &end, 10);
	u->cpu = sum * tick;
	u->max_rss = strtoll(pages, NULL, 10) * sysconf(_SC_PAGESIZE);
	u->source = RSS_SEEN;
}

void
usage_of(pid_t pid, struct usage *u)
{
	char text[512];
	const char *p = text;

	usage_glance(pid, u);
	if (procfs_read(pid, "io", text, sizeof(text)) == 0)
		return;
	u->read = next_number(&p);
	u->written = next_number(&p);
	u->io_operations = next_number(&p);
	u->io_operations += next_number(&p);
}

static int64_t
nanoseconds(struct timeval t)
{
	return t.tv_sec * NS_PER_S + t.tv_usec * NS_PER_US;
}

bool
usage_wait(struct usage_meter *m, pid_t pid, int *status, struct usage *u)
{
	struct usage_counts before, after;
	struct rusage r;
	bool counted;
	pid_t got;

	counted = m->fresh || read_counts(m, &after);
	before = m->counts;
	do
		got = wait4(pid, status, WNOHANG, &r);
	while (got < 0 && errno == EINTR);
	if (got != pid)
		return false;
	usage_none(u);
	u->cpu = nanoseconds(r.ru_utime) + nanoseconds(r.ru_stime);
	u->max_rss = (int64_t)r.ru_maxrss * 1024;
	u->source = RSS_WAITED;
	if (counted && read_counts(m, &after)) {
		u->read = after.read - before.read;
		u->written = after.written - before.written;
		u->io_operations = after.operations - before.operations;
	}
	return true;
}
