/*
 * The file that a copy is written to: iq-copy-UUID.XXXXXX, where UUID is the
 * name of the queue that it is a copy of.  Who writes it holds a lock on it,
 * which goes with the process; so what has such a name and no lock was left by
 * one that was killed, and the next that copies this queue takes it away.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/directory.h"
#include "base/lockbyte.h"
#include "store/copy.h"

#define IN_USE (INT64_C(1) << 32)	/* beyond the locks of SQLite */
#define RANDOM "XXXXXX"
#define ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* The database last: by it what is left is found */
static void
unlink_all(int at, const char *name)
{
	static const char *const suffixes[] = { "-journal", "-wal", "-shm",
	    "-lock", "-run", "" };
	struct buf file = { 0 };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		buf_reset(&file);
		buf_addf(&file, "%s%s", name, suffixes[i]);
		unlinkat(at, file.p, 0);
	}
	buf_release(&file);
}

/* Whether what is open still has this name, and no other, and is ours */
static bool
is_left(int fd, int at, const char *name)
{
	struct stat open, there;

	return fstat(fd, &open) == 0 &&
	    fstatat(at, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    open.st_dev == there.st_dev && open.st_ino == there.st_ino &&
	    S_ISREG(open.st_mode) && open.st_nlink == 1 &&
	    open.st_uid == geteuid();
}

/* ---- what others left ---- */

struct left {
	int directory;
	const char *prefix;	/* "iq-copy-UUID." */
};

static void
take_away(void *ctx, const char *name, size_t n, enum file_kind kind)
{
	const struct left *l = ctx;
	size_t prefix = strlen(l->prefix);
	int fd;

	if ((kind != FILE_REGULAR && kind != FILE_UNKNOWN) ||
	    n != prefix + strlen(RANDOM) ||
	    memcmp(name, l->prefix, prefix) != 0 ||
	    name[prefix + strspn(name + prefix, ALPHABET)] != '\0')
		return;
	fd = openat(l->directory, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return;
	if (lockbyte_take(fd, IN_USE) == 1 && is_left(fd, l->directory, name))
		unlink_all(l->directory, name);
	close(fd);
}

static void
take_away_left(const char *directory, const char *prefix)
{
	struct left l = { directory_open(AT_FDCWD, directory, true), prefix };

	if (l.directory < 0)
		return;
	directory_read(l.directory, take_away, &l);
	close(l.directory);
}

/* ---- ours ---- */

/* An empty file that nobody else can read.  Where there are no such locks
 * nobody can tell that it was left, and it stays. */
static int
make(struct copy *c, const char *directory, const char *prefix,
	struct err *err)
{
	struct stat st;
	int got;

	for (;;) {
		buf_reset(&c->path);
		buf_addf(&c->path, "%s%s" RANDOM, directory, prefix);
		c->fd = mkostemp(c->path.p, O_CLOEXEC);
		if (c->fd < 0)
			return err_errno(err, err_shortage(errno) ?
			    EX_TEMPFAIL : EX_CANTCREAT, "make %s",
			    c->path.p);
		got = lockbyte_take(c->fd, IN_USE);
		if (got < 0 || (got > 0 && lstat(c->path.p, &st) == 0))
			return 0;
		/* taken away, before it was locked */
		close(c->fd);
	}
}

int
copy_begin(struct copy *c, struct db *of, const char *to, struct err *err)
{
	struct buf directory = { 0 }, prefix = { 0 };
	char uuid[40];
	int code = queue_uuid(of, uuid, err);

	if (code)
		return code;
	if (strspn(uuid, "0123456789abcdef-") != strlen(uuid))
		return err_set(err, EX_IOERR, "use %s: damaged, its name is "
		    "none", of->path);
	c->from = of->path;
	buf_add(&directory, to, (size_t)(strrchr(to, '/') + 1 - to));
	buf_addf(&prefix, "iq-copy-%s.", uuid);
	take_away_left(directory.p, prefix.p);
	code = make(c, directory.p, prefix.p, err);
	if (code)
		buf_release(&c->path);
	buf_release(&directory);
	buf_release(&prefix);
	return code;
}

void
copy_end(struct copy *c)
{
	if (c->path.len)
		unlink_all(AT_FDCWD, c->path.p);
	buf_release(&c->path);
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}
