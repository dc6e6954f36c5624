/* Ending a tree; the part that is the same on every system. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "engine/tree.h"

/* A fork bomb that outruns so many looks is met again in the next round. */
#define LOOKS 16

void
pids_add(struct pids *p, pid_t pid)
{
	if (p->n == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 16;
		p->v = mem_grow(p->v, p->cap, sizeof(*p->v));
	}
	p->v[p->n++] = pid;
}

bool
pids_has(const struct pids *p, pid_t pid)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->v[i] == pid)
			return true;
	}
	return false;
}

bool
pids_remove(struct pids *p, pid_t pid)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->v[i] == pid) {
			p->v[i] = p->v[--p->n];
			return true;
		}
	}
	return false;
}

void
pids_release(struct pids *p)
{
	free(p->v);
	*p = (struct pids){ NULL, 0, 0 };
}

static bool
leads_group(pid_t pid)
{
	return pid > 0 && getpgid(pid) == pid;
}

/* A whole group at once where there is one: a process that is just forking
 * cannot slip through that. */
static void
send_all(const struct pids *roots, const struct pids *below, int sig)
{
	pid_t group;

	for (size_t i = 0; i < roots->n; i++) {
		pid_t root = roots->v[i];

		kill(leads_group(root) ? -root : root, sig);
	}
	for (size_t i = 0; i < below->n; i++) {
		group = getpgid(below->v[i]);
		if (group > 0 && pids_has(roots, group))
			continue;	/* had it with its group */
		kill(below->v[i], sig);
	}
}

static void
look_below(struct tree *t, const struct pids *roots)
{
	t->below.n = 0;
	for (size_t i = 0; i < roots->n; i++)
		tree_below(t, roots->v[i], &t->below);
}

void
tree_signal(struct tree *t, const struct pids *roots, int sig)
{
	look_below(t, roots);
	send_all(roots, &t->below, sig);
	/* one that is stopped would not notice */
	send_all(roots, &t->below, SIGCONT);
}

void
tree_kill(struct tree *t, const struct pids *roots)
{
	size_t before;
	int looks = 0;

	t->below.n = 0;
	do {
		before = t->below.n;
		look_below(t, roots);
		send_all(roots, &t->below, SIGSTOP);
	} while (t->below.n > before && ++looks < LOOKS);
	send_all(roots, &t->below, SIGKILL);
}
