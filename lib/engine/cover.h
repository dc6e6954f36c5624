/*
 * Which directories a process watches through inotify, as the kernel tells:
 * exactly these make events.  One file per platform; where there is nothing to
 * be told, nothing is known.
 */
#ifndef IQ_COVER_H
#define IQ_COVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/hash.h"
#include "rules/watch_record.h"

struct cover {
	struct hash_key key;
	bool by_inode;		/* handles of this file system are no help */
	uint64_t *places;	/* marks; 0: free */
	uint32_t *paths;	/* under which each was met, hashed; 0: none */
	size_t cap, n;
};

void cover_init(struct cover *c);
void cover_release(struct cover *c);
/* What that process watches now; false when that cannot be told. */
bool cover_read(struct cover *c, pid_t pid);
/* The mark of an open directory; safe in any thread. Never 0. (struct cover *)
 * for walk_options. */
uint64_t cover_mark(void *cover, int fd, uint64_t device, uint64_t inode);
bool cover_has(const struct cover *c, uint64_t mark);
/* It is there under this path.  False when it was met under another one since
 * it was read: what happens there is told under one of them. */
bool cover_meet(struct cover *c, uint64_t mark, struct bytes path);
/* One more */
void cover_add(struct cover *c, uint64_t mark);

/* ---- what else differs between the platforms ---- */

/* The program is one to be used unasked. */
bool cover_native(enum watch_program program);
/* In a new process: it ends when the one that made it does. */
void cover_die_with(pid_t parent);
/* As much room as there may be in a pipe */
void cover_widen(int pipe);
/* That process has been stopped. */
bool cover_stopped(pid_t pid);
/* It waits for events, and not for us to read the pipe that it writes to: what
 * happened before this call it has dealt with.  false: not known, too */
bool cover_waits(pid_t pid, int out);

#endif
