#include "store/secret.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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

static bool
fill(int fd, const char *queue, struct bytes what)
{
	struct stat st;

	return io_write_all(fd, what.p, what.n) == 0 && fsync(fd) == 0 &&
	    (geteuid() != 0 || (stat(queue, &st) == 0 &&
	    fchown(fd, st.st_uid, st.st_gid) == 0));
}

int
secret_write(const char *path, const char *queue, struct bytes what, bool new,
	struct err *err)
{
	struct buf temporary = { 0 };
	int fd, code = 0;

	buf_addf(&temporary, "%s.XXXXXX", path);
	fd = mkstemp(temporary.p);
	if (fd < 0 || !fill(fd, queue, what) || (new ?
	    link(temporary.p, path) : rename(temporary.p, path)) < 0)
		code = err_errno(err, EX_CANTCREAT, "make %s", path);
	if (fd >= 0) {
		if (new || code)
			unlink(temporary.p);
		close(fd);
	}
	buf_release(&temporary);
	return code ? code : sync_directory(path, err);
}
