/*
 * What a disk may hold after a power cut.
 *
 * A history is everything that was done to a queue's files, in order.  At any
 * instant of it some changes are on disk for certain, because a sync followed;
 * of the others any part may have arrived: none, all, some, in another order,
 * in pieces of a sector, and with rubbish where a sector was being written.
 *
 * Names are kept apart from contents, as file systems do: a file that was
 * created or removed is so for certain only once its directory was synced, and
 * names change in order.
 */
#ifndef IQ_DISK_H
#define IQ_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "dice.h"

enum disk_name { DISK_DB, DISK_WAL, DISK_JOURNAL, DISK_NAMES };

/* "" "-wal" "-journal" */
const char *disk_suffix(enum disk_name n);

enum change_kind {
	CHANGE_WRITE,
	CHANGE_TRUNCATE,	/* offset: the new size */
	CHANGE_CREATE,		/* the name is a new, empty file */
	CHANGE_REMOVE,
	CHANGE_SYNC,		/* the file's contents */
	CHANGE_SYNC_NAMES,	/* the directory */
};

struct change {
	enum change_kind kind;
	enum disk_name name;
	int64_t offset;
	char *p;
	size_t n;
};

struct history {
	struct change *v;
	size_t n, cap;
};

void history_add(struct history *h, enum change_kind kind,
	enum disk_name name, int64_t offset, const void *p, size_t n);
void history_release(struct history *h);

struct image {			/* files as they are found afterwards */
	struct buf files[DISK_NAMES];
	bool exists[DISK_NAMES];
};

/* DIR/queue.db and its companions; what is not in the image is removed. */
int image_write(const struct image *im, const char *dir);
void image_copy(struct image *to, const struct image *from);
void image_release(struct image *im);

/* The disk at one instant of a history */
struct disk {
	struct buf *contents;	/* certain, per file that ever was */
	size_t files, cap_files;
	int certain[DISK_NAMES];	/* which file has the name, -1 none */
	int now[DISK_NAMES];		/* the same, as the programs see it */
	struct pending {
		const struct change *change;
		int file;
	} *pending;		/* not yet certain */
	size_t n, cap;
};

/* base: what was there before, or NULL for nothing */
void disk_init(struct disk *d, const struct image *base);
/* The next change; it must outlive the disk. */
void disk_step(struct disk *d, const struct change *c);
void disk_release(struct disk *d);

/* What becomes of the changes that are not certain */
enum loss {
	LOSS_ALL,		/* none arrived */
	LOSS_NONE,		/* all arrived: a crash of the programs only */
	LOSS_TAIL,		/* the first few arrived */
	LOSS_SOME,		/* any whole ones */
	LOSS_SOME_REORDERED,
	LOSS_SECTORS,		/* any 512 bytes of them */
	LOSS_SECTORS_REORDERED,
	LOSS_PAGES,		/* the same by 4096 bytes, reordered */
	LOSS_RUBBISH,		/* sectors, and some hold something else */
	LOSS_RUBBISH_REORDERED,
	LOSS_COUNT
};

const char *loss_name(enum loss l);
void disk_image(const struct disk *d, enum loss how, struct dice *dice,
	struct image *out);

#endif
