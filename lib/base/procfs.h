/* Linux only: the files of /proc/PID, proc(5). */
#ifndef IQ_PROCFS_H
#define IQ_PROCFS_H

#include <stddef.h>
#include <sys/types.h>

/* Room for stat with all of its fields */
#define PROCFS_STAT 2048

/* /proc/PID/NAME as text, at most size - 1 bytes of it; 0: it has none, or is
 * gone, and text is empty */
size_t procfs_read(pid_t pid, const char *name, char *text, size_t size);
/* Where the n-th field of stat begins, n > 2; NULL: there are not so many */
const char *procfs_stat_field(const char *stat, int n);

#endif
