#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/network.h"
#include "store/place.h"

static int
standard_place(struct buf *out, struct err *err)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	if (state && state[0] == '/')
		buf_addf(out, "%s/iq/queue.db", state);
	else if (home && home[0] == '/')
		buf_addf(out, "%s/.local/state/iq/queue.db", home);
	else
		return err_set(err, EX_CONFIG, "find the queue: IQ_QUEUE is "
		    "not set, and HOME %s; use --queue FILE", home ?
		    "is no absolute path" : "is not either");
	return 0;
}

int
place_make_directory(const char *dir, struct err *err)
{
	char *p = mem_strdup(dir);
	int code = 0;

	for (char *s = p + 1; code == 0; s++) {
		char c = *s;
		if (c != '/' && c != '\0')
			continue;
		*s = '\0';
		if (mkdir(p, 0700) < 0 && errno != EEXIST)
			code = err_errno(err, EX_CANTCREAT,
			    "make directory %s", p);
		*s = c;
		if (c == '\0')
			break;
	}
	free(p);
	return code;
}

static int
resolve_directory(const char *dir, bool create, const char *init,
	struct buf *out, struct err *err)
{
	char real[PATH_MAX];
	struct stat st;
	int code;

	if (stat(dir, &st) == 0 && !S_ISDIR(st.st_mode))
		return err_set(err, create ? EX_CANTCREAT : EX_NOINPUT,
		    "find the queue's directory %s: that is a file", dir);
	if (realpath(dir, real) == NULL) {
		if (errno == ENOENT && !create)
			return err_set(err, EX_NOINPUT, "open a queue in %s: "
			    "no such directory; make both with: iq-db init%s",
			    dir, init);
		if (errno != ENOENT)
			return err_errno(err, EX_NOPERM,
			    "find the queue's directory %s", dir);
		code = place_make_directory(dir, err);
		if (code)
			return code;
		if (realpath(dir, real) == NULL)
			return err_errno(err, EX_CANTCREAT,
			    "find the queue's directory %s", dir);
	}
	buf_adds(out, real);
	return 0;
}

int
place_resolve(const char *given, bool create, struct buf *out,
	struct err *err)
{
	struct buf path = { 0 };
	const char *name, *init = "";
	char *slash = NULL;
	int code = 0;

	if (given == NULL)
		given = getenv("IQ_QUEUE");
	if (given && given[0]) {
		buf_adds(&path, given);
		init = " -q FILE";
	} else {
		code = standard_place(&path, err);
	}
	if (code)
		goto out;
	slash = strrchr(path.p, '/');
	name = slash ? slash + 1 : path.p;
	if (name[0] == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0) {
		code = err_set(err, EX_USAGE,
		    "use %s as a queue: that names a directory", path.p);
		goto out;
	}
	if (slash == NULL)
		code = resolve_directory(".", create, init, out, err);
	else if (slash == path.p)
		code = resolve_directory("/", create, init, out, err);
	else {
		*slash = '\0';
		code = resolve_directory(path.p, create, init, out, err);
	}
	if (code == 0)
		buf_addf(out, "%s%s", out->len > 1 ? "/" : "", name);
out:
	if (code && slash)
		*slash = '/';
	if (code && path.p)
		buf_adds(out, path.p);
	buf_release(&path);
	return code;
}

/* Another user's; but root may work on everybody's, unless that is strict. */
static bool
foreign(uid_t owner, bool strict)
{
	return owner != geteuid() && (geteuid() != 0 || strict);
}

/* What is refused in any case: closing what SQLite has open would drop its
 * locks. */
static bool
is_database(const char *path)
{
	static const char magic[] = "SQLite format 3";
	char head[sizeof(magic)];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t got = fd < 0 ? -1 : io_read_full(fd, head, sizeof(head));

	if (fd >= 0)
		close(fd);
	/* an empty one would become a queue; of what cannot be read only its
	 * mode is known */
	return got <= 0 || ((size_t)got == sizeof(head) &&
	    memcmp(head, magic, sizeof(head)) == 0);
}

static int
check_file(const char *path, const struct stat *st, bool strict,
	struct err *err)
{
	if (!S_ISREG(st->st_mode))
		return err_set(err, EX_NOPERM, "use %s: it is %s, not a "
		    "regular file", path, S_ISLNK(st->st_mode) ?
		    "a symbolic link" : S_ISDIR(st->st_mode) ?
		    "a directory" : "something else");
	if (foreign(st->st_uid, strict))
		return err_set(err, EX_NOPERM,
		    "use %s: it belongs to another user", path);
	if (!strict && (st->st_mode & 077) && !is_database(path))
		return err_set(err, EX_IOERR, "use %s: that is no queue, and "
		    "no SQLite database at all", path);
	if (st->st_mode & 077)
		return err_set(err, EX_NOPERM, "use %s: others may read or "
		    "write it; chmod 600 it", path);
	if (st->st_nlink != 1)
		return err_set(err, EX_NOPERM, "use %s: it has more than one "
		    "name (hard link)", path);
	return 0;
}

/* A directory that others can change is safe only where its sticky bit keeps
 * them off and what is below belongs to the queue's owner alone. */
static int
check_directories(const char *path, uid_t owner, bool strict,
	struct err *err)
{
	char *p = mem_strdup(path), *slash;
	bool sealed = false;	/* below is a directory of his own, 0700 */
	int code = 0;

	while (code == 0 && (slash = strrchr(p, '/')) != NULL) {
		const char *dir = slash == p ? "/" : p;
		struct stat st;

		*slash = '\0';
		if (stat(dir, &st) < 0) {
			code = err_errno(err, EX_NOPERM, "look at %s", dir);
		} else if (st.st_uid != 0 && foreign(st.st_uid, strict)) {
			code = err_set(err, EX_NOPERM, "use %s: the directory "
			    "%s belongs to another user", path, dir);
		} else if ((st.st_mode & 022) &&
		    !((st.st_mode & S_ISVTX) && sealed)) {
			code = err_set(err, EX_NOPERM, "use %s: others may "
			    "change the directory %s; use one of your own "
			    "with mode 700", path, dir);
		}
		sealed = sealed || (st.st_uid == owner &&
		    !(st.st_mode & 077));
	}
	free(p);
	return code;
}

static int
check_file_system(const char *path, struct err *err)
{
	char *dir = mem_strdup(path);
	const char *name;
	int code = 0;

	*(strrchr(dir, '/') + (strrchr(dir, '/') == dir)) = '\0';
	name = network_unlocked(dir);
	if (name)
		code = err_set(err, EX_NOPERM, "use %s: %s is no place for a "
		    "queue, locks are not reliable there; put the queue on a "
		    "local disk and pipe to it (ssh HOST iq-enqueue)", path,
		    name);
	free(dir);
	return code;
}

static int
check(const char *path, bool strict, bool *exists, struct err *err)
{
	uid_t owner = geteuid();
	struct stat st;
	int code = 0;

	*exists = false;
	if (lstat(path, &st) == 0) {
		*exists = true;
		owner = st.st_uid;	/* root may work for another */
		code = check_file(path, &st, strict, err);
	} else if (errno != ENOENT) {
		code = err_errno(err, EX_NOPERM, "look at %s", path);
	}
	return code ? code : check_directories(path, owner, strict, err);
}

int
place_check(const char *path, bool *exists, struct err *err)
{
	int code = check(path, false, exists, err);

	return code ? code : check_file_system(path, err);
}

int
place_check_own(const char *path, bool *exists, struct err *err)
{
	return check(path, true, exists, err);
}

static int
check_writable(const char *path, const char *what, const char *advice,
	struct err *err)
{
	if (faccessat(AT_FDCWD, what, W_OK, AT_EACCESS) == 0)
		return 0;
	if (errno == EACCES)
		return err_set(err, EX_NOPERM, "change %s: %s", path, advice);
	return err_errno(err, EX_NOPERM, "change %s", path);
}

int
place_check_writable(const char *path, struct err *err)
{
	char *dir = mem_strdup(path), *slash = strrchr(dir, '/');
	int code = check_writable(path, path, "it may not be written; "
	    "chmod 600 it", err);

	slash[slash == dir] = '\0';
	if (code == 0)
		code = check_writable(path, dir, "its directory may not be "
		    "written; chmod 700 that", err);
	free(dir);
	return code;
}

bool
place_file(const char *path, struct file_id *id)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return false;
	*id = (struct file_id){ (int64_t)st.st_dev, (int64_t)st.st_ino };
	return true;
}
