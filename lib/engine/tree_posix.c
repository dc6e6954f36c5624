/*
 * Trees where the system tells nobody about orphans: a handler's process group
 * stands for its tree.  What begins a group of its own is not seen.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/tree.h"

void
tree_open(struct tree *t, const char *locks, const char *queue)
{
	(void)locks;
	memset(t, 0, sizeof(*t));
	t->children_fd = -1;
	t->queue = queue;
}

void
tree_close(struct tree *t)
{
	pids_release(&t->below);
}

bool
tree_adopt(void)
{
	return false;
}

bool
tree_follow(pid_t parent, int sig)
{
	(void)sig;
	return getppid() == parent;
}

/* A group without its leader lives on while it has members, and its number is
 * not given away before. */
void
tree_strangers(struct tree *t, const struct tree_handler *v, size_t n,
	struct pids *out)
{
	(void)t;
	for (size_t i = 0; i < n; i++) {
		if (v[i].gone && tree_lives(-v[i].pid))
			pids_add(out, -v[i].pid);
	}
}

int
tree_owner(struct tree *t, pid_t pid, const struct tree_handler *v, size_t n)
{
	(void)t;
	for (size_t i = 0; i < n; i++) {
		if (v[i].pid == -pid)
			return (int)i;
	}
	return -1;
}

uint64_t
tree_mark(const struct tree *t, int slot)
{
	(void)t;
	(void)slot;
	return 0;
}

void
tree_wear(uint64_t mark)
{
	(void)mark;
}

void
tree_below(struct tree *t, pid_t root, struct pids *out)
{
	(void)t;
	(void)root;
	(void)out;
}

int64_t
tree_look_again(void)
{
	return 50 * NS_PER_MS;
}

bool
tree_lives(pid_t pid)
{
	return kill(pid, 0) == 0 || errno == EPERM;
}
