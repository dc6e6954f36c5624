/*
 * A tree of directories, in order: each directory before its subdirectories,
 * and all names by their bytes.  Several threads read ahead; who asks for the
 * next block gets it in its place, and reads, too, while it is not there yet.
 *
 * Nothing is opened by its path but the root, so no path is too long.  The
 * memory does not depend on the number of files: a directory is in it with its
 * names, its files block by block, and few directories are ahead.
 */
#ifndef IQ_WALK_H
#define IQ_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/directory.h"
#include "base/err.h"
#include "rules/glob.h"

struct walk_options {
	struct bytes root;	/* an absolute path */
	const struct globs *globs;	/* over those of ignore_file; or NULL */
	bool only_included;	/* files of which globs say nothing are not
				 * wanted */
	const char *ignore_file;	/* patterns of a directory and what is
				 * below, and not a file itself */
	bool one_file_system;
	bool follow;		/* symbolic links */
	/* Where to begin: behind the file of that name (absent: before the
	 * first) in the directory of that key; absent: at the root */
	struct bytes from_key, from_name;
	/* With from_key: nothing but these names there, sorted, and what is
	 * below them; NULL: everything from there on */
	const struct bytes *only;
	size_t nonly;
	/* Gives each directory its mark once it is open, and before it is read,
	 * but none to those of another file system that are passed; called by
	 * all threads.  NULL: they have none */
	uint64_t (*mark)(void *ctx, int fd, uint64_t device, uint64_t inode);
	void *mark_ctx;
	int threads;		/* that help; 0: none */
};

struct walk_dir {
	struct walk_dir *parent;	/* NULL: the root */
	size_t depth;
	int error;		/* errno: it was not read to its end */
	bool passed;		/* it was not read, because it is not to be:
				 * another file system, or itself above */
	bool loop;		/* that, because it is itself above */
	bool mount;		/* something is mounted there */
	uint64_t device, inode;
	int64_t mtime, ctime;	/* before it was read; wall ns */
	uint64_t mark;
	/* private: walk_internal.h */
	struct walk_private *own;
	size_t nname;
	char name[];		/* in its parent; NUL-terminated */
};

struct walk_file {
	struct bytes name;	/* NUL-terminated */
	struct file file;
	int error;		/* errno of looking at it; ENOENT: gone, or
				 * not a file any more */
};

struct walk_block {
	struct walk_dir *dir;
	const struct walk_file *files;
	size_t n;
	bool first, last;	/* of the directory; its error is known */
	int64_t wall, boot;	/* when the first of them was looked at */
};

struct walk;

/* 66 when the root is no directory, or may not be opened; 74 when it cannot, 75
 * for want of descriptors or memory. The options must stay until the end. */
int walk_open(struct walk **out, const struct walk_options *o,
	struct err *err);
/* The next block, valid until the next call; false at the end. Each directory
 * has one at least. */
bool walk_next(struct walk *w, struct walk_block *out);
void walk_close(struct walk *w);	/* NULL is fine */

/* Keeps a directory, with those above it, beyond the next call */
void walk_hold(struct walk *w, struct walk_dir *d);
void walk_drop(struct walk *w, struct walk_dir *d);
/* Looks whether a name is in a directory, as file_look. */
int walk_look(struct walk *w, struct walk_dir *d, const char *name,
	struct file *out);
/* The rules exclude this name in that directory. */
bool walk_excludes(struct walk *w, struct walk_dir *d, struct bytes name,
	bool directory);

#endif
