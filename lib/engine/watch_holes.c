/* Directories of which nobody tells, or not under this name. */
#include <stdlib.h>
#include <string.h>

#include "engine/watch_internal.h"

/* As many are looked at now and then; with more than that the whole tree is. */
#define HOLES_MOST 1000

bool
watch_is_below(struct bytes path, const struct buf *dir)
{
	return dir->len > 0 && path.n > dir->len &&
	    path.p[dir->len] == '/' && memcmp(path.p, dir->p, dir->len) == 0;
}

static struct watch_hole *
find_hole(struct watch *w, struct bytes path)
{
	for (size_t i = 0; i < w->nholes; i++)
		if (bytes_equal(buf_bytes(&w->holes[i].path), path))
			return &w->holes[i];
	return NULL;
}

static void
keep(struct watch *w, struct bytes path, bool lasting, bool unread)
{
	struct watch_hole *hole = find_hole(w, path);

	w->child.lost = w->child.lost || !lasting;
	if (!lasting && (hole == NULL || hole->lasting))
		watch_doubt(w, "a directory is not watched");
	if (hole == NULL && w->nholes < HOLES_MOST) {
		w->holes = mem_grow(w->holes, w->nholes + 1,
		    sizeof(*w->holes));
		hole = &w->holes[w->nholes++];
		*hole = (struct watch_hole){ 0 };
		buf_add(&hole->path, path.p, path.n);
	}
	if (hole) {
		hole->found = true;
		hole->lasting = lasting;
		hole->unread = unread;
	}
	/* it is everything, or there is no room */
	if (hole == NULL || watch_is_root(w, path)) {
		w->look_whole = false;
		watch_plan_look_by(&w->plan, clock_after(w->now,
		    w->options.plan.fallback));
	}
	if (w->holes_at == INT64_MAX)
		w->holes_at = clock_after(w->now, w->options.plan.fallback);
}

void
watch_hole_keep(struct watch *w, struct bytes path, bool lasting)
{
	keep(w, path, lasting, false);
}

void
watch_hole_unread(struct watch *w, struct bytes path)
{
	keep(w, path, true, true);
}

bool
watch_has_unread(const struct watch *w)
{
	for (size_t i = 0; i < w->nholes; i++)
		if (w->holes[i].unread)
			return true;
	return false;
}

/* A watch is of a directory and not of a path: one that is in the tree twice
 * (by a bind mount, or a link to it that is a root) is told of under one of its
 * names.  The second one is noticed, and the first at the next look. */
static bool
has_other_name(struct watch *w, struct bytes path, uint64_t mark)
{
	bool known = cover_has(&w->twice, mark);

	if (w->look_root == w->nroots || cover_meet(&w->cover, mark, path))
		return known;
	if (!known)
		watch_plan_look_by(&w->plan, w->now);
	cover_add(&w->twice_found, mark);
	return true;
}

void
watch_entered(void *ctx, struct bytes path, const struct walk_dir *d)
{
	struct watch *w = ctx;
	uint64_t mark = d->mark;
	bool watched = cover_has(&w->cover, mark);

	watch_names_entered(w, path, d);
	if (!w->listed || (watched && !has_other_name(w, path, mark)) ||
	    watch_is_below(path, &w->last_hole))
		return;
	buf_reset(&w->last_hole);
	buf_add(&w->last_hole, path.p, path.n);
	if (!watched && w->tries < WATCH_TRIES)
		watch_put_dir(w, path, w->tries + w->step, mark);
	else
		watch_hole_keep(w, path, watched);
}

static void
set_due(struct watch *w)
{
	w->holes_at = w->nholes ? clock_after(w->now,
	    w->options.plan.fallback) : INT64_MAX;
}

void
watch_holes_ask(struct watch *w)
{
	set_due(w);
	for (size_t i = 0; i < w->nholes; i++) {
		struct bytes path = buf_bytes(&w->holes[i].path);

		if (!watch_is_root(w, path))
			watch_put_dir(w, path, WATCH_TRIES, 0);
	}
}

void
watch_holes_begin(struct watch *w)
{
	for (size_t i = 0; i < w->nholes; i++)
		w->holes[i].found = false;
}

void
watch_holes_end(struct watch *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->nholes; i++)
		if (w->holes[i].found)
			w->holes[n++] = w->holes[i];
		else
			buf_release(&w->holes[i].path);
	w->nholes = n;
	set_due(w);
	cover_release(&w->twice);
	w->twice = w->twice_found;
	w->twice_found = (struct cover){ 0 };
}

void
watch_holes_close(struct watch *w)
{
	for (size_t i = 0; i < w->nholes; i++)
		buf_release(&w->holes[i].path);
	free(w->holes);
	buf_release(&w->last_hole);
	cover_release(&w->twice);
	cover_release(&w->twice_found);
}
