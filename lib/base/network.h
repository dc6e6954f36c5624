/*
 * File systems that other machines change, or a program: locks are not reliable
 * there, and of what happens nobody here is told.
 */
#ifndef IQ_NETWORK_H
#define IQ_NETWORK_H

/* The name of one of those, by f_type of statfs(2); NULL: it is none, or not
 * known.  The text is static. */
const char *network_name(unsigned long type);

#endif
