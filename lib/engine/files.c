/* The limit of open files. */
#include <stddef.h>

#include "engine/files.h"

/* A slot: its lock, both ends of three pipes, and two files for output that is
 * long. */
#define PER_SLOT 9
/* The queue, signals, standard streams; what is about to start; output that
 * waits for a slow reader; a few to look at /proc with */
#define OURS 96

void
files_init(struct files *f)
{
	f->raised = false;
	f->known = getrlimit(RLIMIT_NOFILE, &f->before) == 0;
}

static bool
raise_to(struct files *f, rlim_t wanted)
{
	struct rlimit l = { .rlim_cur = wanted, .rlim_max = f->before.rlim_max };

	if (setrlimit(RLIMIT_NOFILE, &l) != 0)
		return false;
	f->raised = true;
	return true;
}

int
files_carry(struct files *f, int slots)
{
	rlim_t wanted = OURS + PER_SLOT * (rlim_t)slots, have, hard;
	struct rlimit now;

	if (!f->known || getrlimit(RLIMIT_NOFILE, &now) != 0)
		return slots;
	have = now.rlim_cur;
	hard = f->before.rlim_max;
	if (have == RLIM_INFINITY || have >= wanted)
		return slots;
	if (hard != RLIM_INFINITY && wanted > hard)
		wanted = hard;
	if (wanted > have && raise_to(f, wanted))
		have = wanted;
	if (have < OURS + PER_SLOT)
		return 1;
	have = (have - OURS) / PER_SLOT;
	return have < (rlim_t)slots ? (int)have : slots;
}

int64_t
files_hard(const struct files *f)
{
	return f->before.rlim_max < (rlim_t)INT64_MAX ?
		(int64_t)f->before.rlim_max : INT64_MAX;
}

const struct rlimit *
files_of_handlers(const struct files *f)
{
	return f->raised ? &f->before : NULL;
}
