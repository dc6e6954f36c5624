/* readdir(3) and fstatat(2). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/directory.h"

/* The type of an entry is no part of POSIX: each is looked at. */
int
directory_read(int fd, directory_fn *fn, void *ctx)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0), why;
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *d;

	if (dir == NULL) {
		why = errno;
		if (copy >= 0)
			close(copy);
		errno = why;
		return -1;
	}
	for (errno = 0; (d = readdir(dir)) != NULL; errno = 0)
		if (strcmp(d->d_name, ".") != 0 &&
		    strcmp(d->d_name, "..") != 0)
			fn(ctx, d->d_name, strlen(d->d_name), FILE_UNKNOWN);
	why = errno;
	closedir(dir);
	errno = why;
	return why ? -1 : 0;
}

static enum file_kind
kind_of_mode(mode_t mode)
{
	return S_ISREG(mode) ? FILE_REGULAR : S_ISDIR(mode) ?
	    FILE_DIRECTORY : S_ISLNK(mode) ? FILE_LINK : FILE_OTHER;
}

int
file_look(int at, const char *name, bool follow, struct file *out)
{
	struct stat st;

	if (name[0] == '\0' ? fstat(at, &st) :
	    fstatat(at, name, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW))
		return -1;
	out->kind = kind_of_mode(st.st_mode);
	out->mount = false;
	out->size = st.st_size;
	out->mtime = clock_ns(st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	out->ctime = clock_ns(st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
	out->inode = st.st_ino;
	out->device = st.st_dev;
	return 0;
}
