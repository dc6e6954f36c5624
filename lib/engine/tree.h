/*
 * Process trees: who is left of a handler, and how to end all of it.
 *
 * On Linux this process is the subreaper of everything it starts, so nobody
 * can leave its tree: an orphan becomes a child of this process, is seen, and
 * is waited for.  Elsewhere a handler's process group stands for its tree; a
 * number below zero is then such a group, as kill(2) has it.
 */
#ifndef IQ_TREE_H
#define IQ_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pids {
	pid_t *v;
	size_t n, cap;
};

void pids_add(struct pids *p, pid_t pid);
bool pids_has(const struct pids *p, pid_t pid);
/* false when it was not in there */
bool pids_remove(struct pids *p, pid_t pid);
void pids_release(struct pids *p);

/* A handler that this process started, as its orphans can be told by it. */
struct tree_handler {
	pid_t pid;		/* leads its group, too */
	bool gone;		/* it was waited for */
	int slot;
	int64_t lock_offset;	/* byte of the locks that it inherited */
	const char *sign;	/* of its environment, NAME=value; NULL: none */
	int64_t started;	/* boot ns */
};

struct tree {
	int children_fd;	/* -1: the system has no such list */
	uint64_t marks;		/* this process's marks count down from here */
	dev_t lock_device;
	ino_t lock_inode;
	const char *queue;	/* what IQ_QUEUE says, borrowed */
	char *text;		/* for lists of children */
	size_t text_size;
	struct pids below;
};

/* locks, queue: NULL where nobody asks for owners */
void tree_open(struct tree *t, const char *locks, const char *queue);
void tree_close(struct tree *t);

/* From now on this process is the parent of its descendants' orphans: false
 * where the system knows no such thing. */
bool tree_adopt(void);
/* sig to this process when its parent dies. false: the parent is dead
 * already (it was parent). */
bool tree_follow(pid_t parent, int sig);

/* Children of this process, zombies included, that are none of v. Appends. */
void tree_strangers(struct tree *t, const struct tree_handler *v, size_t n,
	struct pids *out);
/* Index in v of the handler that a stranger comes from; -1 when n is 0. A
 * process may hide (close its descriptors, begin a session, clear its
 * environment); then the youngest handler that is older than it is taken. */
int tree_owner(struct tree *t, pid_t pid, const struct tree_handler *v,
	size_t n);
/* The mark of a slot's processes, and how a new handler puts it on (safe
 * between vfork and exec). 0: no marks here. */
uint64_t tree_mark(const struct tree *t, int slot);
void tree_wear(uint64_t mark);

/* All descendants of root, which is not one of them. Appends. */
void tree_below(struct tree *t, pid_t root, struct pids *out);
/* How often (ns) to look whether orphans have gone; 0: waiting tells. */
int64_t tree_look_again(void);
/* Whether it still exists; only where looking is needed */
bool tree_lives(pid_t pid);

/* sig, and then CONT, to the roots, their groups and everything below: each
 * process gets it once. A root must not have been waited for. */
void tree_signal(struct tree *t, const struct pids *roots, int sig);
/* One round of STOP all until nobody new appears, KILL all; call again until
 * all have been waited for. Nobody can run away: what is stopped does not
 * fork, and its orphans come here. */
void tree_kill(struct tree *t, const struct pids *roots);

#endif
