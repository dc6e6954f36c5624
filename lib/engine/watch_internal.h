/*
 * Private to the files of a watch:
 *
 *	watch.c		the loop
 *	watch_source.c	the children
 *	watch_cover.c	what they cover
 *	watch_hear.c	what they say
 *	watch_names.c	under which names
 *	watch_ask.c	names to be looked at
 *	watch_look.c	scans
 *	watch_holes.c	directories of which nobody tells
 */
#ifndef IQ_WATCH_INTERNAL_H
#define IQ_WATCH_INTERNAL_H

#include "engine/watch.h"

/* ---- watch_source.c ---- */

/* Which program there is; when it is asked for 69 if it is not there, 64 if it
 * does not take so many roots */
int watch_source_open(struct watch *w, struct err *err);
void watch_source_start(struct watch *w);
void watch_source_give_up(struct watch *w);
/* Takes what the children have said. */
void watch_source_read(struct watch *w);
/* Looks after the roots and the child, once a second. */
void watch_source_check(struct watch *w);
void watch_source_close(struct watch *w);

/* ---- watch_cover.c ---- */

/* What is watched now */
void watch_cover_read(struct watch *w);
/* For walk_options */
uint64_t watch_cover_mark(void *watch, int fd, uint64_t device,
	uint64_t inode);
/* Tells the plan whether that is known to be all there is to be watched. */
void watch_cover_judge(struct watch *w);

/* ---- watch_hear.c ---- */

void watch_hear(void *watch, const struct watch_record *r);
/* What stands before the path of a directory that waits */
struct watch_wait {
	int tries;
	uint64_t mark;		/* of a directory that was not watched; or 0 */
};
/* This path is to be looked at, which may be a directory that is new. */
void watch_put_dir(struct watch *w, struct bytes path, int tries,
	uint64_t mark);
/* Its writer is done with it: soon */
void watch_put_change(struct watch *w, struct bytes path);
/* Or when it has settled */
void watch_put_later(struct watch *w, struct bytes path);
/* Or in a moment: it was changed just before it was looked at, and the first
 * time that this was so is that long ago (boot). */
void watch_put_young(struct watch *w, struct bytes path, int64_t since);
bool watch_is_root(const struct watch *w, struct bytes path);
/* What is written from here on may be heard by nobody: a file that is as it was
 * may have been written to all the same, until there is another child. */
void watch_unwitnessed(struct watch *w);
/* Something was missed, or may have been. */
void watch_doubt(struct watch *w, const char *why);

/* ---- watch_names.c ---- */

/* Is it a move?  w->path is what it is of. */
void watch_names_hear(struct watch *w, const struct watch_record *r);
/* The next child is ready; the one that there is has not been ended yet. */
void watch_names_ready(struct watch *w);
/* A directory is going to be listed. */
void watch_names_entered(struct watch *w, struct bytes path,
	const struct walk_dir *d);
/* A look at everything has come to its end; no directory waits for one. */
void watch_names_looked(struct watch *w);
void watch_names_idle(struct watch *w);

/* ---- watch_ask.c ---- */

/* Names that are looked at together */
#define WATCH_TOGETHER 1024
/* How many times a directory that is not watched waits until it is: a machine
 * that is busy may keep the watcher from catching up. */
#define WATCH_TRIES 200
/* As many is one that found the watcher waiting for events: it will not watch
 * that directory any more. */
#define WATCH_TRIES_IDLE (WATCH_TRIES / 4)
/* A file system that tells fractions of a second gives a later write another
 * time after that (seen_judge.c): what is looked at before may have to be said
 * twice. */
#define WATCH_SETTLE (20 * NS_PER_MS)

/* Takes over what has been released; done: its writers are done with it. */
void watch_take_set(struct watch *w, struct debounce *set, bool done);
/* The same of directories */
void watch_take_dirs(struct watch *w);
/* And of what was too young */
void watch_take_young(struct watch *w);
/* The next ones of the same directory: w->ask, of w->scanning */
void watch_next_ask(struct watch *w);

/* ---- watch_holes.c ---- */

/* It stays one, whatever was tried; lasting: so it would with another child, as
 * nobody else can read it, or it has two names. */
void watch_hole_keep(struct watch *w, struct bytes path, bool lasting);
/* One that cannot be read, nor what is below */
void watch_hole_unread(struct watch *w, struct bytes path);
bool watch_has_unread(const struct watch *w);
/* For struct scan.  A directory that is listed before it is watched may get
 * files that nobody tells of: it has to be listed again. */
void watch_entered(void *watch, struct bytes path, const struct walk_dir *d);
/* False when there is no dir */
bool watch_is_below(struct bytes path, const struct buf *dir);
/* They are to be looked at, but for a root, which is everything. */
void watch_holes_ask(struct watch *w);
/* A look at everything finds those that there are. */
void watch_holes_begin(struct watch *w);
void watch_holes_end(struct watch *w);
void watch_holes_close(struct watch *w);

/* ---- watch_look.c ---- */

void watch_look_open(struct watch *w);
/* Goes on with a scan, or begins one. False: there is nothing to be done. */
int watch_look_step(struct watch *w, bool *busy, struct err *err);
/* Begins to look at everything. */
void watch_look_begin(struct watch *w);
/* There is no scan, and nothing that waits for one now. */
bool watch_look_idle(const struct watch *w);
void watch_look_close(struct watch *w);
/* When a scan is due; INT64_MAX: none is */
int64_t watch_look_due(const struct watch *w);

#endif
