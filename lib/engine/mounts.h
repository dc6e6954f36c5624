/*
 * What is mounted at or below some directories: whoever watches a directory
 * through inotify hears nothing of what is mounted over it.  One file per
 * platform; where there is nothing to be told, nothing changes.
 */
#ifndef IQ_MOUNTS_H
#define IQ_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct mounts {
	int fd;			/* -1: not open yet, or there is none */
	struct buf below;	/* what was mounted there, a line each */
};

void mounts_init(struct mounts *m);
void mounts_release(struct mounts *m);
/* True when it is not the same as the last time; the first time says nothing.
 * roots: absolute paths, NUL-terminated; "" is "/" */
bool mounts_changed(struct mounts *m, const struct bytes *roots, size_t n);

#endif
