/* The lists of files that a scan makes from the stored ones. */
#include <string.h>

#include "engine/scan_internal.h"

/* A list that gets longer than that is parted, so that what is acknowledged one
 * by one does not copy a long list each time. */
#define LONGEST 8192
#define USUAL 4096

int
part_step(struct scan *s, struct err *err)
{
	struct scan_part *p = &s->now->part;
	int got;

	p->at = (size_t)((const char *)p->old.p - p->before.p);
	got = seen_next(&p->old, &p->next);
	p->more = got == 1;
	return got < 0 ? scan_damaged(s->state, err) : 0;
}

int
part_begin(struct scan *s, const struct scan_row *row, struct bytes first,
	bool mount, struct err *err)
{
	struct scan_part *p = &s->now->part;

	p->stored = row != NULL;
	buf_reset(&p->first);
	buf_add(&p->first, first.p, first.n);
	buf_reset(&p->list);
	p->cut = p->cut_records = 0;
	buf_reset(&p->before);
	if (row)
		buf_add(&p->before, row->files.p, row->files.n);
	if (seen_read(buf_bytes(&p->before), &p->old) != 0)
		return scan_damaged(s->state, err);
	p->mount = mount;
	p->changed = mount != p->old.mount;
	/* that something is mounted there is worth a row of its own */
	if (p->changed && mount)
		seen_header(&p->list, true);
	return part_step(s, err);
}

bool
part_before(const struct scan *s, struct bytes name)
{
	const struct scan_part *p = &s->now->part;

	return p->more && (name.p == NULL ||
	    bytes_compare(p->next.name, name) < 0);
}

/* All that is in the list, and nothing else since the last one, was said in the
 * records up to there. */
static void
put(struct scan *s, size_t n, size_t records)
{
	struct scanning *now = s->now;
	struct scan_part *p = &now->part;

	if (p->changed && (n > 0 || p->stored))
		scan_put(s, &(struct scan_row){ buf_bytes(&now->key),
		    buf_bytes(&p->first), n ? (struct bytes){ p->list.p, n } :
		    BYTES_NONE, !p->stored });
	now->covered = records;
	p->changed = false;
}

/* The first part of the list becomes one of its own. */
static void
part_it(struct scan *s)
{
	struct scan_part *p = &s->now->part;
	struct buf rest = { 0 };
	struct seen_list l;
	struct seen f;

	p->changed = true;
	put(s, p->cut, p->cut_records);
	seen_header(&rest, p->mount);
	buf_add(&rest, p->list.p + p->cut, p->list.len - p->cut);
	buf_release(&p->list);
	p->list = rest;
	p->cut = 0;
	seen_read(buf_bytes(&rest), &l);
	seen_next(&l, &f);
	buf_reset(&p->first);
	buf_add(&p->first, f.name.p, f.name.n);
	p->stored = false;
	p->changed = true;
}

/* Where the list is to be parted */
static void
note_cut(struct scan *s, size_t at)
{
	s->now->part.cut = at;
	s->now->part.cut_records = s->now->records.len;
}

static void
add(struct scan *s, const struct seen *f)
{
	struct scan_part *p = &s->now->part;

	if (p->list.len > LONGEST)
		part_it(s);
	if (p->cut == 0 && p->list.len >= USUAL)
		note_cut(s, p->list.len);
	seen_add(&p->list, p->mount, f);
}

/* From here on the list is another one.  Nothing in it was offered so far. */
static void
change(struct scan *s)
{
	struct scan_part *p = &s->now->part;
	struct seen_list l;
	struct seen f;

	if (p->changed)
		return;
	p->changed = true;
	buf_add(&p->list, p->before.p, p->at);
	if (seen_read(buf_bytes(&p->list), &l) != 0 || p->list.len < USUAL)
		return;
	while ((size_t)((const char *)l.p - p->list.p) < USUAL)
		if (seen_next(&l, &f) != 1)
			return;
	note_cut(s, (size_t)((const char *)l.p - p->list.p));
}

void
part_keep(struct scan *s)
{
	if (s->now->part.changed)
		add(s, &s->now->part.next);
}

void
part_put(struct scan *s, const struct seen *f)
{
	change(s);
	if (f)
		add(s, f);
}

int
part_end(struct scan *s, struct err *err)
{
	struct scan_part *p = &s->now->part;
	int code = 0;

	while (code == 0 && p->changed && p->more) {
		part_keep(s);
		code = part_step(s, err);
	}
	p->more = false;
	if (code == 0)
		put(s, p->list.len, s->now->records.len);
	return code;
}
