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
byte_at(int64_t offset)
{
	struct flock l = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = (off_t)offset,
		.l_len = 1,
	};	/* l_pid must be 0 for these locks */

	return l;
}

int
lockbyte_take(int fd, int64_t offset)
{
	struct flock l = byte_at(offset);

	while (fcntl(fd, F_OFD_SETLK, &l) < 0) {
		if (errno == EAGAIN || errno == EACCES)
			return 0;
		if (errno != EINTR)
			return -1;
	}
	return 1;
}

int
lockbyte_held(int fd, int64_t offset)
{
	struct flock l = byte_at(offset);

	while (fcntl(fd, F_OFD_GETLK, &l) < 0)
		if (errno != EINTR)
			return -1;
	return l.l_type != F_UNLCK;
}
