/*
 * SQLite's own file layer, with one thing done less.
 *
 * Who opens the log (the WAL) with SQLITE_OPEN_CREATE syncs the directory
 * together with his first sync of the log, since the name may be new: in a
 * program that commits once, a second flush of the disk for each record.  But
 * SQLite syncs the header of a new log, and then the directory, before it
 * writes the first frame.  So the name of a log that has frames is on disk
 * already, and such a log is opened as one that exists.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "store/db.h"

#define LOG_HEADER 32

struct layer {
	sqlite3_vfs vfs;	/* what SQLite sees of it */
	sqlite3_vfs *below;
};

static bool
has_frames(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_size > LOG_HEADER;
}

/* The log cannot go away in between: only the last one who has the queue open
 * may delete it, and whoever opens it has the queue open. */
static int
layer_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
	int *out_flags)
{
	sqlite3_vfs *below = ((struct layer *)vfs)->below;

	if ((flags & SQLITE_OPEN_WAL) && path && has_frames(path))
		flags &= ~SQLITE_OPEN_CREATE;
	return below->xOpen(below, path, file, flags, out_flags);
}

const char *
db_layer(void)
{
	sqlite3_vfs *below = sqlite3_vfs_find(NULL);
	struct layer *layer;
	char name[80];

	if (below == NULL)
		return NULL;
	snprintf(name, sizeof(name), "iq-%s", below->zName);
	layer = (struct layer *)sqlite3_vfs_find(name);
	if (layer == NULL) {
		/* stays registered, and so reachable, as long as the process */
		layer = mem_zero(1, sizeof(*layer));
		layer->vfs = *below;
		layer->vfs.zName = mem_strdup(name);
		layer->vfs.xOpen = layer_open;
		layer->below = below;
		sqlite3_vfs_register(&layer->vfs, 0);
	}
	return layer->vfs.zName;
}
