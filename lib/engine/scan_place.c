#include <errno.h>

#include "engine/scan_internal.h"

/* ---- where we are ---- */

void
scan_climb(struct scan *s, size_t levels)
{
	struct scanning *now = s->now;

	while (now->nlevels > levels)
		walk_drop(now->walk, now->levels[--now->nlevels].dir);
}

void
scan_set_place(struct scan *s, struct bytes key)
{
	struct scan_level *l = scan_deepest(s);
	struct scanning *now = s->now;
	size_t start = l->nkey + (l->nkey > 0), at = l->npath;

	now->path.len = at;
	buf_add(&now->path, key.p + start, key.n - start);
	for (; at < now->path.len; at++)
		if (now->path.p[at] == '\0')
			now->path.p[at] = '/';
	buf_addc(&now->path, '/');
	buf_reset(&now->key);
	buf_add(&now->key, key.p, key.n);
}

void
scan_unread(struct scan *s, struct bytes name, int why)
{
	struct buf *path = &s->now->path;
	size_t before = path->len;

	s->tally.unread++;
	/* of a directory without the "/" at its end */
	path->len -= name.n == 0 && path->len > 1;
	buf_add(path, name.p, name.n);
	s->unread(s->ctx, buf_bytes(path), why);
	path->len = before;
	path->p[before - 1] = '/';
}

bool
scan_is_on_way(const struct scan *s)
{
	return s->now->from_key.p && bytes_compare(buf_bytes(&s->now->key),
	    s->now->from_key) < 0;
}

/* ---- from one directory to the next ---- */

/* What is stored says that something was mounted here. */
static int
was_mount(struct scan *s, bool *was, struct err *err)
{
	const struct scan_row *row = scan_row(s);
	struct scan_rows here = { 0 };
	struct seen_list l;
	int code = 0;

	/* there, and of what is asked for, the rows were not read */
	if (scan_is_on_way(s) || s->now->asked.of) {
		code = store_scan_read_at(s->store, s->state,
		    buf_bytes(&s->now->key), bytes_of(""), &here, err);
		row = here.n > 0 ? here.v : NULL;
	}
	*was = code == 0 && scan_row_is_here(s, row) &&
	    seen_read(row->files, &l) == 0 && l.mount;
	scan_rows_release(&here);
	return code;
}

static void
look_at_root(struct scan *s, const struct walk_dir *d)
{
	const struct scan_state *state = s->state;
	struct scanning *now = s->now;

	now->device = d->device;
	now->inode = d->inode;
	now->other_root = (state->device || state->inode) &&
	    (state->device != d->device || state->inode != d->inode);
}

/* A share that is not mounted looks like an empty directory.  One that went
 * since its parent was read is no mistake. */
static int
push_level(struct scan *s, struct walk_dir *d, struct err *err)
{
	struct scanning *now = s->now;
	struct scan_level *l;
	bool lost = false, went;
	int code = d->mount ? 0 : was_mount(s, &lost, err);

	if (now->nlevels == now->cap_levels) {
		now->cap_levels = now->cap_levels ? 2 * now->cap_levels : 16;
		now->levels = mem_grow(now->levels, now->cap_levels,
		    sizeof(*now->levels));
	}
	l = &now->levels[now->nlevels++];
	walk_hold(now->walk, d);
	*l = (struct scan_level){ d, now->key.len, now->path.len,
	    d->error == 0 && !d->passed && !lost &&
	    (d->parent ? l[-1].trusted : !now->other_root),
	    d->mount || lost };
	went = d->parent && (d->error == ENOENT || d->error == ENOTDIR ||
	    d->error == ELOOP);
	if (lost || (d->error && !went))
		scan_unread(s, bytes_of(""), d->error);
	return code;
}

/* One of the names that are asked for is a directory. */
static bool
scan_is_asked_below(const struct scan *s, const struct walk_dir *d)
{
	const struct scanning *now = s->now;
	const struct scan_ask *ask = now->asked.of;

	return ask && now->asked.reached && d->depth > 0 &&
	    now->nlevels >= d->depth &&
	    now->levels[d->depth - 1].nkey == ask->key.n;
}

static void
tell_entered(struct scan *s, const struct walk_dir *d)
{
	struct bytes path = buf_bytes(&s->now->path);

	path.n -= path.n > 1;
	s->entered(s->ctx, path, d);
}

static int
enter(struct scan *s, struct walk_dir *d, struct err *err)
{
	struct scanning *now = s->now;
	struct buf key = { 0 };
	int code = 0;

	s->tally.directories++;
	if (d->parent == NULL) {
		look_at_root(s, d);
	} else {
		buf_add(&key, now->key.p, now->levels[d->depth - 1].nkey);
		if (key.len > 0)
			buf_addc(&key, '\0');
		buf_add(&key, d->name, d->nname);
		if (scan_is_asked_below(s, d))
			code = scan_ask_dirs(s, bytes_of(d->name), err);
		if (code == 0)
			code = scan_pass_rows(s, buf_bytes(&key), err);
		scan_climb(s, d->depth);
		if (code == 0 && !now->full)
			scan_set_place(s, buf_bytes(&key));
	}
	buf_release(&key);
	if (code || now->full)
		return code;
	scan_remember(s, BYTES_NONE);
	code = push_level(s, d, err);
	if (scan_is_asked_here(s))
		now->asked.reached = true;
	else if (s->entered && !scan_is_on_way(s) && !d->error &&
	    (!d->passed || d->loop))
		tell_entered(s, d);
	return code;
}

static int
skip_rows(struct scan *s, struct err *err)
{
	int code = 0;

	while (code == 0 && scan_row_is_here(s, scan_row(s)))
		code = scan_step_row(s, err);
	return code;
}

int
scan_take_block(struct scan *s, const struct walk_block *b, struct err *err)
{
	struct scanning *now = s->now;
	int code = b->first ? enter(s, b->dir, err) : 0;

	if (code || now->full || scan_is_on_way(s))
		return code;
	if (b->dir->error || b->dir->passed)
		return skip_rows(s, err);
	s->policy.wall = b->wall;
	s->policy.boot = b->boot;
	if (b->first)
		code = scan_begin_files(s, err);
	for (size_t i = 0; i < b->n && code == 0 && !now->full; i++)
		code = scan_take_file(s, &b->files[i], err);
	if (code == 0 && (b->last || now->full))
		code = scan_end_files(s, err);
	return code ? code : scan_flush_maybe(s, err);
}
