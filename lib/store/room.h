/* Room on the file system. */
#ifndef IQ_ROOM_H
#define IQ_ROOM_H

#include <stdint.h>
#include <sys/statvfs.h>

#include "base/err.h"

/* Bytes that we may still write there */
int64_t room_free(const struct statvfs *fs);
/* 75 unless there are so many. what: "compact /a/queue.db" */
int room_need(const char *path, int64_t bytes, const char *what,
	struct err *err);

#endif
