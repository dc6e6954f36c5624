#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

const char *
disk_suffix(enum disk_name n)
{
	static const char *const suffixes[DISK_NAMES] = { "", "-wal",
	    "-journal" };

	return suffixes[n];
}

const char *
loss_name(enum loss l)
{
	static const char *const names[LOSS_COUNT] = { "nothing unsynced",
	    "everything", "the first few", "some writes",
	    "some writes, reordered", "some sectors",
	    "some sectors, reordered", "some pages, reordered",
	    "rubbish in sectors", "rubbish in sectors, reordered" };

	return names[l];
}

void
history_add(struct history *h, enum change_kind kind, enum disk_name name,
	int64_t offset, const void *p, size_t n)
{
	if (h->n == h->cap) {
		h->cap = h->cap ? 2 * h->cap : 1024;
		h->v = mem_grow(h->v, h->cap, sizeof(*h->v));
	}
	h->v[h->n++] = (struct change){ kind, name, offset,
	    n ? mem_dup(p, n) : NULL, n };
}

void
history_release(struct history *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->v[i].p);
	free(h->v);
	memset(h, 0, sizeof(*h));
}

/* ---- images ---- */

static int
write_file(const char *path, const struct buf *b)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return -1;
	rc = io_write_all(fd, b->p, b->len);
	close(fd);
	return rc;
}

int
image_write(const struct image *im, const char *dir)
{
	struct buf path = { 0 };
	int rc = 0;

	for (int i = 0; i < DISK_NAMES && rc == 0; i++) {
		buf_reset(&path);
		buf_addf(&path, "%s/queue.db%s", dir,
		    disk_suffix((enum disk_name)i));
		if (im->exists[i])
			rc = write_file(path.p, &im->files[i]);
		else if (unlink(path.p) < 0 && errno != ENOENT)
			rc = -1;
	}
	/* memory, and with it the index of the WAL, does not survive */
	buf_reset(&path);
	buf_addf(&path, "%s/queue.db-shm", dir);
	if (unlink(path.p) < 0 && errno != ENOENT)
		rc = -1;
	buf_release(&path);
	return rc;
}

void
image_copy(struct image *to, const struct image *from)
{
	for (int i = 0; i < DISK_NAMES; i++) {
		buf_reset(&to->files[i]);
		buf_add(&to->files[i], from->files[i].p, from->files[i].len);
		to->exists[i] = from->exists[i];
	}
}

void
image_release(struct image *im)
{
	for (int i = 0; i < DISK_NAMES; i++)
		buf_release(&im->files[i]);
}

/* ---- contents ---- */

static void
set_size(struct buf *b, size_t size)
{
	if (size > b->len) {
		size_t more = size - b->len;

		buf_room(b, more);
		memset(b->p + b->len, 0, more);
	}
	b->len = size;
}

static void
put(struct buf *b, const struct change *c, size_t from, size_t n)
{
	size_t at = (size_t)c->offset + from;

	if (b->len < at + n)
		set_size(b, at + n);
	memcpy(b->p + at, c->p + from, n);
}

static void
apply(struct buf *b, const struct change *c)
{
	if (c->kind == CHANGE_WRITE)
		put(b, c, 0, c->n);
	else if (c->kind == CHANGE_TRUNCATE)
		set_size(b, (size_t)c->offset);
}

/* Sectors of it: some do not arrive, some (rubbish) as something else. */
static void
apply_torn(struct buf *b, const struct change *c, size_t sector, bool rubbish,
	struct dice *dice)
{
	size_t from, n;

	for (from = 0; from < c->n; from += n) {
		size_t face = dice_below(dice, 8);

		n = sector - ((size_t)c->offset + from) % sector;
		n = n < c->n - from ? n : c->n - from;
		if (face < 3)
			continue;
		put(b, c, from, n);
		if (rubbish && face == 7)
			for (size_t i = 0; i < n; i++)
				b->p[(size_t)c->offset + from + i] =
				    (char)dice_roll(dice);
	}
}

/* ---- the disk ---- */

static int
new_file(struct disk *d)
{
	if (d->files == d->cap_files) {
		d->cap_files = d->cap_files ? 2 * d->cap_files : 8;
		d->contents = mem_grow(d->contents, d->cap_files,
		    sizeof(*d->contents));
	}
	d->contents[d->files] = (struct buf){ 0 };
	return (int)d->files++;
}

void
disk_init(struct disk *d, const struct image *base)
{
	memset(d, 0, sizeof(*d));
	for (int i = 0; i < DISK_NAMES; i++) {
		d->certain[i] = -1;
		if (base && base->exists[i]) {
			d->certain[i] = new_file(d);
			buf_add(&d->contents[d->certain[i]], base->files[i].p,
			    base->files[i].len);
		}
		d->now[i] = d->certain[i];
	}
}

static bool
of_names(const struct change *c)
{
	return c->kind == CHANGE_CREATE || c->kind == CHANGE_REMOVE;
}

static void
settle_names(struct disk *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n; i++) {
		struct pending *p = &d->pending[i];

		if (of_names(p->change))
			d->certain[p->change->name] =
			    p->change->kind == CHANGE_CREATE ? p->file : -1;
		else
			d->pending[kept++] = *p;
	}
	d->n = kept;
}

static void
settle_contents(struct disk *d, int file)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n; i++) {
		struct pending *p = &d->pending[i];

		if (p->file == file && !of_names(p->change))
			apply(&d->contents[file], p->change);
		else
			d->pending[kept++] = *p;
	}
	d->n = kept;
}

void
disk_step(struct disk *d, const struct change *c)
{
	if (c->kind == CHANGE_SYNC_NAMES) {
		settle_names(d);
		return;
	}
	/* what nobody has seen being made is not of this disk */
	if (c->kind != CHANGE_CREATE && d->now[c->name] < 0)
		abort();
	if (c->kind == CHANGE_SYNC) {
		settle_contents(d, d->now[c->name]);
		return;
	}
	if (c->kind == CHANGE_CREATE)
		d->now[c->name] = new_file(d);
	if (d->n == d->cap) {
		d->cap = d->cap ? 2 * d->cap : 64;
		d->pending = mem_grow(d->pending, d->cap,
		    sizeof(*d->pending));
	}
	d->pending[d->n++] = (struct pending){ c, d->now[c->name] };
	if (c->kind == CHANGE_REMOVE)
		d->now[c->name] = -1;
}

void
disk_release(struct disk *d)
{
	for (size_t i = 0; i < d->files; i++)
		buf_release(&d->contents[i]);
	free(d->contents);
	free(d->pending);
	memset(d, 0, sizeof(*d));
}

/* ---- what is found afterwards ---- */

static void
shuffle(size_t *v, size_t n, struct dice *dice)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = dice_below(dice, i), x = v[i - 1];

		v[i - 1] = v[k];
		v[k] = x;
	}
}

/* How many of n arrive at least, counted from the first */
static size_t
arrived(enum loss how, size_t n, struct dice *dice)
{
	if (how == LOSS_ALL)
		return 0;
	if (how == LOSS_NONE)
		return n;
	return dice_below(dice, n + 1);
}

static void
lose_names(const struct disk *d, enum loss how, struct dice *dice,
	int names[DISK_NAMES])
{
	size_t n = 0, upto, seen = 0;

	for (size_t i = 0; i < d->n; i++)
		n += of_names(d->pending[i].change);
	upto = arrived(how, n, dice);
	for (size_t i = 0; i < d->n && seen < upto; i++) {
		const struct pending *p = &d->pending[i];

		if (!of_names(p->change))
			continue;
		seen++;
		names[p->change->name] = p->change->kind == CHANGE_CREATE ?
		    p->file : -1;
	}
}

static void
lose_one(struct buf *b, const struct change *c, enum loss how,
	struct dice *dice)
{
	bool rubbish = how >= LOSS_RUBBISH;

	if (how <= LOSS_TAIL)
		apply(b, c);
	else if (how <= LOSS_SOME_REORDERED || c->kind != CHANGE_WRITE) {
		if (dice_one_in(dice, 2))
			apply(b, c);
	} else if (!dice_one_in(dice, 3)) {
		apply_torn(b, c, how == LOSS_PAGES ? 4096 : 512, rubbish,
		    dice);
	}
}

static bool
reordered(enum loss how)
{
	return how == LOSS_SOME_REORDERED || how == LOSS_SECTORS_REORDERED ||
	    how == LOSS_PAGES || how == LOSS_RUBBISH_REORDERED;
}

void
disk_image(const struct disk *d, enum loss how, struct dice *dice,
	struct image *out)
{
	int names[DISK_NAMES];
	size_t upto = how == LOSS_TAIL || how <= LOSS_NONE ?
	    arrived(how, d->n, dice) : d->n;
	size_t *order = mem_alloc((d->n + 1) * sizeof(*order));

	memcpy(names, d->certain, sizeof(names));
	lose_names(d, how, dice, names);
	for (size_t i = 0; i < d->n; i++)
		order[i] = i;
	if (reordered(how))
		shuffle(order, d->n, dice);
	for (int i = 0; i < DISK_NAMES; i++) {
		struct buf *b = &out->files[i];

		buf_reset(b);
		out->exists[i] = names[i] >= 0;
		if (out->exists[i])
			buf_add(b, d->contents[names[i]].p,
			    d->contents[names[i]].len);
	}
	for (size_t i = 0; i < upto; i++) {
		const struct pending *p = &d->pending[order[i]];

		if (!of_names(p->change) && p->file >= 0 &&
		    names[p->change->name] == p->file)
			lose_one(&out->files[p->change->name], p->change, how,
			    dice);
	}
	free(order);
}
