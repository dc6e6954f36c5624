#include "servers.h"

#include <signal.h>

#include "base/clock.h"

/* ms; now and then so long that others look what it has committed */
#define STOP_MAX 60
#define STOP_LONG 1500

/* Nothing is to be run. */
static void
start(struct server *v)
{
	static const char *const argv[] = { "iq-work", "-q", "queue.db", "-t",
	    "nothing", "-j1", "--", "true", NULL };

	child_start(&v->child, argv, false, "work.err");
	v->stopped = 0;
}

void
servers_start(struct servers *s)
{
	for (long i = 0; i < s->n; i++)
		start(&s->v[i]);
}

static void
go_on(struct server *v)
{
	if (v->stopped)
		kill(v->stopped, SIGCONT);
	v->stopped = 0;
}

bool
servers_hit(struct servers *s, struct dice *d)
{
	struct server *v = &s->v[dice_below(d, (size_t)s->n)];
	pid_t worker;

	if (s->n == 0 || v->stopped ||
	    child_children(v->child.pid, &worker, 1) == 0)
		return false;
	if (dice_one_in(d, 2)) {
		kill(worker, SIGKILL);
		s->kills++;
		return true;
	}
	kill(worker, SIGSTOP);
	s->stops++;
	v->stopped = worker;
	v->until = clock_boot(&clock_system) + (dice_one_in(d, 40) ?
	    STOP_LONG : (int64_t)dice_below(d, STOP_MAX)) * NS_PER_MS;
	return true;
}

void
servers_go_on(struct servers *s, int64_t now)
{
	for (long i = 0; i < s->n; i++)
		if (now >= s->v[i].until)
			go_on(&s->v[i]);
}

void
servers_bury(struct servers *s, pid_t pid, bool again)
{
	for (long i = 0; i < s->n; i++) {
		if (s->v[i].child.pid != pid)
			continue;
		child_forget(&s->v[i].child);
		if (again)
			start(&s->v[i]);
	}
}

long
servers_end(struct servers *s)
{
	long left = 0;

	for (long i = 0; i < s->n; i++) {
		go_on(&s->v[i]);
		if (s->v[i].child.pid == 0)
			continue;
		kill(s->v[i].child.pid, SIGTERM);
		left++;
	}
	return left;
}
