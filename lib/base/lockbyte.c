/*
 * Open file description locks: Linux since 3.15, macOS, POSIX.1-2024, so there
 * is one file for all platforms.  The older F_SETLK is no fallback: its locks
 * are not inherited and are dropped by closing any descriptor of the file, and
 * then a job whose handler still runs would be started a second time.
 */
#include "base/lockbyte.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static struct flock
bytes_at(int64_t offset, int64_t n, short type)
{
	struct flock l = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = (off_t)offset,
		.l_len = (off_t)n,
	};	/* l_pid must be 0 for these locks */

	return l;
}

static int
set(int fd, struct flock l)
{
	while (fcntl(fd, F_OFD_SETLK, &l) < 0) {
		if (errno == EAGAIN || errno == EACCES)
			return 0;
		if (errno != EINTR)
			return -1;
	}
	return 1;
}

int
lockbyte_take_range(int fd, int64_t offset, int64_t n)
{
	return set(fd, bytes_at(offset, n, F_WRLCK));
}

int
lockbyte_share(int fd, int64_t offset)
{
	return set(fd, bytes_at(offset, 1, F_RDLCK));
}

int
lockbyte_take(int fd, int64_t offset)
{
	return lockbyte_take_range(fd, offset, 1);
}

int
lockbyte_drop_range(int fd, int64_t offset, int64_t n)
{
	struct flock l = bytes_at(offset, n, F_UNLCK);

	while (fcntl(fd, F_OFD_SETLK, &l) < 0)
		if (errno != EINTR)
			return -1;
	return 0;
}

/* n 0: to the end of all files */
static int
held(int fd, int64_t offset, int64_t n, int64_t *at)
{
	struct flock l = bytes_at(offset, n, F_WRLCK);

	while (fcntl(fd, F_OFD_GETLK, &l) < 0)
		if (errno != EINTR)
			return -1;
	*at = l.l_start;
	return l.l_type != F_UNLCK;
}

int
lockbyte_held(int fd, int64_t offset)
{
	int64_t at;

	return held(fd, offset, 1, &at);
}

int
lockbyte_held_beyond(int fd, int64_t offset, int64_t *at)
{
	return held(fd, offset, 0, at);
}
