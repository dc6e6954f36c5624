/*
 * What the programs say that watch a file system for us: inotifywait(1) its
 * events, its messages and, through the kernel, what it watches; fswatch(1) its
 * events.  Nothing is taken on trust: what is not exactly as it should be is
 * garbled, and what follows it cannot be believed either.
 */
#ifndef IQ_WATCH_RECORD_H
#define IQ_WATCH_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum watch_program { WATCH_INOTIFYWAIT, WATCH_FSWATCH };

enum watch_event {
	WATCH_CREATED = 1,
	WATCH_WRITTEN = 2,	/* and closed */
	WATCH_MOVED_TO = 4,
	WATCH_MOVED_FROM = 8,
	WATCH_DELETED = 16,
	WATCH_SELF = 32,	/* the watched directory itself went or moved */
	WATCH_UNMOUNTED = 64,
	WATCH_OVERFLOW = 128,
	WATCH_DIRECTORY = 256,	/* the name is one, or may be */
	WATCH_CHANGED = 512,	/* something did */
};

struct watch_record {
	unsigned what;		/* of watch_event */
	struct bytes dir;	/* "/" at its end; empty: overflow */
	struct bytes name;	/* in it; empty: itself */
	uint32_t cookie;	/* both halves of a rename have the same */
};

enum watch_found { WATCH_MORE, WATCH_RECORD, WATCH_GARBLED };

/* events of inotifywait -e, those that it is asked for */
#define WATCH_EVENTS "close_write,moved_to,create,moved_from,delete," \
	"delete_self,move_self,unmount,q_overflow"
/* --format: four fields, each with a NUL */
#define WATCH_FORMAT "%e%0%w%0%f%0%c%0"

/* The record that p begins with, and in *used its bytes; WATCH_MORE: its end is
 * not there yet. */
enum watch_found watch_record_inotify(const char *p, size_t n, size_t *used,
	struct watch_record *out);
/* The same of fswatch -0 -x --event-flag-separator=, */
enum watch_found watch_record_fswatch(const char *p, size_t n, size_t *used,
	struct watch_record *out);

/* What a line on inotifywait's standard error means */
enum watch_says {
	WATCH_SAYS_NOTHING,
	WATCH_SAYS_READY,
	WATCH_SAYS_LIMIT,	/* there are no more watches to be had */
	WATCH_SAYS_TROUBLE,	/* anything else: something is not watched */
};
enum watch_says watch_says(struct bytes line);

/* A line of /proc/PID/fdinfo/FD of an inotify descriptor: what is watched */
struct watch_mark {
	uint64_t inode;
	uint32_t device;	/* as the kernel has it: major << 20 | minor */
	int handle_type;	/* -1: there is no handle */
	struct bytes handle;	/* in hex */
};
bool watch_mark_parse(struct bytes line, struct watch_mark *out);

#endif
