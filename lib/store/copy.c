/*
 * Copying by VACUUM INTO, which reads one snapshot and leaves out what is free.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/copy.h"

#define OPERATIONS 1000	/* of SQLite between two looks at how far it is */

/* Called by SQLite now and then */
static int
go_on(void *ctx)
{
	struct copy *c = ctx;
	struct stat st;

	if (stat(c->path.p, &st) == 0)
		store_tell(c->store, "copied", st.st_size, c->bytes);
	return turnstile_asked(&c->store->turn);
}

static int
vacuum_into(struct copy *c, struct db *db, struct err *err)
{
	sqlite3_stmt *st = NULL;
	int rc, code = 0;

	rc = sqlite3_prepare_v2(db->handle, "VACUUM INTO $1", -1, &st, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(st, 1, c->path.p, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_INTERRUPT)
		code = err_set(err, EX_TEMPFAIL, "%s %s: interrupted",
		    c->what, c->store->path);
	else if (rc != SQLITE_DONE)
		code = db_error(db, rc, c->what, err);
	sqlite3_finalize(st);
	return code;
}

/* On a handle of its own, which may attach the file it writes to. */
static int
write_copy(struct copy *c, struct err *err)
{
	struct db db;
	int code = db_open(&db, c->from, DB_READ, err);

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

int
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
check_copy(struct db *db, const struct copy *c, struct err *err)
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
		    "%s", c->path.p, text);
	sqlite3_finalize(st);
	return code;
}

int
copy_make(struct copy *c, struct err *err)
{
	struct stat st;
	struct db db;
	int code;

	c->bytes = stat(c->from, &st) == 0 ? (int64_t)st.st_size : 0;
	code = write_copy(c, err);
	if (code == 0)
		code = db_open(&db, c->path.p, DB_READ, err);
	if (code == 0) {
		code = check_copy(&db, c, err);
		db_close(&db);
	}
	return code;
}

/* No process holds a lock on a sidecar of it: whoever uses it first makes one,
 * and takes back what was running in the original. */
int
copy_settle(const char *path, struct err *err)
{
	struct db db;
	int code = db_open(&db, path, DB_WRITE, err);

	if (code)
		return code;
	code = db_run(&db, SQL_QUEUE_LOCK, err, "it", INT64_C(0), "none");
	if (code == 0) {
		/* closing takes the WAL away */
		sqlite3_db_config(db.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
		    0, NULL);
		code = db_exec(&db, "PRAGMA journal_mode=WAL", err);
	}
	db_close(&db);
	return code ? code : sync_path(path, 0, err);
}
