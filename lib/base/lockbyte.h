/*
 * Locks on single bytes of a file that belong to an open file description:
 * inherited by children, gone when the last of them has closed it (OFD locks,
 * fcntl(2)).
 */
#ifndef IQ_LOCKBYTE_H
#define IQ_LOCKBYTE_H

#include <stdbool.h>
#include <stdint.h>

/* Write lock on one byte, without waiting: 1 taken, 0 refused, -1 errno */
int lockbyte_take(int fd, int64_t offset);
/* The same on n bytes: all or none */
int lockbyte_take_range(int fd, int64_t offset, int64_t n);
/* The same as many others may have, who may only have it open to read */
int lockbyte_share(int fd, int64_t offset);
/* 0, -1 errno */
int lockbyte_drop_range(int fd, int64_t offset, int64_t n);
/* 1 somebody else holds it, 0 nobody, -1 errno */
int lockbyte_held(int fd, int64_t offset);
/* The same for any byte from there on: which, in *at */
int lockbyte_held_beyond(int fd, int64_t offset, int64_t *at);

#endif
