/* The directories of a walk: made, held and forgotten under its lock. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/walk_internal.h"

struct walk_dir *
walk_new_dir(struct walk *w, struct walk_dir *parent, struct bytes name)
{
	struct walk_dir *d = mem_zero(1, sizeof(*d) + name.n + 1);

	d->own = mem_zero(1, sizeof(*d->own));
	d->own->refs = 1;
	d->own->fd = -1;
	d->nname = name.n;
	memcpy(d->name, name.p, name.n);
	d->parent = parent;
	if (parent) {
		parent->own->refs++;
		d->depth = parent->depth + 1;
		d->own->on_way = parent->own->on_way &&
		    parent->depth < w->from_depth &&
		    bytes_equal(name, walk_way(w, parent));
	}
	return d;
}

static void
forget_names(struct walk *w, struct walk_dir *d)
{
	w->bytes -= d->own->nnames;
	free(d->own->names);
	free(d->own->files);
	free(d->own->dirs);
	d->own->names = NULL;
	d->own->files = d->own->dirs = NULL;
	d->own->nnames = 0;
}

void
walk_unref(struct walk *w, struct walk_dir *d)
{
	while (d && --d->own->refs == 0) {
		struct walk_dir *parent = d->parent;

		forget_names(w, d);
		globs_release(&d->own->rules);
		if (d->own->fd >= 0) {
			close(d->own->fd);
			w->open--;
		}
		free(d->own);
		free(d);
		d = parent;
	}
}

void
walk_forget_done(struct walk *w, struct walk_dir *d)
{
	size_t blocks = d->own->nfiles ? (d->own->nfiles + WALK_BLOCK - 1) /
	    WALK_BLOCK : 1;

	if (d->own->looked == blocks && d->own->expanded == d->own->ndirs)
		forget_names(w, d);
}

struct bytes
walk_way(const struct walk *w, const struct walk_dir *d)
{
	struct bytes rest = w->o.from_key;
	const char *end;

	for (size_t i = 0; i < d->depth; i++) {
		end = (const char *)memchr(rest.p, '\0', rest.n) + 1;
		rest.n -= (size_t)(end - rest.p);
		rest.p = end;
	}
	end = memchr(rest.p, '\0', rest.n);
	if (end)
		rest.n = (size_t)(end - rest.p);
	return rest;
}

void
walk_hold(struct walk *w, struct walk_dir *d)
{
	pthread_mutex_lock(&w->lock);
	d->own->refs++;
	pthread_mutex_unlock(&w->lock);
}

void
walk_drop(struct walk *w, struct walk_dir *d)
{
	pthread_mutex_lock(&w->lock);
	walk_unref(w, d);
	pthread_mutex_unlock(&w->lock);
}

int
walk_look(struct walk *w, struct walk_dir *d, const char *name,
	struct file *out)
{
	bool close_it;
	int fd = walk_fd(d, &close_it), code, why;

	if (fd < 0)
		return -1;
	code = file_look(fd, name, w->o.follow, out);
	why = errno;
	if (close_it)
		close(fd);
	errno = why;
	return code;
}
