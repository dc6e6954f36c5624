/* Limits that control groups put on this process (Linux, v1 and v2). */
#ifndef IQ_CGROUP_H
#define IQ_CGROUP_H

/* The tightest CPU quota of this process's control groups and all above them,
 * in cores, rounded up; 0 when there is none.  root goes before every path
 * that is read: "" outside of tests. */
int cgroup_cores(const char *root);

#endif
