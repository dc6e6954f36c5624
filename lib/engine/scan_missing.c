/* Directories that are stored and were not walked. */
#include <errno.h>
#include <string.h>

#include "engine/scan_internal.h"

static bool
is_below(const struct scan *s, struct bytes key, const struct scan_level *l)
{
	return l->nkey == 0 || (key.n > l->nkey && key.p[l->nkey] == '\0' &&
	    memcmp(key.p, s->now->key.p, l->nkey) == 0);
}

/* What has become of a name in the deepest directory */
static enum missing
ask_for(struct scan *s, struct bytes name)
{
	struct scan_level *l = scan_deepest(s);
	struct buf text = { 0 };
	enum missing became = MISSING_KEPT;
	struct file f;

	buf_add(&text, name.p, name.n);
	if (walk_excludes(s->now->walk, l->dir, name, true))
		became = MISSING_FORGOTTEN;
	else if (walk_look(s->now->walk, l->dir, text.p, &f) == 0 ?
	    f.kind != FILE_DIRECTORY : errno == ENOENT || errno == ENOTDIR)
		became = MISSING_GONE;
	buf_release(&text);
	return became;
}

/* Of a row below the deepest directory that was walked.  The answer holds for
 * all below the same name, so it is kept. */
static void
look_for(struct scan *s, struct bytes key)
{
	struct scan_level *l = scan_deepest(s);
	struct scanning *now = s->now;
	size_t start = l->nkey + (l->nkey > 0);
	const char *end = memchr(key.p + start, '\0', key.n - start);
	struct bytes known = { key.p, end ? (size_t)(end - key.p) : key.n };

	if (now->missing.len > 0 && bytes_equal(known,
	    buf_bytes(&now->missing)))
		return;
	buf_reset(&now->missing);
	buf_add(&now->missing, known.p, known.n);
	now->became = !l->trusted ? MISSING_KEPT : ask_for(s, (struct bytes){
	    key.p + start, known.n - start });
}

static int
end_row(struct scan *s, const struct scan_row *row, struct err *err)
{
	struct scanning *now = s->now;
	int code = part_begin(s, row, row->first, false, err);

	while (code == 0 && now->part.more && !now->full) {
		struct seen old = now->part.next;

		if (scan_is_before(s, old.name))
			part_keep(s);
		else if (now->became == MISSING_GONE)
			scan_gone(s, &old);
		else
			part_put(s, NULL);
		scan_remember(s, old.name);
		code = part_step(s, err);
	}
	return code ? code : part_end(s, err);
}

int
scan_pass_rows(struct scan *s, struct bytes until, struct err *err)
{
	const struct scan_row *row;
	int code = 0;

	while (code == 0 && !s->now->full && (row = scan_row(s)) != NULL &&
	    (until.p == NULL || bytes_compare(row->key, until) < 0)) {
		/* what comes later is not below them either */
		while (!is_below(s, row->key, scan_deepest(s)))
			scan_climb(s, s->now->nlevels - 1);
		look_for(s, row->key);
		if (s->now->became != MISSING_KEPT) {
			scan_set_place(s, row->key);
			code = end_row(s, row, err);
		}
		if (code == 0)
			code = scan_step_row(s, err);
		if (code == 0)
			code = scan_flush_maybe(s, err);
	}
	return code;
}
