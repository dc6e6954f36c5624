/* Files that are there, and stored ones that are missing. */
#include <errno.h>

#include "engine/scan_internal.h"

void
scan_remember(struct scan *s, struct bytes name)
{
	struct scanning *now = s->now;

	if (s->limit == 0 && s->deadline == 0)
		return;
	buf_reset(&now->last_key);
	buf_add(&now->last_key, now->key.p, now->key.len);
	buf_reset(&now->last_name);
	buf_add(&now->last_name, name.p, name.n);
	now->has_last = name.p != NULL;
}

bool
scan_is_before(struct scan *s, struct bytes name)
{
	const struct scanning *now = s->now;

	return now->from_name.p && bytes_compare(name, now->from_name) <= 0 &&
	    bytes_equal(buf_bytes(&now->key), now->from_key);
}

static void
note(struct scan *s, const struct judgement *j, const struct seen *next)
{
	s->tally.unsettled += j->unsettled;
	s->tally.again += j->again;
	if (j->event != EVENT_NONE && j->event != EVENT_SCAN)
		s->state->run = s->policy.run;
	if (j->changed)
		part_put(s, j->keep ? next : NULL);
	else if (j->keep)
		part_keep(s);
}

static void
wait_for_it(struct scan *s, struct bytes name)
{
	struct buf *path = &s->now->path;

	buf_add(path, name.p, name.n);
	s->unsettled(s->ctx, buf_bytes(path));
	path->len -= name.n;
}

static void
is_there(struct scan *s, const struct seen *old, struct bytes name,
	const struct file *f)
{
	struct seen_policy policy = s->policy;
	struct seen next = { 0 };
	struct judgement j;

	s->tally.files++;
	if (scan_is_asked_here(s) && s->now->asked.of->settle >= 0)
		policy.settle = s->now->asked.of->settle;
	j = seen_judge(&policy, old, f, &next);
	next.name = name;
	if (old && j.keep && !j.changed)
		s->now->recognised = true;
	/* what cannot be said is as if it had not been looked at */
	if (j.event != EVENT_NONE && !scan_sayable(s, name)) {
		if (old)
			part_keep(s);
		return;
	}
	note(s, &j, &next);
	if (j.event != EVENT_NONE)
		scan_say(s, name, j.event, f);
	if (s->unsettled && (j.unsettled || (j.keep && next.racy)))
		wait_for_it(s, name);
}

void
scan_gone(struct scan *s, const struct seen *old)
{
	struct seen next = *old;
	struct judgement j = seen_judge_gone(&s->policy, old, &next);

	if (j.event != EVENT_NONE && !scan_sayable(s, old->name)) {
		part_keep(s);
		return;
	}
	note(s, &j, &next);
	if (j.event != EVENT_NONE)
		scan_say(s, old->name, j.event, NULL);
}

/* It was not among what was read.  That it is gone is believed when the system
 * says so to whoever asks for it by its name. */
static void
look_for(struct scan *s, const struct seen *old)
{
	struct scan_level *l = scan_deepest(s);
	struct buf name = { 0 };
	struct file f;

	buf_add(&name, old->name.p, old->name.n);
	s->policy.wall = clock_wall(&clock_system);
	s->policy.boot = clock_boot(&clock_system);
	errno = ENOENT;
	if (walk_look(s->now->walk, l->dir, name.p, &f) == 0 &&
	    f.kind == FILE_REGULAR)
		is_there(s, old, old->name, &f);
	else if (errno == ENOENT || errno == ENOTDIR)
		scan_gone(s, old);
	else
		part_keep(s);
	buf_release(&name);
}

/* Stored files before the name (absent: all that are left of the part) */
static int
pass_missing(struct scan *s, struct bytes name, struct err *err)
{
	struct scan_level *l = scan_deepest(s);
	int code = 0;

	while (code == 0 && !s->now->full && part_before(s, name)) {
		struct seen old = s->now->part.next;

		if (!l->trusted || scan_is_before(s, old.name) ||
		    !scan_is_asked(s, old.name))
			part_keep(s);
		else if (walk_excludes(s->now->walk, l->dir, old.name, false))
			part_put(s, NULL);
		else
			look_for(s, &old);
		scan_remember(s, old.name);
		code = part_step(s, err);
	}
	return code;
}

int
scan_end_part(struct scan *s, struct err *err)
{
	int code = pass_missing(s, BYTES_NONE, err);

	return code ? code : part_end(s, err);
}

/* Another stored part begins: the one before is done. */
static int
next_part(struct scan *s, struct err *err)
{
	const struct scan_row *row = scan_row(s);
	int code = scan_end_part(s, err);

	if (code || s->now->full)
		return code;
	code = part_begin(s, row, row->first, scan_deepest(s)->mount, err);
	return code ? code : scan_step_row(s, err);
}

int
scan_begin_files(struct scan *s, struct err *err)
{
	const struct scan_row *row = scan_row(s);
	bool stored = scan_row_is_here(s, row) && row->first.n == 0;
	int code;

	if (scan_is_asked_here(s))
		return 0;	/* each has its part read */
	code = part_begin(s, stored ? row : NULL, bytes_of(""),
	    scan_deepest(s)->mount, err);

	return code || !stored ? code : scan_step_row(s, err);
}

int
scan_take_file(struct scan *s, const struct walk_file *f, struct err *err)
{
	struct scanning *now = s->now;
	const struct scan_row *row;
	struct seen old;
	bool known;
	int code = scan_ask_files(s, f->name, err);

	row = scan_row(s);
	while (code == 0 && !now->full && scan_row_is_here(s, row) &&
	    bytes_compare(row->first, f->name) <= 0) {
		code = next_part(s, err);
		row = scan_row(s);
	}
	if (code == 0)
		code = pass_missing(s, f->name, err);
	/* one that went since the directory was read will be missing */
	if (code || now->full || f->error == ENOENT)
		return code;
	old = now->part.next;
	known = now->part.more && bytes_equal(old.name, f->name);
	if (f->error == 0)
		is_there(s, known ? &old : NULL, f->name, &f->file);
	else
		scan_unread(s, f->name, f->error);
	if (f->error && known)
		part_keep(s);
	scan_remember(s, f->name);
	return known ? part_step(s, err) : 0;
}

int
scan_end_files(struct scan *s, struct err *err)
{
	int code = scan_ask_files(s, BYTES_NONE, err);

	while (code == 0 && !s->now->full && !scan_is_asked_here(s) &&
	    scan_row_is_here(s, scan_row(s)))
		code = next_part(s, err);
	if (code == 0)
		code = scan_end_part(s, err);
	if (scan_is_asked_here(s))
		scan_no_rows(s);
	return code;
}
