/*
 * Private to the files of a watch:
 *
 *	watch.c		the loop
 *	watch_source.c	the children, and what they cover
 *	watch_hear.c	what they say
 *	watch_ask.c	names to be looked at
 *	watch_look.c	scans
 */
#ifndef IQ_WATCH_INTERNAL_H
#define IQ_WATCH_INTERNAL_H

#include "engine/watch.h"

/* ---- watch_source.c ---- */

/* Which program there is; 69 when it is asked for and is not there */
int watch_source_open(struct watch *w, struct err *err);
void watch_source_start(struct watch *w);
void watch_source_give_up(struct watch *w);
/* Takes what the children have said. */
void watch_source_read(struct watch *w);
/* Looks after the roots and the child, once a second. */
void watch_source_check(struct watch *w);
/* What is watched now */
void watch_source_cover(struct watch *w);
void watch_source_close(struct watch *w);

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
/* Something was missed, or may have been. */
void watch_doubt(struct watch *w, const char *why);

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
