/*
 * What is in a directory, and what it is: relative to descriptors, so that no
 * path is resolved twice and none is too long.  One file per platform.
 */
#ifndef IQ_DIRECTORY_H
#define IQ_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum file_kind {
	FILE_UNKNOWN,		/* the directory does not say */
	FILE_REGULAR,
	FILE_DIRECTORY,
	FILE_LINK,		/* symbolic */
	FILE_OTHER,		/* fifo, socket, device */
};

struct file {
	enum file_kind kind;
	bool mount;		/* something is mounted there, as far as the
				 * system says */
	int64_t size;		/* bytes */
	int64_t mtime, ctime;	/* wall ns */
	uint64_t inode, device;
};

/* How an absolute path is called that is kept, NUL-terminated, without the slash
 * at its end: "" is "/". */
static inline const char *
directory_name(struct bytes path)
{
	return path.n ? path.p : "/";
}

/* For reading its entries; a symbolic link only with follow, and nothing but a
 * directory. The descriptor, or -1 with errno. */
int directory_open(int at, const char *name, bool follow);

/* Each entry but "." and "..", in no order, the name NUL-terminated */
typedef void directory_fn(void *ctx, const char *name, size_t n,
	enum file_kind kind);
/* From the first to the last: 0, or -1 with errno, after some.  fd stays open,
 * and is not to be read again. */
int directory_read(int fd, directory_fn *fn, void *ctx);

/* What name is (with follow: what a link leads to): 0, or -1 with errno. An
 * empty name is at itself. */
int file_look(int at, const char *name, bool follow, struct file *out);

#endif
