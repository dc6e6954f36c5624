/* Processes as the operating system knows them; one file per platform. */
#ifndef IQ_PROC_H
#define IQ_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/* A process identity that cannot be confused with a later user of the PID. */
struct proc_id {
	char boot[40];		/* kernel boot id, text */
	pid_t pid;
	int64_t start;		/* clock ticks since boot, 0 when unknown */
};

void proc_self(struct proc_id *id);
/* This machine's boot id, "" when the system has none */
void proc_boot_id(char out[40]);
/* Start time in ticks of pid, 0 when there is no such process */
int64_t proc_start(pid_t pid);
bool proc_alive(const struct proc_id *id);
/* Short host name, always NUL-terminated */
void proc_host(char *out, size_t n);

/* CPU cores that this process may use: affinity and every cgroup quota above
 * it, at least 1 */
int proc_cores(void);

/* Descriptors above 2 that this process was given are not passed on: a lock
 * of the shell, say, would last as long as what we start. */
void proc_keep_fds(void);

/* The user name of the effective user, or its number */
void proc_user(char *out, size_t n);

#endif
