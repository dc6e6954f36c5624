/* What the child covers. */
#include <fcntl.h>
#include <unistd.h>

#include "base/network.h"
#include "engine/watch_internal.h"

/* In any thread. Of what others do in a file system of theirs nothing is told,
 * though it is watched. */
uint64_t
watch_cover_mark(void *watch, int fd, uint64_t device, uint64_t inode)
{
	struct watch *w = watch;

	if (device != w->here && network_is(fd))
		w->abroad = true;
	else
		w->here = device;
	return cover_mark(&w->cover, fd, device, inode);
}

void
watch_cover_judge(struct watch *w)
{
	watch_plan_verified(&w->plan, w->now, w->listed && !w->abroad &&
	    !w->was_abroad);
}

/* When the root itself is not among what is watched, nothing can be told. */
static bool
root_is_covered(struct watch *w, const struct watch_root *r)
{
	int fd = directory_open(AT_FDCWD, directory_name(
	    r->scan.state->root), true);
	bool has;

	if (fd < 0)
		return true;
	has = cover_has(&w->cover, cover_mark(&w->cover, fd, r->device,
	    r->inode));
	if (!has && !w->cover.by_inode) {
		w->cover.by_inode = true;
		has = cover_has(&w->cover, cover_mark(&w->cover, fd,
		    r->device, r->inode));
		w->cover.by_inode = has;
	}
	close(fd);
	return has;
}

void
watch_cover_read(struct watch *w)
{
	/* before: what it did not watch by then it never will */
	w->step = w->child.pid > 0 && cover_waits(w->child.pid,
	    w->child.out) ? WATCH_TRIES_IDLE : 1;
	w->listed = w->child.pid > 0 && cover_read(&w->cover, w->child.pid);
	for (size_t i = 0; i < w->nroots && w->listed; i++)
		if (w->roots[i].there)
			w->listed = root_is_covered(w, &w->roots[i]);
	watch_cover_judge(w);
}
