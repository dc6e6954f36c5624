/*
 * A queue that lies where nothing can be written: on a read-only file system,
 * or in a directory that was closed.
 *
 * SQLite reads it there when its log (the WAL) and the index of that (the
 * -shm file) are beside it, as iq's programs leave them.  Without a log it
 * would have to make one first, unless it is told that the file does not
 * change; so a backup on a read-only disk is read.  A log without its index
 * cannot be read there at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "store/db.h"

static bool
closed_directory(const char *path)
{
	char *dir = mem_strdup(path), *slash = strrchr(dir, '/');
	bool closed;

	slash[slash == dir] = '\0';
	closed = faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) < 0 &&
	    (errno == EACCES || errno == EROFS);
	free(dir);
	return closed;
}

/* Any byte may be in a path, and some mean something in a URI. */
void
db_still_name(const char *path, struct buf *name)
{
	buf_adds(name, "file:");
	for (; *path; path++)
		if (strchr("?#%", *path))
			buf_addf(name, "%%%02x", (unsigned)*path);
		else
			buf_addc(name, *path);
	buf_adds(name, "?immutable=1");
}

int
db_still(const char *path, bool *still, struct err *err)
{
	*still = false;
	if (!closed_directory(path))
		return 0;
	*still = db_size(path, "-wal") <= 0;
	if (*still || db_size(path, "-shm") >= 0)
		return 0;
	return err_set(err, EX_NOPERM, "read %s: nothing can be written where "
	    "it is, and its log %s-wal has no index; copy both into one "
	    "directory of yours, and use the copy", path, path);
}
