/* Which handler an orphan comes from. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/proc.h"
#include "base/procfs.h"
#include "engine/tree.h"
#include "engine/tree_mark.h"

#define MARK_TOP (UINT64_C(1) << 62)
#define LEVEL_BITS 36		/* a level: 2^22 processes of 2^12 slots */
#define SLOT_BITS 12

/* An environment that holds a payload is larger than most. */
#define ENVIRON_MAX (256 << 10)

uint64_t
tree_marks(void)
{
	struct rlimit limit;
	uint64_t level = 0, own;

	if (getrlimit(RLIMIT_RTTIME, &limit) != 0)
		return 0;
	if (limit.rlim_max != RLIM_INFINITY) {
		if (limit.rlim_max > MARK_TOP || limit.rlim_max < MARK_TOP / 2)
			return 0;
		level = ((MARK_TOP - limit.rlim_max) >> LEVEL_BITS) + 1;
	}
	own = (uint64_t)getpid() << SLOT_BITS;
	return MARK_TOP - (level << LEVEL_BITS) - own - 1;
}

uint64_t
tree_mark(const struct tree *t, int slot)
{
	return t->marks ? t->marks - (uint64_t)slot : 0;
}

void
tree_wear(uint64_t mark)
{
	struct rlimit limit = { .rlim_cur = mark, .rlim_max = mark };

	if (mark != 0)
		setrlimit(RLIMIT_RTTIME, &limit);
}

int
tree_marked_slot(uint64_t marks, pid_t pid)
{
	char text[4096];
	const char *line;
	uint64_t soft, hard;

	if (marks == 0 || procfs_read(pid, "limits", text, sizeof(text)) == 0)
		return -1;
	line = strstr(text, "Max realtime timeout");
	if (line == NULL || sscanf(line, "Max realtime timeout %" SCNu64
	    " %" SCNu64, &soft, &hard) != 2)
		return -1;
	if (hard > marks || marks - hard >= UINT64_C(1) << SLOT_BITS)
		return -1;
	return (int)(marks - hard);
}

static int
by_slot(int slot, const struct tree_handler *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].slot == slot)
			return (int)i;
	}
	return -1;
}

/* One descriptor of the process: does it hold a handler's byte? */
static int
by_lock(const struct tree *t, const char *text, const struct tree_handler *v,
	size_t n)
{
	unsigned major, minor;
	uint64_t inode;
	int64_t first;
	const char *p = text;

	while ((p = strstr(p, "OFDLCK")) != NULL) {
		p += strlen("OFDLCK");
		if (sscanf(p, " ADVISORY WRITE %*d %x:%x:%" SCNu64 " %" SCNd64,
		    &major, &minor, &inode, &first) != 4)
			continue;
		if (inode != (uint64_t)t->lock_inode ||
		    makedev(major, minor) != t->lock_device)
			continue;
		for (size_t i = 0; i < n; i++) {
			if (v[i].lock_offset == first)
				return (int)i;
		}
	}
	return -1;
}

static int
by_locks(const struct tree *t, pid_t pid, const struct tree_handler *v,
	size_t n)
{
	char name[64], text[4096];
	struct dirent *e;
	int found = -1;
	DIR *dir;

	snprintf(name, sizeof(name), "/proc/%d/fdinfo", (int)pid);
	dir = opendir(name);
	while (dir != NULL && found < 0 && (e = readdir(dir)) != NULL) {
		snprintf(name, sizeof(name), "fdinfo/%.20s", e->d_name);
		if (e->d_name[0] != '.' &&
		    procfs_read(pid, name, text, sizeof(text)) > 0)
			found = by_lock(t, text, v, n);
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

static int
by_group(pid_t pid, const struct tree_handler *v, size_t n)
{
	pid_t group = getpgid(pid), session = getsid(pid);

	for (size_t i = 0; i < n; i++) {
		if (v[i].pid == group || v[i].pid == session)
			return (int)i;
	}
	return -1;
}

/* Whether the environment has this entry */
static bool
environ_has(const char *text, size_t n, const char *wanted)
{
	size_t at = 0;

	while (at < n && strcmp(text + at, wanted) != 0)
		at += strlen(text + at) + 1;
	return at < n;
}

static int
by_environ(const struct tree *t, pid_t pid, const struct tree_handler *v,
	size_t n)
{
	struct buf queue = { 0 };
	char *text;
	size_t got;
	int found = -1;

	if (t->queue == NULL)
		return -1;
	buf_addf(&queue, "IQ_QUEUE=%s", t->queue);
	text = mem_alloc(ENVIRON_MAX);
	got = procfs_read(pid, "environ", text, ENVIRON_MAX);
	if (environ_has(text, got, queue.p)) {
		for (size_t i = 0; i < n && found < 0; i++) {
			if (v[i].sign && environ_has(text, got, v[i].sign))
				found = (int)i;
		}
	}
	free(text);
	buf_release(&queue);
	return found;
}

/* The youngest of those that are not younger than the process itself: a guess,
 * but everybody has an owner, and so somebody who ends it. */
static int
by_age(pid_t pid, const struct tree_handler *v, size_t n)
{
	int64_t tick = NS_PER_S / sysconf(_SC_CLK_TCK);
	int64_t born = (proc_start(pid) + 1) * tick;
	int best = -1;

	for (size_t i = 0; i < n; i++) {
		if (best >= 0 && v[i].started <= v[best].started)
			continue;
		if (best < 0 || v[i].started <= born)
			best = (int)i;
	}
	return best;
}

int
tree_owner(struct tree *t, pid_t pid, const struct tree_handler *v, size_t n)
{
	int found = by_slot(tree_marked_slot(t->marks, pid), v, n);

	if (found < 0 && t->lock_inode != 0)
		found = by_locks(t, pid, v, n);
	if (found < 0)
		found = by_group(pid, v, n);
	if (found < 0)
		found = by_environ(t, pid, v, n);
	return found >= 0 ? found : by_age(pid, v, n);
}
