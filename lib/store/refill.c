/*
 * The whole content of a queue replaced in one transaction.
 *
 * The file is never renamed or replaced: a program that opened it before would
 * go on writing to the one that went, and read the log of the one that came.
 * SQLite's backup writes the pages as a transaction of the queue itself, so it
 * is as safe as any other, and whoever has the queue open sees the change.
 */
#include "store/copy.h"

#define PAGES 512		/* between two looks at how far it is */

static int
fill(struct store *s, struct db *to, struct db *from, struct err *err)
{
	sqlite3_backup *b = sqlite3_backup_init(to->handle, "main",
	    from->handle, "main");
	int rc = SQLITE_OK, last;

	if (b == NULL)
		return db_error(to, sqlite3_extended_errcode(to->handle),
		    "fill", err);
	while (rc == SQLITE_OK && !turnstile_asked(&s->turn)) {
		rc = sqlite3_backup_step(b, PAGES);
		store_tell(s, "written", sqlite3_backup_pagecount(b) -
		    sqlite3_backup_remaining(b), sqlite3_backup_pagecount(b));
	}
	last = sqlite3_backup_finish(b);
	if (rc == SQLITE_DONE)
		return 0;
	if (rc == SQLITE_OK)
		return err_set(err, EX_TEMPFAIL, "fill %s: interrupted",
		    s->path);
	return db_error(to, last ? last : rc, "fill", err);
}

int
refill(struct store *s, const char *path, struct err *err)
{
	struct db to, from;
	struct err why;
	int code = db_open(&from, path, DB_READ, err);

	if (code)
		return code;
	/* damaged from its first page on, then */
	if (db_open(&to, s->path, DB_CREATE, &why) != 0)
		code = db_open(&to, s->path, why.code == EX_IOERR ? DB_ANEW :
		    DB_CREATE, err);
	if (code == 0) {
		code = db_exec(&to, "PRAGMA journal_mode=WAL;"
		    "PRAGMA synchronous=FULL", err);
		if (code == 0)
			code = fill(s, &to, &from, err);
		db_close(&to);
	}
	db_close(&from);
	return code;
}
