/*
 * Under which names the child tells.
 *
 * inotifywait keeps the paths of what it watches, and a directory that is moved
 * makes them wrong: of one that leaves the tree it forgets the top only, of one
 * that moves inside the tree it renames some of those below (its tree of names
 * is changed while it is walked).  What happens there would be told under
 * another name, perhaps one that exists.  A directory without others below is
 * safe, when both halves of the move come together.
 *
 * While it starts it hears of none: it watches a directory before the one above,
 * and what is moved between the two keeps the old name for good.  So its names
 * are right only when nothing was moved since it was started.  That is known
 * from the directories: a move changes the ctime of what is moved and the times
 * of the directory that it is in.  And where the child before it listens, it is
 * heard: in a tree in which much is made, it would not get ready without.
 */
#include "engine/watch_internal.h"

void
watch_names_hear(struct watch *w, const struct watch_record *r)
{
	bool from = r->what & WATCH_MOVED_FROM && r->what & WATCH_DIRECTORY;
	bool to = r->what & WATCH_MOVED_TO && r->what & WATCH_DIRECTORY &&
	    r->cookie == w->cookie;

	if (from && w->plan.starting && !w->hearing_next) {
		watch_unwitnessed(w);
		watch_plan_doubt(&w->plan, w->now, "a directory was moved");
	}
	if (w->moved.len > 0 && (!to || w->moved_to.len > 0))
		watch_doubt(w, "a directory was moved");
	else if (w->moved.len > 0)
		buf_add(&w->moved_to, w->path.p, w->path.len);
	buf_reset(&w->moved);
	if (from) {
		buf_add(&w->moved, w->path.p, w->path.len);
		w->cookie = r->cookie;
	}
}

/* The one before it, which stood when this one was started, has told of each
 * move meanwhile when it has lost nothing and has nothing left to tell. */
void
watch_names_ready(struct watch *w)
{
	bool heard = w->child.pid > 0 && !w->child.lost &&
	    cover_waits(w->child.pid, w->child.out);

	w->named_at = heard || w->kind != WATCH_INOTIFYWAIT ? INT64_MAX :
	    w->next.started;
	buf_reset(&w->moved);
}

static bool
was_changed(const struct watch *w, const struct walk_dir *d, int64_t wall)
{
	return d->ctime <= wall && seen_since(d->ctime, w->named_at) &&
	    d->parent && d->parent->mtime <= wall &&
	    seen_since(d->parent->mtime, w->named_at);
}

void
watch_names_entered(struct watch *w, struct bytes path,
	const struct walk_dir *d)
{
	if (watch_is_below(path, &w->moved_to)) {
		watch_doubt(w, "a directory was moved");
		buf_reset(&w->moved_to);
	}
	if (w->named_at < INT64_MAX && w->look_root < w->nroots &&
	    was_changed(w, d, clock_wall(&clock_system)))
		w->misnamed = true;
}

/* A child that got ready in the middle of it is none of those whose names it has
 * checked.  The one before it may be starting again: then it is of no interest
 * any more.  And it is not doubted twice. */
void
watch_names_looked(struct watch *w)
{
	bool doubt = w->misnamed && !w->plan.doubt;

	if ((w->look_whole && w->looked_for == w->named_at) || w->misnamed)
		w->named_at = INT64_MAX;
	w->misnamed = false;
	if (doubt) {
		watch_unwitnessed(w);
		watch_plan_doubt(&w->plan, w->now,
		    "a directory may have been moved");
	}
}

void
watch_names_idle(struct watch *w)
{
	if (w->look_root == w->nroots && w->at == w->nasks &&
	    w->dirs.nwaiting == 0 && w->dirs.nreleased == 0 &&
	    w->plan.look_at > w->now)
		buf_reset(&w->moved_to);
}
