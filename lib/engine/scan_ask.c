/* A look at a few names of one directory, instead of at everything. */
#include <stdlib.h>
#include <string.h>

#include "engine/scan_internal.h"

bool
scan_is_asked_here(const struct scan *s)
{
	const struct scan_ask *ask = s->now->asked.of;

	return ask && bytes_equal(buf_bytes(&s->now->key), ask->key);
}

static int
compare(const void *a, const void *b)
{
	const struct bytes *x = a, *y = b;

	return bytes_compare(*x, *y);
}

bool
scan_is_asked(const struct scan *s, struct bytes name)
{
	const struct scan_ask *ask = s->now->asked.of;

	return !scan_is_asked_here(s) || bsearch(&name, ask->names, ask->n,
	    sizeof(*ask->names), compare) != NULL;
}

/* ---- files ---- */

/* The part that has the name comes to be at hand. */
static int
seek_part(struct scan *s, struct bytes name, struct err *err)
{
	struct scanning *now = s->now;
	const struct scan_row *row = scan_row(s);
	struct bytes key = buf_bytes(&now->key);
	int code = 0;

	if (now->asked.files > 0) {
		if (!scan_row_is_here(s, row) ||
		    bytes_compare(row->first, name) > 0)
			return 0;
		code = scan_end_part(s, err);
	}
	now->row = 0;
	if (code == 0)
		code = store_scan_read_at(s->store, s->state, key, name,
		    &now->rows, err);
	row = scan_row(s);
	if (row && bytes_compare(row->first, name) > 0)
		row = NULL;
	if (code == 0)
		code = part_begin(s, row, row ? row->first : bytes_of(""),
		    scan_deepest(s)->mount, err);
	return code || row == NULL ? code : scan_step_row(s, err);
}

int
scan_ask_files(struct scan *s, struct bytes until, struct err *err)
{
	struct scan_asked *asked = &s->now->asked;
	int code = 0;

	if (!scan_is_asked_here(s))
		return 0;
	/* what follows a part is of the same directory */
	if (asked->files == 0) {
		buf_reset(&s->now->until);
		buf_add(&s->now->until, asked->of->key.p, asked->of->key.n);
		buf_addc(&s->now->until, '\0');
	}
	while (code == 0 && asked->files < asked->of->n && (until.p == NULL ||
	    bytes_compare(asked->of->names[asked->files], until) <= 0)) {
		code = seek_part(s, asked->of->names[asked->files], err);
		asked->files++;
	}
	return code;
}

/* ---- directories ---- */

/* Rows of the directory of that name, and of those below it */
static int
seek_rows(struct scan *s, struct bytes name, struct err *err)
{
	const struct scan_ask *ask = s->now->asked.of;
	struct buf key = { 0 }, until = { 0 };
	int code;

	buf_add(&key, ask->key.p, ask->key.n);
	if (key.len > 0)
		buf_addc(&key, '\0');
	buf_add(&key, name.p, name.n);
	buf_add(&until, key.p, key.len);
	buf_addc(&until, '\1');
	code = scan_read_rows(s, buf_bytes(&key), bytes_of(""),
	    buf_bytes(&until), err);
	buf_release(&key);
	buf_release(&until);
	return code;
}

int
scan_ask_dirs(struct scan *s, struct bytes name, struct err *err)
{
	struct scan_asked *asked = &s->now->asked;
	int code = scan_pass_rows(s, BYTES_NONE, err);

	while (code == 0 && asked->dirs < asked->of->n && (name.p == NULL ||
	    bytes_compare(asked->of->names[asked->dirs], name) < 0)) {
		code = seek_rows(s, asked->of->names[asked->dirs++], err);
		if (code == 0)
			code = scan_pass_rows(s, BYTES_NONE, err);
	}
	if (code == 0 && name.p) {
		asked->dirs++;
		code = seek_rows(s, name, err);
	}
	return code;
}

/* ---- what is not there ---- */

int
scan_ask_above(struct scan *s, struct err *err)
{
	struct scanning *now = s->now;
	struct scan_asked *asked = &now->asked;
	size_t n = scan_deepest(s)->nkey, start = n + (n > 0);
	struct buf text = { 0 };
	const char *end;

	buf_add(&text, asked->of->key.p, asked->of->key.n);
	buf_release(&asked->above_text);
	asked->above_text = text;
	end = memchr(text.p + start, '\0', text.len - start);
	asked->above_name = (struct bytes){ text.p + start, end ?
	    (size_t)(end - text.p) - start : text.len - start };
	asked->above = (struct scan_ask){ { text.p, n }, &asked->above_name, 1,
	    -1 };
	asked->of = &asked->above;
	scan_climb(s, 0);
	walk_close(now->walk);
	now->walk = NULL;
	now->from_key = asked->above.key;
	buf_reset(&now->key);
	now->path.len = s->state->root.n + 1;
	return scan_start_walk(s, err);
}
