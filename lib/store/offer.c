#include "store/offer.h"

#include <stdlib.h>
#include <string.h>

#include "rules/seen.h"

void
offers_release(struct offers *o)
{
	for (size_t i = 0; i < o->n; i++)
		buf_release(&o->v[i].root);
	free(o->v);
	buf_release(&o->key);
	buf_release(&o->first);
	buf_release(&o->files);
	*o = (struct offers){ 0 };
}

/* As a rule there is none. */
static int
load(struct store *s, struct offers *o, struct err *err)
{
	struct query q;
	int64_t open;
	int got = -1, code = db_int(&s->db, SQL_SCAN_OPEN, &open, 0, err, "ii",
	    o->from.device, o->from.inode);

	o->loaded = true;
	if (code || !open)
		return code;
	code = db_start(&q, &s->db, SQL_SCAN_OFFERS, err, "ii", o->from.device,
	    o->from.inode);
	while (code == 0 && (got = db_row(&q, err)) == 1) {
		struct bytes root = db_column_bytes(&q, 1);
		const char *type = db_column_text(&q, 2);
		struct offering *f;

		o->v = mem_grow(o->v, o->n + 1, sizeof(*o->v));
		f = &o->v[o->n++];
		*f = (struct offering){ .id = db_column_int(&q, 0),
		    .acknowledged = (uint64_t)db_column_int(&q, 3),
		    .apart = db_column_int(&q, 4) };
		if (root.n)
			buf_add(&f->root, root.p, root.n);
		snprintf(f->type, sizeof(f->type), "%s", type ? type : "");
	}
	return got < 0 ? (code ? code : err->code) : 0;
}

/* One of the types is the other, or above it. */
static bool
related(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	if (n > m)
		return related(b, a);
	return memcmp(a, b, n) == 0 && (b[n] == '\0' || b[n] == '/');
}

/* A file below the root: its directory's key, and its name */
static bool
split(const struct offering *f, struct bytes path, struct bytes *dir,
	struct bytes *name)
{
	size_t n = f->root.len, slash = path.n;

	if (path.n <= n + 1 || path.p[n] != '/' ||
	    (n > 0 && memcmp(path.p, f->root.p, n) != 0))
		return false;
	while (path.p[slash - 1] != '/')
		slash--;
	*name = (struct bytes){ path.p + slash, path.n - slash };
	*dir = (struct bytes){ path.p + n + 1, slash > n + 1 ? slash - n - 2 :
	    0 };
	return name->n > 0;
}

static int
damaged(const struct offering *f, struct err *err)
{
	return err_set(err, EX_IOERR, "read what is known of %.*s: damaged; "
	    "iq-scan --reset forgets it", (int)f->root.len, f->root.p);
}

static int
put_part(struct store *s, struct offers *o, struct err *err)
{
	int code = 0;

	if (o->changed)
		code = db_run(&s->db, SQL_SCAN_PUT, err, "ibbb", o->of->id,
		    (struct bytes){ o->key.p, o->key.len },
		    (struct bytes){ o->first.p, o->first.len },
		    (struct bytes){ o->files.p, o->files.len });
	o->changed = false;
	o->of = NULL;
	return code;
}

/* The part that has the name, in o, if there is one; o->key is set. */
static int
get_part(struct store *s, struct offers *o, struct offering *f,
	struct bytes name, struct err *err)
{
	struct query q;
	struct bytes first, files;
	int got = db_first(&q, &s->db, SQL_SCAN_PART, err, "ibb", f->id,
	    (struct bytes){ o->key.p, o->key.len }, name);

	if (got <= 0)
		return got < 0 ? err->code : 0;
	first = db_column_bytes(&q, 0);
	files = db_column_bytes(&q, 1);
	buf_reset(&o->first);
	buf_reset(&o->files);
	buf_add(&o->first, first.p, first.n);
	buf_add(&o->files, files.p, files.n);
	db_end(&q);
	o->of = f;
	o->at = 0;
	return 0;
}

static bool
is_at_hand(const struct offers *o, const struct offering *f,
	struct bytes dir)
{
	const char *key = o->key.p;

	if (o->of != f || o->key.len != dir.n)
		return false;
	for (size_t i = 0; i < dir.n; i++)
		if (key[i] != (dir.p[i] == '/' ? '\0' : dir.p[i]))
			return false;
	return true;
}

static void
set_key(struct buf *key, struct bytes dir)
{
	buf_reset(key);
	buf_add(key, dir.p, dir.n);
	for (size_t i = 0; i < key->len; i++)
		if (key->p[i] == '/')
			key->p[i] = '\0';
}

/* *done: 1 it was open, 0 it was not, -1 damaged */
static void
mark(struct offers *o, struct bytes name, int *done)
{
	*done = seen_acknowledge(o->files.p, o->files.len, name,
	    o->of->acknowledged, &o->at);
	if (*done == 1) {
		o->changed = true;
		o->of->taken++;
	}
}

static int
take(struct store *s, struct offers *o, struct offering *f, struct bytes dir,
	struct bytes name, struct err *err)
{
	int done = 0, code;

	if (is_at_hand(o, f, dir)) {
		mark(o, name, &done);
		if (done == 1)
			return 0;
	}
	/* another part of the same directory may have it */
	code = put_part(s, o, err);
	if (code)
		return code;
	set_key(&o->key, dir);
	code = get_part(s, o, f, name, err);
	if (code == 0 && o->of)
		mark(o, name, &done);
	return code ? code : done < 0 ? damaged(f, err) : 0;
}

int
offers_take(struct store *s, struct offers *o, struct bytes path,
	const char *type, struct err *err)
{
	struct bytes dir, name;
	int code = 0;

	if (path.p == NULL)
		return 0;
	if (!o->loaded)
		code = load(s, o, err);
	for (size_t i = 0; i < o->n && code == 0; i++) {
		struct offering *f = &o->v[i];

		if ((f->type[0] == '\0' || related(f->type, type)) &&
		    split(f, path, &dir, &name))
			code = take(s, o, f, dir, name, err);
	}
	return code;
}

int
offers_end(struct store *s, struct offers *o, struct err *err)
{
	int code = put_part(s, o, err);

	for (size_t i = 0; i < o->n && code == 0; i++)
		if (o->v[i].taken)
			code = db_run(&s->db, SQL_SCAN_TAKEN, err, "iii",
			    o->v[i].id, o->v[i].taken,
			    (int64_t)o->v[i].apart);
	return code;
}
