/* /proc/PID/fdinfo has a line for each watch, with the inode and the handle of
 * what is watched (fs/notify/fdinfo.c of Linux). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/procfs.h"
#include "engine/cover_set.h"
#include "rules/watch_record.h"

#ifndef AT_HANDLE_FID
#define AT_HANDLE_FID 0x200	/* Linux 6.5: also where it cannot be opened */
#endif
#define HANDLE_MAX 128
#define PIPE_SIZE (1 << 20)

/* ---- marks ---- */

/* type, then the bytes in hex */
static uint64_t
handle_mark(const struct cover *c, int type, struct bytes hex)
{
	char text[16 + 2 * HANDLE_MAX];
	int n = snprintf(text, sizeof(text), "%x:%.*s", type, (int)hex.n,
	    hex.p);

	return cover_hash(c, text, (size_t)n);
}

uint64_t
cover_mark(void *cover, int fd, uint64_t device, uint64_t inode)
{
	static const char digits[] = "0123456789abcdef";
	const struct cover *c = cover;
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + HANDLE_MAX];
	} u;
	char hex[2 * HANDLE_MAX];
	int mount, code;

	u.h.handle_bytes = HANDLE_MAX;
	code = c->by_inode ? -1 : name_to_handle_at(fd, "", &u.h, &mount,
	    AT_EMPTY_PATH | AT_HANDLE_FID);
	if (code != 0 && !c->by_inode && errno == EINVAL) {
		u.h.handle_bytes = HANDLE_MAX;
		code = name_to_handle_at(fd, "", &u.h, &mount, AT_EMPTY_PATH);
	}
	if (code != 0)
		return cover_inode_mark(c, major(device) << 20 |
		    minor(device), inode);
	for (unsigned i = 0; i < u.h.handle_bytes; i++) {
		hex[2 * i] = digits[u.h.f_handle[i] >> 4];
		hex[2 * i + 1] = digits[u.h.f_handle[i] & 15];
	}
	return handle_mark(c, u.h.handle_type, (struct bytes){ hex,
	    2 * u.h.handle_bytes });
}

/* ---- what a process watches ---- */

/* True when there was such a line. */
static bool
read_marks(struct cover *c, const char *path)
{
	FILE *f = fopen(path, "re");
	struct watch_mark m;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	bool any = false;

	if (f == NULL)
		return false;
	while ((n = getline(&line, &cap, f)) > 0) {
		n -= line[n - 1] == '\n';
		if (!watch_mark_parse((struct bytes){ line, (size_t)n }, &m))
			continue;
		any = true;
		cover_add(c, cover_inode_mark(c, m.device, m.inode));
		if (m.handle_type >= 0 && m.handle.n <= 2 * HANDLE_MAX)
			cover_add(c, handle_mark(c, m.handle_type, m.handle));
	}
	free(line);
	fclose(f);
	return any;
}

bool
cover_read(struct cover *c, pid_t pid)
{
	char path[64];
	struct dirent *e;
	bool any = false;
	DIR *d;

	cover_clear(c);
	snprintf(path, sizeof(path), "/proc/%d/fdinfo", (int)pid);
	d = opendir(path);
	if (d == NULL)
		return false;
	while ((e = readdir(d)) != NULL) {
		struct buf file = { 0 };

		if (e->d_name[0] == '.' || strcmp(e->d_name, "0") == 0)
			continue;
		buf_addf(&file, "%s/%s", path, e->d_name);
		any = read_marks(c, file.p) || any;
		buf_release(&file);
	}
	closedir(d);
	return any;
}

/* ---- processes ---- */

/* (fswatch 1.14 loses most of a burst there.) */
bool
cover_native(enum watch_program program)
{
	return program == WATCH_INOTIFYWAIT;
}

void
cover_die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(127);
}

void
cover_widen(int pipe)
{
	(void)fcntl(pipe, F_SETPIPE_SZ, PIPE_SIZE);
}

/* As proc(5) has it; 0: not known */
static char
state_of(pid_t pid)
{
	char text[PROCFS_STAT];
	const char *state;

	procfs_read(pid, "stat", text, sizeof(text));
	state = procfs_stat_field(text, 3);
	return state ? *state : '\0';
}

bool
cover_stopped(pid_t pid)
{
	char state = state_of(pid);

	return state == 'T' || state == 't';
}

bool
cover_waits(pid_t pid, int out)
{
	int unread = 0;

	/* in this order: only we take what it has written */
	return state_of(pid) == 'S' && ioctl(out, FIONREAD, &unread) == 0 &&
	    unread == 0;
}
