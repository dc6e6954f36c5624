/*
 * Which queues may have run what is stored in them: those of which this user
 * has said so.  A line for each, "UUID PATH", in ${XDG_CONFIG_HOME:-~/.config}/
 * iq/trusted: never in the queue, which would be to take its own word for it.
 *
 * The path alone would not do: another queue that is put in its place, or is
 * all that is found there after a loss, is not the one that was looked at.  Nor
 * would the queue's own name, which its copies have as well.  The inode adds
 * nothing to the two, since who can replace the file there can write to it,
 * and would be asked again after every move to another disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "store/place.h"
#include "store/reading.h"

#define FILE_MAX (1 << 20)

struct trusted {
	struct buf dir, path;	/* of the file */
	struct buf text;	/* what is in it */
	int lock;		/* on its directory, -1 */
};

static int
find(struct trusted *t, struct err *err)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	*t = (struct trusted){ .lock = -1 };
	if (config && config[0] == '/')
		buf_addf(&t->dir, "%s/iq", config);
	else if (home && home[0] == '/')
		buf_addf(&t->dir, "%s/.config/iq", home);
	else
		return err_set(err, EX_CONFIG, "find the list of trusted "
		    "queues: neither XDG_CONFIG_HOME nor HOME is set");
	buf_addf(&t->path, "%s/trusted", t->dir.p);
	return 0;
}

static void
release(struct trusted *t)
{
	if (t->lock >= 0)
		close(t->lock);
	buf_release(&t->dir);
	buf_release(&t->path);
	buf_release(&t->text);
}

/* A list that somebody else could have written says nothing. */
static int
read_list(struct trusted *t, struct err *err)
{
	struct stat st;
	bool exists;
	int code;

	if (lstat(t->path.p, &st) < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	code = place_check_own(t->path.p, &exists, err);
	if (code == 0 && io_read_file(t->path.p, FILE_MAX, &t->text) < 0)
		code = err_errno(err, EX_IOERR, "read %s", t->path.p);
	return code;
}

/* A path may have newlines in it. */
static void
put_path(struct buf *b, const char *path)
{
	for (; *path; path++)
		if (*path == '\n')
			buf_adds(b, "\\n");
		else if (*path == '\\')
			buf_adds(b, "\\\\");
		else
			buf_addc(b, *path);
	buf_addc(b, '\n');
}

/* The next line with its newline, whose path starts at *path; absent: none */
static struct bytes
next_line(const struct trusted *t, size_t *at, struct bytes *path)
{
	struct bytes line = BYTES_NONE;
	const char *end, *blank;

	if (*at >= t->text.len)
		return line;
	line.p = t->text.p + *at;
	end = memchr(line.p, '\n', t->text.len - *at);
	line.n = end ? (size_t)(end + 1 - line.p) : t->text.len - *at;
	*at += line.n;
	blank = memchr(line.p, ' ', line.n);
	*path = blank ? (struct bytes){ blank + 1, line.n -
	    (size_t)(blank + 1 - line.p) } : (struct bytes){ "", 0 };
	return line;
}

static bool
has(const struct trusted *t, const char *uuid, const char *path)
{
	struct buf want = { 0 };
	struct bytes line, rest;
	bool found = false;
	size_t at = 0;

	buf_addf(&want, "%s ", uuid);
	put_path(&want, path);
	while (!found && (line = next_line(t, &at, &rest)).p)
		found = bytes_equal(line, (struct bytes){ want.p, want.len });
	buf_release(&want);
	return found;
}

/* Of another user's queue root believes nothing. */
static int
check_owner(struct store *s, struct err *err)
{
	struct err why;
	bool exists;

	if (place_check_own(s->path, &exists, &why) == 0)
		return 0;
	return err_set(err, EX_NOPERM, "trust: %s", why.text);
}

int
store_trusted(struct store *s, bool *yes, struct err *err)
{
	struct trusted t;
	char uuid[40];
	int code;

	*yes = false;
	code = find(&t, err);
	if (code == 0)
		code = check_owner(s, err);
	if (code == 0)
		code = queue_uuid(&s->db, uuid, err);
	if (code == 0)
		code = read_list(&t, err);
	if (code == 0)
		*yes = has(&t, uuid, s->path);
	release(&t);
	return code;
}

/* ---- changing it ---- */

/* One at a time, so that nobody's line is lost */
static int
lock_list(struct trusted *t, struct err *err)
{
	bool exists;
	int code = place_check_own(t->path.p, &exists, err);

	if (code)
		return code;
	t->lock = open(t->dir.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->lock < 0 || flock(t->lock, LOCK_EX) < 0)
		return err_errno(err, EX_NOPERM, "lock %s", t->dir.p);
	return read_list(t, err);
}

static int
replace(struct trusted *t, const struct buf *text, struct err *err)
{
	struct buf name = { 0 };
	int fd, code = 0;

	buf_addf(&name, "%s.XXXXXX", t->path.p);
	fd = mkstemp(name.p);		/* mode 0600 */
	if (fd < 0) {
		code = err_errno(err, EX_CANTCREAT, "make %s", name.p);
		buf_release(&name);
		return code;
	}
	if (io_write_all(fd, text->p, text->len) < 0 || fsync(fd) < 0)
		code = err_errno(err, EX_IOERR, "write %s", name.p);
	close(fd);
	if (code == 0 && rename(name.p, t->path.p) < 0)
		code = err_errno(err, EX_CANTCREAT, "rename %s to %s", name.p,
		    t->path.p);
	if (code)
		unlink(name.p);
	else if (fsync(t->lock) < 0)
		code = err_errno(err, EX_IOERR, "sync %s", t->dir.p);
	buf_release(&name);
	return code;
}

/* What is there, but for lines of this path. *was: there were some. */
static void
without(const struct trusted *t, const char *path, struct buf *out, bool *was)
{
	struct buf want = { 0 };
	struct bytes line, rest;
	size_t at = 0;

	*was = false;
	put_path(&want, path);
	while ((line = next_line(t, &at, &rest)).p) {
		bool same = bytes_equal(rest, (struct bytes){ want.p,
		    want.len });

		*was |= same;
		if (!same)
			buf_add(out, line.p, line.n);
	}
	if (out->len && out->p[out->len - 1] != '\n')
		buf_addc(out, '\n');
	buf_release(&want);
}

int
store_trust(struct store *s, struct err *err)
{
	struct buf text = { 0 };
	struct trusted t;
	char uuid[40];
	bool was;
	int code = find(&t, err);

	if (code == 0)
		code = check_owner(s, err);
	if (code == 0)
		code = queue_uuid(&s->db, uuid, err);
	if (code == 0)
		code = place_make_directory(t.dir.p, err);
	if (code == 0)
		code = lock_list(&t, err);
	if (code == 0) {
		without(&t, s->path, &text, &was);
		buf_addf(&text, "%s ", uuid);
		put_path(&text, s->path);
		code = replace(&t, &text, err);
	}
	buf_release(&text);
	release(&t);
	return code;
}

int
store_untrust(const char *queue, struct buf *path, bool *was, struct err *err)
{
	struct buf text = { 0 };
	struct trusted t;
	struct stat st;
	int code = place_resolve(queue, false, path, err);

	*was = false;
	if (code)
		return code;
	code = find(&t, err);
	if (code == 0 && lstat(t.path.p, &st) == 0) {
		code = lock_list(&t, err);
		if (code == 0)
			without(&t, path->p, &text, was);
		if (code == 0 && *was)
			code = replace(&t, &text, err);
	}
	buf_release(&text);
	release(&t);
	return code;
}
