/* getdents64(2) into a large buffer, and statx(2), which is asked for no more
 * than is used. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/directory.h"

#define ROOM (64 << 10)

struct dirent64 {		/* as the kernel has it */
	uint64_t inode;
	int64_t next;
	unsigned short size;	/* of all of it */
	unsigned char type;
	char name[];
};

static enum file_kind
kind_of_type(unsigned char type)
{
	switch (type) {
	case 0:
		return FILE_UNKNOWN;
	case S_IFREG >> 12:
		return FILE_REGULAR;
	case S_IFDIR >> 12:
		return FILE_DIRECTORY;
	case S_IFLNK >> 12:
		return FILE_LINK;
	default:
		return FILE_OTHER;
	}
}

static bool
is_dots(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' ||
	    (name[1] == '.' && name[2] == '\0'));
}

int
directory_read(int fd, directory_fn *fn, void *ctx)
{
	_Alignas(8) char room[ROOM];
	long n;

	for (;;) {
		n = syscall(SYS_getdents64, fd, room, sizeof(room));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		for (long at = 0; at < n;) {
			const struct dirent64 *d = (const void *)(room + at);

			at += d->size;
			if (!is_dots(d->name))
				fn(ctx, d->name, strlen(d->name),
				    kind_of_type(d->type));
		}
	}
}

int
file_look(int at, const char *name, bool follow, struct file *out)
{
	struct statx st;
	int flags = AT_NO_AUTOMOUNT | AT_EMPTY_PATH | (follow ? 0 :
	    AT_SYMLINK_NOFOLLOW);

	if (statx(at, name, flags, STATX_TYPE | STATX_SIZE | STATX_MTIME |
	    STATX_CTIME | STATX_INO, &st) != 0)
		return -1;
	out->kind = kind_of_type((unsigned char)(st.stx_mode >> 12));
	out->mount = st.stx_attributes & STATX_ATTR_MOUNT_ROOT;
	out->size = (int64_t)st.stx_size;
	out->mtime = clock_ns(st.stx_mtime.tv_sec, st.stx_mtime.tv_nsec);
	out->ctime = clock_ns(st.stx_ctime.tv_sec, st.stx_ctime.tv_nsec);
	out->inode = st.stx_ino;
	out->device = makedev(st.stx_dev_major, st.stx_dev_minor);
	return 0;
}
