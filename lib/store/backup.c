/*
 * A copy of the queue while it is in use.  It is written under another name,
 * checked, and put in its place whole; nothing is left of one that fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/backup.h"

#define OPERATIONS 1000	/* of SQLite between two looks at how far it is */

struct copy {
	struct store *store;
	struct buf to, temporary;
	int64_t bytes;		/* of the queue */
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
		code = err_errno(err, err_shortage(errno) ? EX_TEMPFAIL :
		    EX_CANTCREAT, "make %s", c->temporary.p);
		buf_release(&c->temporary);
		return code;
	}
	close(fd);
	return 0;
}

static int
interrupted(struct copy *c, struct err *err)
{
	return err_set(err, EX_TEMPFAIL, "back up %s: interrupted",
	    c->store->path);
}

/* Called by SQLite now and then */
static int
go_on(void *ctx)
{
	struct copy *c = ctx;
	struct stat st;

	if (stat(c->temporary.p, &st) == 0)
		store_tell(c->store, "copied", st.st_size, c->bytes);
	return c->store->turn.interrupted;
}

static int
vacuum_into(struct copy *c, struct db *db, struct err *err)
{
	sqlite3_stmt *st = NULL;
	int rc, code = 0;

	rc = sqlite3_prepare_v2(db->handle, "VACUUM INTO $1", -1, &st, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(st, 1, c->temporary.p, -1,
		    SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_INTERRUPT)
		code = interrupted(c, err);
	else if (rc != SQLITE_DONE)
		code = db_error(db, rc, "back up", err);
	sqlite3_finalize(st);
	return code;
}

/* On a handle of its own, which may attach the file it writes to. */
static int
write_copy(struct copy *c, struct err *err)
{
	struct db db;
	int code = db_open(&db, c->store->path, DB_READ, err);

	if (code)
		return code;
	sqlite3_limit(db.handle, SQLITE_LIMIT_ATTACHED, 1);
	sqlite3_progress_handler(db.handle, OPERATIONS, go_on, c);
	code = db_exec(&db, "PRAGMA query_only=0", err);
	if (code == 0)
		code = vacuum_into(c, &db, err);
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

/* Not quick_check: SQLite 3.40 finds fault there with a sound table whose
 * primary key is not in the order of its columns. */
static int
check_copy(struct db *db, const char *path, struct err *err)
{
	sqlite3_stmt *st;
	const char *text;
	int rc = sqlite3_prepare_v2(db->handle, "PRAGMA integrity_check", -1,
	    &st, NULL);
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
 * one as it is.  No process holds a lock on a sidecar of it: whoever uses it
 * first makes one, and takes back what was running in the original. */
static int
finish_copy(struct copy *c, struct err *err)
{
	struct db db;
	int code = db_open(&db, c->temporary.p, DB_WRITE, err);

	if (code)
		return code;
	code = check_copy(&db, c->temporary.p, err);
	if (code == 0)
		code = db_run(&db, SQL_QUEUE_LOCK, err, "it", INT64_C(0),
		    "none");
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
	if (c->store->turn.interrupted)
		return interrupted(c, err);
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
	int64_t wal;
	int code = resolve(&c, to, err);

	store_sizes(s, &c.bytes, &wal);
	if (code == 0)
		code = backup_check_target(s, c.to.p, err);
	if (code == 0)
		code = make_temporary(&c, err);
	if (code == 0)
		code = write_copy(&c, err);
	if (code == 0)
		code = finish_copy(&c, err);
	if (code == 0)
		code = put_in_place(&c, err);
	remove_temporary(&c);
	buf_release(&c.temporary);
	buf_release(&c.to);
	return code;
}
