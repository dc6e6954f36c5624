/* One directory: its names, sorted, and what its files are. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strings.h"
#include "engine/walk_internal.h"

/* ---- opening ---- */

static bool
is_above(const struct walk_dir *d)
{
	for (const struct walk_dir *up = d->parent; up; up = up->parent)
		if (up->device == d->device && up->inode == d->inode)
			return true;
	return false;
}

/* Step by step from the nearest one above that is open.  What is changed by
 * somebody meanwhile is noticed: links are not followed. */
int
walk_fd(struct walk_dir *d, bool *own)
{
	bool parents;
	int at, fd, why;

	*own = false;
	if (d->own->fd >= 0)
		return d->own->fd;
	at = walk_fd(d->parent, &parents);
	if (at < 0)
		return -1;
	fd = directory_open(at, d->name, d->own->link);
	why = errno;
	if (parents)
		close(at);
	errno = why;
	*own = fd >= 0;
	return fd;
}

/* *own: whether to close it in the end */
static int
open_dir(struct walk *w, struct walk_dir *d, bool *own)
{
	struct file self;
	int fd = walk_fd(d, own);

	if (fd < 0 || file_look(fd, "", true, &self) != 0) {
		d->error = errno;
		return fd;
	}
	d->device = self.device;
	d->inode = self.inode;
	d->mtime = self.mtime;
	d->ctime = self.ctime;
	d->mount = d->parent && (self.mount ||
	    d->parent->device != d->device);
	d->loop = (w->o.follow || d->mount) && is_above(d);
	d->passed = d->loop || (w->o.one_file_system && d->parent &&
	    d->parent->device != d->device);
	if (w->o.mark && (!d->passed || d->loop))
		d->mark = w->o.mark(w->o.mark_ctx, fd, d->device, d->inode);
	return fd;
}

/* ---- names ---- */

struct names {
	struct buf text;
	size_t n;
	struct bytes ignore_file;
	bool ruled;		/* it is among them */
};

static void
add_name(void *ctx, const char *name, size_t n, enum file_kind kind)
{
	struct names *names = ctx;

	buf_room(&names->text, n + 2);
	buf_addc(&names->text, (char)kind);
	buf_add(&names->text, name, n);
	buf_addc(&names->text, '\0');
	names->n++;
	names->ruled = names->ruled || bytes_equal((struct bytes){ name, n },
	    names->ignore_file);
}

/* What a name is when the directory does not say, or what a link leads to */
static enum file_kind
kind_of(const struct walk *w, int fd, const unsigned char *name)
{
	enum file_kind kind = walk_kind(name);
	struct file f;

	/* (what cannot be told is looked at again, and then said) */
	if (kind == FILE_UNKNOWN)
		kind = file_look(fd, (const char *)name, false, &f) == 0 ?
		    f.kind : errno == ENOENT ? FILE_OTHER : FILE_REGULAR;
	if (kind == FILE_LINK && w->o.follow &&
	    file_look(fd, (const char *)name, true, &f) == 0 &&
	    f.kind == FILE_DIRECTORY)
		return FILE_LINK;
	if (kind == FILE_LINK)
		return w->o.follow ? FILE_REGULAR : FILE_OTHER;
	return kind;
}

/* Before where the walk begins */
static bool
is_before(const struct walk *w, const struct walk_dir *d, struct bytes name,
	bool directory)
{
	if (!d->own->on_way)
		return false;
	if (d->depth < w->from_depth)
		return !directory || bytes_compare(name, walk_way(w, d)) < 0;
	return !directory && w->o.from_name.p &&
	    bytes_compare(name, w->o.from_name) <= 0;
}

static bool
is_wanted(struct walk *w, struct walk_dir *d, struct buf *path,
	const unsigned char *name, bool directory)
{
	struct bytes b = bytes_of((const char *)name);

	if (is_before(w, d, b, directory))
		return false;
	if (!directory && w->o.ignore_file &&
	    strcmp(b.p, w->o.ignore_file) == 0)
		return false;
	return !(d->own->ruled || w->o.globs) ||
	    !walk_excluded(w, d, path, b, directory);
}

/* Sorted, each once, and parted into files and directories */
static void
choose(struct walk *w, struct walk_dir *d, int fd, size_t n)
{
	const unsigned char **v = mem_alloc((n + 1) * sizeof(*v));
	struct walk_private *own = d->own;
	const unsigned char *p = (const unsigned char *)own->names;
	const unsigned char *last = NULL;
	struct buf path = { 0 };

	for (size_t i = 0; i < n; i++) {
		v[i] = p + 1;
		p += strlen((const char *)p + 1) + 2;
	}
	strings_sort(v, n);
	walk_path(d, &path);
	for (size_t i = 0; i < n; i++) {
		enum file_kind kind = kind_of(w, fd, v[i]);
		bool directory = kind == FILE_DIRECTORY || kind == FILE_LINK;

		if (last && strcmp((const char *)last, (const char *)v[i]) ==
		    0)
			continue;
		last = v[i];
		if ((!directory && kind != FILE_REGULAR) ||
		    !is_wanted(w, d, &path, v[i], directory))
			continue;
		if (!directory) {
			v[own->nfiles++] = v[i];
			continue;
		}
		own->names[v[i] - 1 - (unsigned char *)own->names] =
		    (char)kind;
		if ((own->ndirs & (own->ndirs - 1)) == 0)
			own->dirs = mem_grow(own->dirs, own->ndirs ?
			    2 * own->ndirs : 1, sizeof(*own->dirs));
		own->dirs[own->ndirs++] = v[i];
	}
	own->files = v;
	buf_release(&path);
}

/* The names that are asked for, and on the way the one that leads there: what
 * else is in the directory is not looked at. */
static void
add_asked(struct walk *w, struct walk_dir *d, struct names *names)
{
	struct bytes way;

	if (d->depth < w->from_depth) {
		way = walk_way(w, d);
		add_name(names, way.p, way.n, FILE_UNKNOWN);
	}
	for (size_t i = 0; d->depth == w->from_depth && i < w->o.nonly; i++)
		add_name(names, w->o.only[i].p, w->o.only[i].n, FILE_UNKNOWN);
	names->ruled = w->o.ignore_file != NULL;
}

static void
list(struct walk *w, struct walk_dir *d, int fd)
{
	struct names names = { .ignore_file = bytes_of(w->o.ignore_file) };

	if (w->o.only && d->own->on_way)
		add_asked(w, d, &names);
	else if (directory_read(fd, add_name, &names) != 0)
		d->error = errno;
	if (d->error == 0 && names.ruled)
		d->error = walk_read_rules(w, d, fd);
	d->own->names = names.text.p;
	d->own->nnames = names.text.len;
	if (d->error == 0 && names.n > 0)
		choose(w, d, fd, names.n);
}

void
walk_read(struct walk *w, struct walk_dir *d)
{
	bool close_it = false, keep;
	int fd;

	d->own->ruled = d->parent && d->parent->own->ruled;
	fd = open_dir(w, d, &close_it);
	if (fd >= 0 && d->error == 0 && !d->passed)
		list(w, d, fd);
	if (!close_it)
		return;
	pthread_mutex_lock(&w->lock);
	keep = w->open < w->most_open && d->error == 0 &&
	    (d->own->ndirs > 0 || d->own->nfiles > 0);
	w->open += keep;
	pthread_mutex_unlock(&w->lock);
	if (keep)
		d->own->fd = fd;
	else
		close(fd);
}

void
walk_look_at(struct walk *w, struct walk_task *t)
{
	const struct walk_private *own = t->dir->own;
	bool close_it = false;
	int fd;

	t->n = own->nfiles - t->from;
	if (t->n > WALK_BLOCK)
		t->n = WALK_BLOCK;
	if (t->n == 0)
		return;
	t->files = mem_zero(t->n, sizeof(*t->files));
	t->wall = clock_wall(&clock_system);
	t->boot = clock_boot(&clock_system);
	fd = walk_fd(t->dir, &close_it);
	for (size_t i = 0; i < t->n; i++) {
		struct walk_file *f = &t->files[i];

		f->name = bytes_of((const char *)own->files[t->from + i]);
		if (fd < 0 || file_look(fd, f->name.p, w->o.follow,
		    &f->file) != 0)
			f->error = errno;
		else if (f->file.kind != FILE_REGULAR)
			f->error = ENOENT;
	}
	if (close_it)
		close(fd);
}
