/* Where the queue is, and whether this user may trust that place. */
#ifndef IQ_PLACE_H
#define IQ_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Absolute path of the queue: given, else $IQ_QUEUE, else
 * ${XDG_STATE_HOME:-$HOME/.local/state}/iq/queue.db.  The directory is
 * resolved (so that a name such as "file:x" cannot become a URI), and made
 * (0700) when create.  66 or 73 when it does not exist or cannot be made; out
 * has the path as it was asked for then. */
int place_resolve(const char *given, bool create, struct buf *out,
	struct err *err);

/* 77 with the reason unless the file (if it exists) is regular, has one link,
 * belongs to the effective user (or that is root), is closed to group and
 * others, and no directory above can be changed by others. Network file
 * systems are refused: locks and shared memory do not work there.
 * *exists tells whether the file is there. */
int place_check(const char *path, bool *exists, struct err *err);
/* The same of any file of this very user, also when that is root, and on any
 * file system */
int place_check_own(const char *path, bool *exists, struct err *err);

/* With those above it that are missing, mode 0700: 73 */
int place_make_directory(const char *dir, struct err *err);

/* 77 with the reason and what to do when the file or its directory cannot be
 * written. */
int place_check_writable(const char *path, struct err *err);

/* A file, whatever it is called */
struct file_id {
	int64_t dev, ino;
};

/* What is at the path now; false: nothing that can be looked at */
bool place_file(const char *path, struct file_id *id);

#endif
