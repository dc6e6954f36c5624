#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

int
io_standard_fds(struct err *err)
{
	int fd;

	/* open(2) gives the lowest free number, so this fills the holes.  The
	 * wrong way round: who closed stdout must not be told that all went
	 * well, nor who closed stdin that it was empty. */
	if (fcntl(STDIN_FILENO, F_GETFD) < 0 &&
	    open("/dev/null", O_WRONLY) < 0)
		return err_errno(err, EX_OSERR, "open /dev/null");
	do {
		fd = open("/dev/null", O_RDONLY);
		if (fd < 0)
			return err_errno(err, EX_OSERR, "open /dev/null");
	} while (fd <= STDERR_FILENO);
	close(fd);
	return 0;
}

static int
wait_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	while (poll(&p, 1, -1) < 0)
		if (errno != EINTR)
			return -1;
	return 0;
}

int
io_write_all(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t done = write(fd, at, n);

		if (done > 0) {
			at += done;
			n -= (size_t)done;
		} else if (done < 0 && (errno == EAGAIN
				|| errno == EWOULDBLOCK)) {
			if (wait_writable(fd) < 0)
				return -1;
		} else if (done < 0 && errno != EINTR) {
			return -1;
		}
	}
	return 0;
}

ssize_t
io_read_full(int fd, void *p, size_t n)
{
	char *at = p;
	size_t got = 0;

	while (got < n) {
		ssize_t done = read(fd, at + got, n - got);

		if (done == 0)
			break;
		if (done > 0)
			got += (size_t)done;
		else if (errno != EINTR)
			return -1;
	}
	return (ssize_t)got;
}

/* Appends what fd still has: 0, or -1 when that is more than max bytes. */
static int
read_rest(int fd, size_t max, struct buf *out)
{
	size_t got = 0;

	for (;;) {
		size_t step = max - got < 65536 ? max - got + 1 : 65536;
		ssize_t n;

		buf_room(out, step);
		n = io_read_full(fd, out->p + out->len, step);
		if (n < 0)
			return -1;
		out->len += (size_t)n;
		out->p[out->len] = '\0';
		got += (size_t)n;
		if (got > max) {
			errno = EFBIG;
			return -1;
		}
		if ((size_t)n < step)
			return 0;
	}
}

int
io_read_file(const char *path, size_t max, struct buf *out)
{
	size_t before = out->len;
	int fd, saved, rc;

	do
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return -1;
	rc = read_rest(fd, max, out);
	saved = errno;
	if (rc < 0 && out->p != NULL) {
		out->len = before;	/* nothing of a file that failed */
		out->p[before] = '\0';
	}
	close(fd);
	errno = saved;
	return rc;
}

int
io_set_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -1;
	flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags) < 0 ? -1 : 0;
}

struct conduit
io_conduit(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 ||
	    !(S_ISFIFO(st.st_mode) || S_ISREG(st.st_mode)))
		return (struct conduit){ 0, 0 };
	return (struct conduit){ (int64_t)st.st_dev, (int64_t)st.st_ino };
}
