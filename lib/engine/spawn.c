/* What a new process does before it becomes the handler. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "engine/spawn.h"
#include "engine/tree.h"

/* Where a handler finds the lock of its slot: out of the way of the small
 * numbers that scripts use for their own descriptors, and below 64, where
 * Linux begins to pay for a larger table at every fork. */
#define LOCK_FLOOR 60

/* Nothing of ours is lost that is still to be passed on: 0 to 2 are the
 * standard ones here too, and 3 comes last. */
static bool
give_streams(const struct spawn *s)
{
	if (s->in >= 0 && dup2(s->in, STDIN_FILENO) < 0)
		return false;
	if (s->out >= 0 && dup2(s->out, STDOUT_FILENO) < 0)
		return false;
	if (s->err >= 0 && dup2(s->err, STDERR_FILENO) < 0)
		return false;
	if (s->tell < 0)
		return true;
	if (s->tell == SPAWN_TELL)
		return fcntl(s->tell, F_SETFD, 0) == 0;
	return dup2(s->tell, SPAWN_TELL) >= 0;
}

static bool
give_lock(int lock)
{
	if (lock < 0 || fcntl(lock, F_DUPFD, LOCK_FLOOR) >= 0)
		return true;
	return lock != SPAWN_TELL && fcntl(lock, F_SETFD, 0) == 0;
}

int
spawn_become(const struct spawn *s)
{
	setpgid(0, 0);
	tree_wear(s->mark);
	if (!give_lock(s->lock) || !give_streams(s))
		return errno;
	if (s->confined && spawn_confine() < 0)
		return errno;
	if (s->files != NULL)
		setrlimit(RLIMIT_NOFILE, s->files);
	sigprocmask(SIG_SETMASK, s->mask, NULL);
	execve(s->file, s->argv, s->envp);
	return errno;
}
