#include "store/secret.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "store/schema.h"

#define SECRET_MAX 4096

void
secret_random(void *p, size_t n)
{
	arc4random_buf(p, n);
}

static int
check_file(const char *path, int fd, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, EX_IOERR, "look at %s", path);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1 ||
	    (st.st_uid != geteuid() && geteuid() != 0) || st.st_mode & 077)
		return err_set(err, EX_NOPERM, "use %s: not a file that only "
		    "you can read; chmod 600 it", path);
	return 0;
}

int
secret_read(const char *path, struct buf *out, bool *there, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n;
	int code;

	*there = fd >= 0 || errno != ENOENT;
	if (fd < 0)
		return *there ? err_errno(err, EX_NOPERM, "open %s", path) : 0;
	code = check_file(path, fd, err);
	buf_room(out, SECRET_MAX);
	n = code ? 0 : io_read_full(fd, out->p + out->len, SECRET_MAX);
	if (n < 0)
		code = err_errno(err, EX_IOERR, "read %s", path);
	else
		out->len += (size_t)n;
	close(fd);
	return code;
}

/* Where a file is made before it has its name. There is one only, held by who
 * makes it: what one that was killed has left is overwritten, and is never a
 * second copy of a secret that is to be forgotten. */
static int
open_draft(const char *draft, struct err *err)
{
	struct stat ours, there;
	int fd;

	for (;;) {
		fd = open(draft, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
		    O_NONBLOCK, 0600);
		if (fd < 0) {
			err_errno(err, EX_CANTCREAT, "make %s", draft);
			return -1;
		}
		while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
			continue;
		/* not the one that has just got its name */
		if (fstat(fd, &ours) == 0 && lstat(draft, &there) == 0 &&
		    ours.st_dev == there.st_dev && ours.st_ino == there.st_ino)
			return fd;
		close(fd);
	}
}

static bool
fill(int fd, const char *queue, struct bytes what)
{
	struct stat st;

	return ftruncate(fd, 0) == 0 &&
	    io_write_all(fd, what.p, what.n) == 0 && fsync(fd) == 0 &&
	    (geteuid() != 0 || (stat(queue, &st) == 0 &&
	    fchown(fd, st.st_uid, st.st_gid) == 0));
}

static bool
give_name(const char *draft, const char *path, bool new)
{
	struct stat st;

	if (new && lstat(path, &st) == 0) {
		errno = EEXIST;
		return false;
	}
	return rename(draft, path) == 0;
}

int
secret_write(const char *path, const char *queue, struct bytes what, bool new,
	struct err *err)
{
	struct buf draft = { 0 };
	int fd, code = 0;

	buf_addf(&draft, "%s.new", path);
	fd = open_draft(draft.p, err);
	if (fd < 0) {
		buf_release(&draft);
		return err->code;
	}
	code = check_file(draft.p, fd, err);
	if (code == 0 && (!fill(fd, queue, what) ||
	    !give_name(draft.p, path, new)))
		code = err_errno(err, EX_CANTCREAT, "make %s", path);
	if (code)
		unlink(draft.p);
	close(fd);
	buf_release(&draft);
	return code ? code : sync_directory(path, err);
}
