/* Trees by /proc/PID/task/TID/children and the subreaper (prctl(2)). */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/procfs.h"
#include "engine/tree.h"
#include "engine/tree_mark.h"

void
tree_open(struct tree *t, const char *locks, const char *queue)
{
	char name[64];
	struct stat st;

	memset(t, 0, sizeof(*t));
	snprintf(name, sizeof(name), "/proc/self/task/%d/children",
		(int)getpid());
	t->children_fd = open(name, O_RDONLY | O_CLOEXEC);
	t->text_size = 4096;
	t->text = mem_alloc(t->text_size);
	t->marks = tree_marks();
	t->queue = queue;
	if (locks != NULL && stat(locks, &st) == 0) {
		t->lock_device = st.st_dev;
		t->lock_inode = st.st_ino;
	}
}

void
tree_close(struct tree *t)
{
	if (t->children_fd >= 0)
		close(t->children_fd);
	t->children_fd = -1;
	free(t->text);
	t->text = NULL;
	pids_release(&t->below);
}

bool
tree_adopt(void)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
}

bool
tree_follow(pid_t parent, int sig)
{
	prctl(PR_SET_PDEATHSIG, sig, 0, 0, 0);
	return getppid() == parent;
}

int64_t
tree_look_again(void)
{
	return 0;
}

bool
tree_lives(pid_t pid)
{
	(void)pid;
	return true;
}

/* The whole of a list of children: one read, so that it is one walk of the
 * kernel's list, into a buffer that is large enough. */
static const char *
read_list(struct tree *t, int fd)
{
	ssize_t got;

	for (;;) {
		got = pread(fd, t->text, t->text_size - 1, 0);
		if (got < 0)
			return NULL;
		if ((size_t)got < t->text_size / 2)
			break;
		t->text_size *= 2;
		t->text = mem_grow(t->text, t->text_size, 1);
	}
	t->text[got] = '\0';
	return t->text;
}

static void
add_list(const char *list, struct pids *out)
{
	char *end;

	while (list != NULL) {
		long pid = strtol(list, &end, 10);

		if (end == list || pid <= 0)
			return;
		pids_add(out, (pid_t)pid);
		list = end;
	}
}

static pid_t
parent_of(pid_t pid)
{
	char text[PROCFS_STAT];
	const char *parent;

	procfs_read(pid, "stat", text, sizeof(text));
	parent = procfs_stat_field(text, 4);
	return parent ? (pid_t)strtol(parent, NULL, 10) : 0;
}

/* Where the kernel was built without lists of children (CONFIG_PROC_CHILDREN)
 * all of /proc is read. */
static void
children_by_scan(pid_t pid, struct pids *out)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		pid_t other = (pid_t)strtol(e->d_name, NULL, 10);

		if (other > 0 && parent_of(other) == pid)
			pids_add(out, other);
	}
	if (dir != NULL)
		closedir(dir);
}

/* Each thread has a list of its own. */
static void
children_of(struct tree *t, pid_t pid, struct pids *out)
{
	char name[96];
	struct dirent *e;
	DIR *dir;
	int fd;

	if (t->children_fd < 0) {
		children_by_scan(pid, out);
		return;
	}
	snprintf(name, sizeof(name), "/proc/%d/task", (int)pid);
	dir = opendir(name);
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(name, sizeof(name), "/proc/%d/task/%.20s/children",
			(int)pid, e->d_name);
		fd = open(name, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		add_list(read_list(t, fd), out);
		close(fd);
	}
	if (dir != NULL)
		closedir(dir);
}

void
tree_below(struct tree *t, pid_t root, struct pids *out)
{
	size_t next = out->n;

	children_of(t, root, out);
	for (; next < out->n; next++)
		children_of(t, out->v[next], out);
}

void
tree_strangers(struct tree *t, const struct tree_handler *v, size_t n,
	struct pids *out)
{
	size_t from = out->n, kept = out->n;

	if (t->children_fd >= 0)
		add_list(read_list(t, t->children_fd), out);
	else
		children_by_scan(getpid(), out);
	for (size_t i = from; i < out->n; i++) {
		size_t k = 0;

		while (k < n && (v[k].gone || v[k].pid != out->v[i]))
			k++;
		if (k == n)
			out->v[kept++] = out->v[i];
	}
	out->n = kept;
}
