/*
 * Private to the files of a scan:
 *
 *	scan.c		the run
 *	scan_place.c	where it is, and from one directory to the next
 *	scan_rows.c	what is stored
 *	scan_file.c	files that are there, and files that are missing
 *	scan_missing.c	stored directories that were not walked
 *	scan_ask.c	a look at a few names only
 *	scan_part.c	lists that are made anew
 *	scan_say.c	what is written, and in which order
 */
#ifndef IQ_SCAN_INTERNAL_H
#define IQ_SCAN_INTERNAL_H

#include "engine/scan.h"

/* A directory and those above it */
struct scan_level {
	struct walk_dir *dir;
	size_t nkey, npath;	/* of the buffers below */
	bool trusted;		/* what is not there is gone */
	bool mount;		/* to be noted in its lists */
};

/* A part of the files of one directory.  As long as nothing has changed the new
 * list is the stored one up to where we are, and is not written. */
struct scan_part {
	bool stored;		/* there is such a row */
	bool changed;
	bool mount;		/* noted in the list */
	struct buf first;
	struct buf list;	/* the new one, once it has changed */
	size_t cut;		/* where to part it; 0: it is short */
	size_t cut_records;	/* records that are of what is before */
	struct buf before;	/* the stored list */
	struct seen_list old;	/* in it */
	struct seen next;	/* of old */
	size_t at;		/* where it is in before */
	bool more;		/* next is one */
};

enum missing { MISSING_KEPT, MISSING_GONE, MISSING_FORGOTTEN };

/* What is looked at, where that is not everything */
struct scan_asked {
	const struct scan_ask *of;	/* NULL: everything is */
	struct scan_ask above;	/* what of points to, when what was asked for
				 * is no more: the name that leads there */
	struct bytes above_name;
	struct buf above_text;
	bool reached;		/* its directory */
	size_t files, dirs;	/* names whose parts and rows were read */
};

struct scanning {
	struct walk *walk;
	struct bytes from_key, from_name;	/* where the walk began */
	struct scan_asked asked;
	int blocks;
	struct scan_level *levels;
	size_t nlevels, cap_levels;
	struct buf key;		/* of the directory: NUL for "/" */
	struct buf path;	/* absolute, "/" at its end */
	struct scan_part part;
	/* stored rows that are to come */
	struct scan_rows rows;
	size_t row;
	struct buf until;	/* where they end; empty: nowhere */
	/* the last directory that was not walked: what became of it */
	struct buf missing;	/* its key */
	enum missing became;
	/* rows and records that are to be written together */
	struct scan_row *writes;
	size_t nwrites, cap_writes;
	struct arena arena;
	struct buf records;
	size_t covered;		/* of records: by the rows */
	int64_t said;		/* records of this run */
	int64_t flush_at, show_at;	/* boot */
	int64_t files_before;	/* of the tally */
	uint64_t device, inode;	/* of the root */
	bool other_root;	/* not the directory that it was */
	bool recognised;	/* but a file in it is */
	bool full;		/* of the limit */
	struct buf last_key, last_name;	/* of what was dealt with last */
	bool has_last;		/* there is a last_name */
};

static inline struct scan_level *
scan_deepest(struct scan *s)
{
	return &s->now->levels[s->now->nlevels - 1];
}

/* ---- scan_rows.c ---- */

/* Rows from there on; until, absent: to the end */
int scan_read_rows(struct scan *s, struct bytes key, struct bytes first,
	struct bytes until, struct err *err);
/* There are none to be dealt with. */
void scan_no_rows(struct scan *s);
/* NULL: there are no more */
const struct scan_row *scan_row(struct scan *s);
/* Over to the next one */
int scan_step_row(struct scan *s, struct err *err);
/* It is of the directory where we are. */
bool scan_row_is_here(struct scan *s, const struct scan_row *row);

/* ---- scan.c ---- */

/* Opens the walk. */
int scan_start_walk(struct scan *s, struct err *err);

/* ---- scan_place.c ---- */

/* On the way to where the run begins: nothing here is to be looked at. */
bool scan_is_on_way(const struct scan *s);
/* Enters its directory when it is the first of it. */
int scan_take_block(struct scan *s, const struct walk_block *b,
	struct err *err);
/* Leaves what is deeper than that many levels. */
void scan_climb(struct scan *s, size_t levels);
/* The buffers are of that directory, below the deepest level. */
void scan_set_place(struct scan *s, struct bytes key);
/* What is there could not be read, or what is below; name may be empty. */
void scan_unread(struct scan *s, struct bytes name, int why);

/* ---- scan_file.c ---- */

/* Where a run that ends here is to go on: behind that name (absent: before the
 * first) of the directory where we are */
void scan_remember(struct scan *s, struct bytes name);
/* Before where this run began: it was dealt with then. */
bool scan_is_before(struct scan *s, struct bytes name);
void scan_gone(struct scan *s, const struct seen *old);
/* The files of a directory, in their order, and then the end, also when the
 * limit was reached */
int scan_begin_files(struct scan *s, struct err *err);
int scan_take_file(struct scan *s, const struct walk_file *f,
	struct err *err);
int scan_end_files(struct scan *s, struct err *err);
/* What is left of the part that is at hand is missing; it is done. */
int scan_end_part(struct scan *s, struct err *err);

/* ---- scan_ask.c ---- */

/* We are in the directory whose names are asked for. */
bool scan_is_asked_here(const struct scan *s);
/* There, this name is one of them; elsewhere all are. */
bool scan_is_asked(const struct scan *s, struct bytes name);
/* The parts of the names up to that one (absent: all) are or were at hand. */
int scan_ask_files(struct scan *s, struct bytes until, struct err *err);
/* The same for the stored directories: those before that one are dealt with,
 * and its rows are to come. */
int scan_ask_dirs(struct scan *s, struct bytes name, struct err *err);
/* The directory is not there: asks for the name that leads to it. */
int scan_ask_above(struct scan *s, struct err *err);

/* ---- scan_missing.c ---- */

/* Rows of directories before that one (absent: all that are left), which were
 * not walked */
int scan_pass_rows(struct scan *s, struct bytes until, struct err *err);

/* ---- scan_part.c ---- */

/* The list that begins there; row: what is stored of it, or NULL.  mount: what
 * is to be noted of the directory */
int part_begin(struct scan *s, const struct scan_row *row,
	struct bytes first, bool mount, struct err *err);
/* The next stored file is before the name (absent: there is one). */
bool part_before(const struct scan *s, struct bytes name);
/* Over to the next stored file */
int part_step(struct scan *s, struct err *err);
/* The next stored file stays as it is. */
void part_keep(struct scan *s);
/* This is in its place, or before it where it stays; NULL: nothing is. */
void part_put(struct scan *s, const struct seen *f);
/* What is left of the stored list stays, and the new one is done. */
int part_end(struct scan *s, struct err *err);

/* ---- scan_say.c ---- */

/* The name in the directory where we are. False: the format cannot say it. */
bool scan_sayable(struct scan *s, struct bytes name);
/* f: NULL when it is gone */
void scan_say(struct scan *s, struct bytes name, enum file_event event,
	const struct file *f);
/* A row to be written */
void scan_put(struct scan *s, const struct scan_row *row);
/* Writes rows, then the records that are of them, when there are many or it is
 * time. */
int scan_flush_maybe(struct scan *s, struct err *err);
int scan_flush(struct scan *s, struct err *err);

#endif
