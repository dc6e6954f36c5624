#include <errno.h>
#include <fcntl.h>

#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/allocate.h"

/* (not in linux/magic.h) */
#define BCACHEFS_SUPER_MAGIC 0xca451a4e

/* Room that is there already is of no use to a change. */
static int
copies_on_write(int fd)
{
	struct statfs fs;
	int flags;

	if (fstatfs(fd, &fs) < 0 ||
	    ((unsigned long)fs.f_type != BTRFS_SUPER_MAGIC &&
	    (unsigned long)fs.f_type != BCACHEFS_SUPER_MAGIC))
		return 0;
	return ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0 ||
	    !(flags & FS_NOCOW_FL);
}

void
allocate_in_place(int fd)
{
	int flags;

	if (copies_on_write(fd) && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0) {
		flags |= FS_NOCOW_FL;
		(void)ioctl(fd, FS_IOC_SETFLAGS, &flags);
	}
}

/* A file system that knows of no holes says that there is none before the end
 * of the file. */
static int
has_no_hole(int fd, int64_t offset, int64_t n)
{
	off_t hole = lseek(fd, offset, SEEK_HOLE);
	struct stat st;

	return hole >= offset + n && fstat(fd, &st) == 0 && hole < st.st_size;
}

int
allocate(int fd, int64_t offset, int64_t n)
{
	int rc;

	if (copies_on_write(fd))
		return ENOTSUP;
	/* to ask for what is there is a change, which wakes who watches */
	if (has_no_hole(fd, offset, n))
		return 0;
	do
		rc = fallocate(fd, 0, offset, n);
	while (rc < 0 && errno == EINTR);
	if (rc == 0)
		return 0;
	return errno == EOPNOTSUPP || errno == ENOSYS ? ENOTSUP : errno;
}
