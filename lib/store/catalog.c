/* Types, lanes, settings and pauses, kept in memory and read again when the
 * queue's generation has risen. */
#include <stdlib.h>
#include <string.h>

#include "store/internal.h"

static void
type_free(struct type *t)
{
	for (int k = 0; k < SET_COUNT; k++)
		free(t->set[k]);
	free(t->effective);
	free(t->terms);
	free(t->name);
	free(t);
}

void
catalog_release(struct catalog *c)
{
	for (size_t i = 0; i < c->ntypes; i++)
		type_free(c->types[i]);
	for (size_t i = 0; i < c->nlanes; i++)
		free(c->lanes[i]);
	for (int k = 0; k < SET_COUNT; k++)
		free(c->global[k]);
	free(c->effective);
	free(c->types);
	free(c->lanes);
	memset(c, 0, sizeof(*c));
}

struct type *
catalog_type(struct store *s, int64_t id)
{
	for (size_t i = 0; i < s->catalog.ntypes; i++)
		if (s->catalog.types[i]->id == id)
			return s->catalog.types[i];
	return NULL;
}

static struct lane *
find_lane(const struct catalog *c, int64_t id)
{
	/* lanes are numbered from 1 in the order of their making */
	if (id >= 1 && (size_t)id <= c->nlanes && c->lanes[id - 1]->id == id)
		return c->lanes[id - 1];
	for (size_t i = 0; i < c->nlanes; i++)
		if (c->lanes[i]->id == id)
			return c->lanes[i];
	return NULL;
}

struct lane *
catalog_lane(struct store *s, int64_t id)
{
	return find_lane(&s->catalog, id);
}

struct type *
catalog_find(struct store *s, const char *name, size_t n)
{
	struct catalog *c = &s->catalog;

	for (size_t i = 0; i < c->ntypes; i++)
		if (strncmp(c->types[i]->name, name, n) == 0 &&
		    c->types[i]->name[n] == '\0')
			return c->types[i];
	return NULL;
}

static struct type *
nearest_parent(struct store *s, const char *name)
{
	char up[TYPE_MAX + 1], at[TYPE_MAX + 1];
	struct type *t;

	snprintf(at, sizeof(at), "%s", name);
	while (type_parent(at, up)) {
		t = catalog_find(s, up, strlen(up));
		if (t)
			return t;
		memcpy(at, up, sizeof(at));
	}
	return NULL;
}

static struct type *
add_type(struct store *s, int64_t id, const char *name)
{
	struct catalog *c = &s->catalog;
	struct type *t = mem_zero(1, sizeof(*t));

	t->id = id;
	t->name = mem_strdup(name);
	t->parent = nearest_parent(s, name);
	c->types = mem_grow(c->types, c->ntypes + 1, sizeof(*c->types));
	c->types[c->ntypes++] = t;
	return t;
}

static struct lane *
add_lane(struct store *s, int64_t id, struct type *t, int class, int priority)
{
	struct catalog *c = &s->catalog;
	struct lane *l = mem_zero(1, sizeof(*l));

	l->id = id;
	l->type = t;
	l->class = class;
	l->priority = priority;
	t->lanes[class][priority - 1] = l;
	c->lanes = mem_grow(c->lanes, c->nlanes + 1, sizeof(*c->lanes));
	c->lanes[c->nlanes++] = l;
	return l;
}

static int
type_order(const void *va, const void *vb)
{
	const struct type *const *a = va, *const *b = vb;

	return strcmp((*a)->name, (*b)->name);
}

/* Each comes after its parents, which were made first.  Sorting them here takes
 * less than to have an ORDER BY compiled. */
static int
read_types(struct store *s, struct err *err)
{
	struct query q;
	int code, got;

	code = db_start(&q, &s->db, SQL_CATALOG_TYPES, err, "");
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		struct type *t = add_type(s, db_column_int(&q, 0),
		    db_column_text(&q, 1));
		t->paused = db_column_int(&q, 2);
		t->paused_until = db_column_or(&q, 3, 0);
		t->remember = db_column_int(&q, 4);
	}
	if (s->catalog.ntypes > 1)
		qsort(s->catalog.types, s->catalog.ntypes,
		    sizeof(*s->catalog.types), type_order);
	return got < 0 ? err->code : 0;
}

static int
read_lanes(struct store *s, struct err *err)
{
	struct query q;
	int code, got;

	code = db_start(&q, &s->db, SQL_CATALOG_LANES, err, "");
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		struct type *t = catalog_type(s, db_column_int(&q, 1));
		int64_t class = db_column_int(&q, 2);
		int64_t priority = db_column_int(&q, 3);

		/* a damaged file may have anything there */
		if (t && class >= 0 && class < TURN_CLASSES && priority >= 1 &&
		    priority <= TURN_PRIORITIES)
			add_lane(s, db_column_int(&q, 0), t, (int)class,
			    (int)priority);
	}
	return got < 0 ? err->code : 0;
}

static int
read_settings(struct store *s, struct err *err)
{
	struct query q;
	int code, got;

	code = db_start(&q, &s->db, SQL_CATALOG_SETTINGS, err, "");
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		int64_t id = db_column_int(&q, 0);
		int k = setting_find(db_column_text(&q, 1));
		struct type *t = id ? catalog_type(s, id) : NULL;
		char **at;

		/* a newer program's setting: not ours to use */
		if (k < 0 || (id && t == NULL))
			continue;
		at = t ? &t->set[k] : &s->catalog.global[k];
		free(*at);
		*at = mem_strdup(db_column_text(&q, 2));
	}
	return got < 0 ? err->code : 0;
}

/* What our jobs were charged is known to nobody else.  A lane that was made in
 * a transaction that came to nothing owes nothing. */
static void
keep_owed(struct catalog *to, const struct catalog *from)
{
	for (size_t i = 0; i < to->nlanes; i++) {
		struct lane *l = to->lanes[i];
		const struct lane *was = find_lane(from, l->id);

		if (was == NULL)
			continue;
		l->rate = was->rate;
		l->joined = was->joined;
		l->owed = was->owed;
		l->nowed = was->nowed;
	}
}

static void
swap(struct catalog *a, struct catalog *b)
{
	struct catalog c = *a;

	*a = *b;
	*b = c;
}

int
catalog_refresh(struct store *s, const struct queue_row *row, struct err *err)
{
	struct catalog *c = &s->catalog, former = *c;
	int code;

	if (c->loaded && c->generation == row->generation)
		return 0;
	*c = (struct catalog){ .generation = row->generation,
	    .paused = row->paused, .paused_until = row->paused_until };
	code = read_types(s, err);
	if (code == 0)
		code = read_lanes(s, err);
	if (code == 0)
		code = read_settings(s, err);
	if (code == 0)
		keep_owed(c, &former);
	else
		swap(c, &former);
	catalog_release(&former);
	c->loaded = code == 0;
	return code;
}

int
catalog_make_type(struct store *s, struct bytes name, struct type **out,
	struct err *err)
{
	struct type *t = catalog_find(s, name.p, name.n);
	char text[TYPE_MAX + 1], up[TYPE_MAX + 1];
	int64_t id;
	int code;

	if (t) {
		*out = t;
		return 0;
	}
	code = type_check(name, err);
	if (code)
		return code;
	snprintf(text, sizeof(text), "%.*s", (int)name.n, name.p);
	/* Parents first: they carry pauses, caps and settings. */
	if (type_parent(text, up)) {
		code = catalog_make_type(s, bytes_of(up), &t, err);
		if (code)
			return code;
	}
	code = db_int(&s->db, SQL_TYPE_INSERT, &id, 0, err, "t", text);
	if (code)
		return code;
	event_detail(tx_event(s, KIND_TYPE), "{\"id\":%lld,\"name\":\"%s\"}",
	    (long long)id, text);
	s->tx.regenerate = true;
	*out = add_type(s, id, text);
	return 0;
}

int
catalog_make_lane(struct store *s, struct type *t, int class, int priority,
	struct lane **out, struct err *err)
{
	int64_t id;
	int code;

	*out = t->lanes[class][priority - 1];
	if (*out)
		return 0;
	code = db_int(&s->db, SQL_LANE_INSERT, &id, 0, err, "iii", t->id,
	    (int64_t)class, (int64_t)priority);
	if (code)
		return code;
	s->tx.regenerate = true;
	*out = add_lane(s, id, t, class, priority);
	return 0;
}

bool
catalog_paused(struct store *s, const struct type *t, int64_t now)
{
	if (s->catalog.paused && (s->catalog.paused_until == 0 ||
	    s->catalog.paused_until > now))
		return true;
	for (; t; t = t->parent)
		if (t->paused && (t->paused_until == 0 ||
		    t->paused_until > now))
			return true;
	return false;
}

int64_t
catalog_pause_end(struct store *s, int64_t now)
{
	struct catalog *c = &s->catalog;
	int64_t end = c->paused && c->paused_until > now ? c->paused_until : 0;

	for (size_t i = 0; i < c->ntypes; i++) {
		const struct type *t = c->types[i];

		if (t->paused && t->paused_until > now &&
		    (end == 0 || t->paused_until < end))
			end = t->paused_until;
	}
	return end;
}
