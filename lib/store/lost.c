/*
 * A queue of which only the log is left.
 *
 * A log is begun when the database has its first page, and stays when its last
 * program ends; so one with something in it is the log of a queue that was used.
 */
#include <sys/stat.h>

#include "store/db.h"

int64_t
db_size(const char *path, const char *suffix)
{
	struct buf name = { 0 };
	struct stat st;
	int64_t size;

	buf_addf(&name, "%s%s", path, suffix);
	size = stat(name.p, &st) == 0 ? (int64_t)st.st_size : -1;
	buf_release(&name);
	return size;
}

int
db_lost(const char *path, struct err *err)
{
	int64_t size = db_size(path, "");

	if (size > 0 || db_size(path, "-wal") <= 0)
		return 0;
	/* once more: one that was made meanwhile was there before its log */
	size = db_size(path, "");
	if (size > 0)
		return 0;
	if (size == 0)
		return err_set(err, EX_IOERR, "use %s: it is damaged: somebody "
		    "has emptied it, but not its log %s-wal; " RESTORE_ADVICE,
		    path, path);
	return err_set(err, EX_NOINPUT, "use %s: the queue has gone, but its "
	    "log %s-wal is there; put it back, or restore a backup with "
	    "iq-db restore FILE, or make a new one with: iq-db init -q %s",
	    path, path, path);
}
