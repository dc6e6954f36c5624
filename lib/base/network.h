/*
 * File systems that other machines change, or a program: of what happens there
 * nobody here is told, and in most of them locks are not reliable.  One file per
 * platform; where nothing says what it is, it is none of those.
 */
#ifndef IQ_NETWORK_H
#define IQ_NETWORK_H

#include <stdbool.h>

/* The name (static) of the one that this path is in, if its locks are not
 * reliable; else NULL */
const char *network_unlocked(const char *path);
/* This is in one. */
bool network_is(int fd);

#endif
