/* A copy of the queue while it is in use. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/internal.h"

struct copy {
	struct store *store;
	struct buf to, temporary;
	char real[PATH_MAX];
};

/* The name in a directory without links: SQLite is told not to follow any. */
static int
resolve(struct copy *c, const char *to, struct err *err)
{
	char *path = mem_strdup(to), *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dir = slash == NULL ? "." : slash == path ? "/" : path;
	int code = 0;

	if (name[0] == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0) {
		code = err_set(err, EX_USAGE, "back up to %s: that names a "
		    "directory", to);
	} else {
		if (slash)
			*slash = '\0';
		if (realpath(dir, c->real) == NULL)
			code = err_errno(err, EX_CANTCREAT, "back up to %s",
			    to);
		else
			buf_addf(&c->to, "%s/%s", c->real[1] ? c->real : "",
			    name);
	}
	free(path);
	return code;
}

/* Neither this queue nor one that somebody uses may be replaced. */
static int
check_target(struct copy *c, struct err *err)
{
	struct stat own, there;
	struct buf wal = { 0 };
	int code = 0;

	if (lstat(c->to.p, &there) < 0)
		return errno == ENOENT ? 0 : err_errno(err, EX_CANTCREAT,
		    "back up to %s", c->to.p);
	if (!S_ISREG(there.st_mode))
		return err_set(err, EX_CANTCREAT, "back up to %s: it is not a "
		    "regular file", c->to.p);
	if (stat(c->store->path, &own) == 0 && own.st_dev == there.st_dev &&
	    own.st_ino == there.st_ino)
		return err_set(err, EX_CANTCREAT, "back up to %s: that is the "
		    "queue itself", c->to.p);
	buf_addf(&wal, "%s-wal", c->to.p);
	if (stat(wal.p, &there) == 0 && there.st_size > 0)
		code = err_set(err, EX_CANTCREAT, "back up to %s: it is a "
		    "queue in use (there is %s)", c->to.p, wal.p);
	buf_release(&wal);
	return code;
}

/* An empty file of ours, that nobody else can read */
static int
make_temporary(struct copy *c, struct err *err)
{
	mode_t mask = umask(077);
	int fd, code = 0;

	buf_addf(&c->temporary, "%s.XXXXXX", c->to.p);
	fd = mkstemp(c->temporary.p);
	umask(mask);
	if (fd < 0) {
		code = err_errno(err, EX_CANTCREAT, "make %s", c->temporary.p);
		buf_release(&c->temporary);
		return code;
	}
	close(fd);
	return 0;
}

/* On a handle of its own, which may attach the file it writes to. */
static int
vacuum_into(struct copy *c, struct err *err)
{
	struct db db;
	sqlite3_stmt *st = NULL;
	int code = db_open(&db, c->store->path, false, false, err);
	int rc;

	if (code)
		return code;
	sqlite3_limit(db.handle, SQLITE_LIMIT_ATTACHED, 1);
	rc = sqlite3_prepare_v2(db.handle, "VACUUM INTO $1", -1, &st, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(st, 1, c->temporary.p, -1,
		    SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc != SQLITE_DONE)
		code = db_error(&db, rc, "back up", err);
	sqlite3_finalize(st);
	db_close(&db);
	return code;
}

static int
sync_path(const char *path, int flags, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	int code = 0;

	if (fd < 0 || fsync(fd) < 0)
		code = err_errno(err, EX_IOERR, "sync %s", path);
	if (fd >= 0)
		close(fd);
	return code;
}

static int
check_copy(struct db *db, const char *path, struct err *err)
{
	sqlite3_stmt *st;
	const char *text;
	int rc = sqlite3_prepare_v2(db->handle, "PRAGMA quick_check", -1, &st,
	    NULL);
	int code = 0;

	if (rc != SQLITE_OK)
		return db_error(db, rc, "check", err);
	rc = sqlite3_step(st);
	text = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) :
	    NULL;
	if (text == NULL)
		code = db_error(db, rc, "check", err);
	else if (strcmp(text, "ok") != 0)
		code = err_set(err, EX_IOERR, "check %s: the copy is damaged: "
		    "%s", path, text);
	sqlite3_finalize(st);
	return code;
}

/* Sound, and in the mode that a queue has to be in, so that it can be used as
 * one as it is. */
static int
finish_copy(struct copy *c, struct err *err)
{
	struct db db;
	int code = db_open(&db, c->temporary.p, false, false, err);

	if (code)
		return code;
	code = check_copy(&db, c->temporary.p, err);
	if (code == 0) {
		/* closing takes the WAL away again */
		sqlite3_db_config(db.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
		    0, NULL);
		code = db_exec(&db, "PRAGMA journal_mode=WAL", err);
	}
	db_close(&db);
	return code ? code : sync_path(c->temporary.p, 0, err);
}

static void
remove_temporary(struct copy *c)
{
	static const char *const suffixes[] = { "", "-journal", "-wal",
	    "-shm" };
	size_t n = c->temporary.len;

	for (size_t i = 0; n && i < 4; i++) {
		buf_adds(&c->temporary, suffixes[i]);
		unlink(c->temporary.p);
		c->temporary.p[c->temporary.len = n] = '\0';
	}
}

static int
put_in_place(struct copy *c, struct err *err)
{
	if (rename(c->temporary.p, c->to.p) < 0)
		return err_errno(err, EX_CANTCREAT, "rename %s to %s",
		    c->temporary.p, c->to.p);
	buf_reset(&c->temporary);
	return sync_path(c->real, O_DIRECTORY, err);
}

int
store_backup(struct store *s, const char *to, struct err *err)
{
	struct copy c = { .store = s };
	int code = resolve(&c, to, err);

	if (code == 0)
		code = check_target(&c, err);
	if (code == 0)
		code = make_temporary(&c, err);
	if (code == 0)
		code = vacuum_into(&c, err);
	if (code == 0)
		code = finish_copy(&c, err);
	if (code == 0)
		code = put_in_place(&c, err);
	remove_temporary(&c);
	buf_release(&c.temporary);
	buf_release(&c.to);
	return code;
}
