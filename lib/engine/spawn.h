/* Starting one handler process, with as few system calls as it takes. */
#ifndef IQ_SPAWN_H
#define IQ_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* Where a handler says more than its exit status does; iq-handler(7) */
#define SPAWN_TELL 3

struct spawn {
	const char *file;
	char *const *argv;
	char *const *envp;
	int in, out, err;	/* its descriptors 0, 1 and 2; -1: ours */
	int tell;		/* its descriptor 3; -1: none */
	int lock;		/* stays open in it; -1: none */
	const sigset_t *mask;	/* its signal mask */
	const struct rlimit *files;	/* its limit of open files; NULL:
				 * ours */
	uint64_t mark;		/* tree_wear */
	bool confined;		/* spawn_confine */
};

enum spawned {
	SPAWN_STARTED,
	SPAWN_NO_EXEC,		/* errno says why this command cannot run */
	SPAWN_NO_PROCESS,	/* errno says what the system is short of */
};

/* The new process leads a group of its own. All signals that this process
 * handles must be blocked. */
enum spawned spawn(const struct spawn *s, pid_t *pid);

/* From now on this process and what it starts get no privileges by what they
 * execute (set-user-ID and the like), where the system can do that: 0, or -1
 * with errno. Safe after vfork. (spawn_PLATFORM.c) */
int spawn_confine(void);
/* What the new process does; safe after vfork. Returns errno when it failed.
 * (For spawn_PLATFORM.c only.) */
int spawn_become(const struct spawn *s);

#endif
