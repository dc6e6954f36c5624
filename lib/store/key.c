/*
 * QUEUE-key: 32 random bytes beside the queue, under which paths are hashed
 * when the log is redacted.  Not in the queue, so that a copy of it without
 * the key does not tell them; who deletes the key has made the hashes dumb.
 */
#include <bsd/stdlib.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "store/internal.h"
#include "store/log.h"
#include "store/schema.h"

static int
check_key(const char *path, int fd, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, EX_IOERR, "look at %s", path);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1 ||
	    (st.st_uid != geteuid() && geteuid() != 0) || st.st_mode & 077)
		return err_set(err, EX_NOPERM, "use %s: not a file that only "
		    "you can read; chmod 600 it, or delete it and have "
		    "another one", path);
	return 0;
}

/* *there false: there is none */
static int
read_key(const char *path, unsigned char *key, bool *there, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n;
	int code;

	*there = fd >= 0 || errno != ENOENT;
	if (fd < 0)
		return *there ? err_errno(err, EX_NOPERM, "open %s", path) : 0;
	code = check_key(path, fd, err);
	n = code ? 0 : io_read_full(fd, key, LOG_KEY_SIZE);
	if (n < 0)
		code = err_errno(err, EX_IOERR, "read %s", path);
	else if (code == 0 && n != LOG_KEY_SIZE)
		code = err_set(err, EX_IOERR, "read %s: it is cut short; "
		    "restore it, or delete it and have another one", path);
	close(fd);
	return code;
}

/* On disk, and the queue's owner's, whoever makes it */
static bool
fill(int fd, const char *queue)
{
	unsigned char key[LOG_KEY_SIZE];
	struct stat st;

	arc4random_buf(key, sizeof(key));
	return io_write_all(fd, key, sizeof(key)) == 0 && fsync(fd) == 0 &&
	    (geteuid() != 0 || (stat(queue, &st) == 0 &&
	    fchown(fd, st.st_uid, st.st_gid) == 0));
}

/* Whole or not at all; somebody else's that is there by now stays. */
static int
make_key(const char *path, const char *queue, struct err *err)
{
	struct buf temporary = { 0 };
	int fd, code = 0;

	buf_addf(&temporary, "%s.XXXXXX", path);
	fd = mkstemp(temporary.p);
	if (fd < 0 || !fill(fd, queue) ||
	    (link(temporary.p, path) < 0 && errno != EEXIST))
		code = err_errno(err, EX_CANTCREAT, "make %s", path);
	if (fd >= 0) {
		unlink(temporary.p);
		close(fd);
	}
	buf_release(&temporary);
	return code ? code : sync_directory(path, err);
}

int
store_log_key(struct store *s, unsigned char key[LOG_KEY_SIZE],
	struct err *err)
{
	struct buf path = { 0 };
	bool there = false;
	int code;

	buf_addf(&path, "%s-key", s->path);
	code = read_key(path.p, key, &there, err);
	if (code == 0 && !there)
		code = make_key(path.p, s->path, err);
	if (code == 0 && !there)
		code = read_key(path.p, key, &there, err);
	buf_release(&path);
	return code;
}
