/*
 * Reading the audit log.  A chunk of rows is read in a snapshot of its own and
 * handed on when that has ended, so that no reader stands in the way of a
 * checkpoint while somebody looks at a page of it.
 */
#include "store/log.h"

#include <stdlib.h>

#include "store/anchor.h"

#define CHUNK 1000
#define CHUNK_BYTES ((size_t)4 << 20)	/* or this much of them */

struct chunk {
	struct entry v[CHUNK];
	size_t n;
	struct arena arena;	/* of what they point to */
};

void
entry_read(struct query *q, struct entry *e)
{
	*e = (struct entry){ db_column_int(q, 0), db_column_int(q, 1),
	    db_column_int(q, 2), db_column_bytes(q, 3), db_column_bytes(q, 4),
	    db_column_bytes(q, 5), db_column_bytes(q, 6) };
}

static void
keep_entry(struct query *q, struct arena *a, struct entry *e)
{
	entry_read(q, e);
	e->actor = arena_copy(a, e->actor);
	e->moves = arena_copy(a, e->moves);
	e->detail = arena_copy(a, e->detail);
	e->hash = arena_copy(a, e->hash);
}

/* The hash of an event that is there, or of an anchor */
static int
find_hash(struct store *s, int64_t seq, unsigned char *hash, bool *found,
	struct err *err)
{
	enum statement which = s->version < ANCHOR_VERSION ? SQL_LOG_HASH :
	    SQL_LOG_HASH_ANCHORED;
	struct query q;
	struct bytes b;
	int got, code = db_start(&q, &s->db, which, err, "i", seq);

	*found = false;
	if (code)
		return code;
	got = db_row(&q, err);
	if (got == 1) {
		b = db_column_bytes(&q, 0);
		*found = b.n == EVENT_HASH_SIZE;
		if (*found)
			memcpy(hash, b.p, b.n);
		db_end(&q);
	}
	return got < 0 ? err->code : 0;
}

static int
read_span(struct store *s, struct log_span *span, struct err *err)
{
	int code = db_int(&s->db, SQL_LOG_FIRST, &span->first, 0, err, "");

	return code ? code : db_int(&s->db, SQL_EVENT_LAST, &span->last, 0,
	    err, "");
}

static int
is_other(struct store *s, const struct log_anchor *a, bool *other,
	struct err *err)
{
	static const unsigned char unknown[EVENT_HASH_SIZE];
	unsigned char hash[EVENT_HASH_SIZE];
	struct log_span span;
	bool found;
	int code = read_span(s, &span, err);

	if (code == 0)
		code = find_hash(s, a->seq, hash, &found, err);
	*other = code == 0 && (a->seq > span.last || (found &&
	    memcmp(a->hash, unknown, sizeof(hash)) != 0 &&
	    memcmp(a->hash, hash, sizeof(hash)) != 0));
	return code;
}

static int
read_rows(struct store *s, int64_t after, int64_t last, struct chunk *c,
	struct err *err)
{
	struct query q;
	int got = 1, code = db_start(&q, &s->db, SQL_LOG, err, "iii", after,
	    last, (int64_t)CHUNK);

	while (code == 0 && (got = db_row(&q, err)) == 1) {
		keep_entry(&q, &c->arena, &c->v[c->n++]);
		if (arena_used(&c->arena) >= CHUNK_BYTES) {
			db_end(&q);
			break;
		}
	}
	return got < 0 ? err->code : code;
}

/* other: NULL when it is not asked */
static int
read_chunk(struct store *s, const struct log_anchor *from, int64_t last,
	bool *other, struct chunk *c, struct err *err)
{
	int code = read_begin(s, err);

	if (code)
		return code;
	c->n = 0;
	arena_reset(&c->arena);
	if (other)
		code = is_other(s, from, other, err);
	if (code == 0 && !(other && *other))
		code = read_rows(s, from->seq, last, c, err);
	read_end(s);
	return code;
}

static int
read_log(struct store *s, struct log_anchor *from, int64_t last, bool *other,
	log_fn *fn, void *ctx, struct err *err)
{
	struct chunk *c = mem_zero(1, sizeof(*c));
	bool stopped = false;
	int code;

	do {
		code = read_chunk(s, from, last, other, c, err);
		for (size_t i = 0; code == 0 && i < c->n && !stopped; i++) {
			stopped = fn(ctx, &c->v[i]);
			from->seq = c->v[i].seq;
			if (c->v[i].hash.n == sizeof(from->hash))
				memcpy(from->hash, c->v[i].hash.p,
				    sizeof(from->hash));
		}
	} while (code == 0 && c->n > 0 && !stopped);
	arena_release(&c->arena);
	free(c);
	return code;
}

int
store_log(struct store *s, int64_t *after, int64_t last, log_fn *fn,
	void *ctx, struct err *err)
{
	struct log_anchor from = { .seq = *after };
	int code = read_log(s, &from, last, NULL, fn, ctx, err);

	*after = from.seq;
	return code;
}

int
store_log_on(struct store *s, struct log_anchor *from, bool *other,
	log_fn *fn, void *ctx, struct err *err)
{
	*other = false;
	return read_log(s, from, INT64_MAX, other, fn, ctx, err);
}

int
store_log_restored(struct store *s, int64_t *seq, struct err *err)
{
	int code = read_begin(s, err);

	if (code)
		return code;
	code = db_int(&s->db, SQL_LOG_KIND_LAST, seq, 0, err, "i",
	    (int64_t)KIND_RESTORE);
	read_end(s);
	return code;
}

/* ---- where ---- */

int
store_log_span(struct store *s, struct log_span *span, struct err *err)
{
	int code = read_begin(s, err);

	if (code)
		return code;
	code = read_span(s, span, err);
	read_end(s);
	return code;
}

/* The first one from seq on that is there, and its time; 0: none */
static int
time_from(struct store *s, int64_t *seq, int64_t *at, struct err *err)
{
	struct query q;
	int code = db_start(&q, &s->db, SQL_LOG_TIME, err, "i", *seq);
	int got;

	*seq = *at = 0;
	if (code)
		return code;
	got = db_row(&q, err);
	if (got == 1) {
		*seq = db_column_int(&q, 0);
		*at = db_column_int(&q, 1);
		db_end(&q);
	}
	return got < 0 ? err->code : 0;
}

/* All before low are earlier, all from high on are not. */
static int
halve(struct store *s, int64_t at, int64_t low, int64_t high, int64_t *seq,
	struct err *err)
{
	while (low < high) {
		int64_t middle = low + (high - low) / 2, found = middle, time;
		int code = time_from(s, &found, &time, err);

		if (code)
			return code;
		if (found && time < at)
			low = found + 1;
		else
			high = middle;
	}
	*seq = low;
	return 0;
}

int
store_log_at(struct store *s, int64_t at, int64_t *seq, struct err *err)
{
	struct log_span span;
	int code = read_begin(s, err);

	if (code)
		return code;
	code = read_span(s, &span, err);
	if (code == 0)
		code = halve(s, at, span.first, span.last + 1, seq, err);
	read_end(s);
	return code;
}

int
store_log_before(struct store *s, int64_t seq,
	unsigned char hash[EVENT_HASH_SIZE], struct err *err)
{
	bool found;
	int code;

	memset(hash, 0, EVENT_HASH_SIZE);
	if (seq <= 1)
		return 0;
	code = read_begin(s, err);
	if (code)
		return code;
	code = find_hash(s, seq - 1, hash, &found, err);
	read_end(s);
	if (code == 0 && !found)
		code = err_set(err, EX_IOERR, "read event %lld: what it hangs "
		    "on is gone; see iq-log --verify", (long long)seq);
	return code;
}

/* ---- what its numbers stand for ---- */

int
store_settle(struct store *s, struct err *err)
{
	/* who wrote it may not have synced yet */
	s->unsynced = true;
	return store_sync(s, err);
}

const char *
store_type_name(struct store *s, int64_t id)
{
	struct type *t = catalog_type(s, id);

	return t ? t->name : NULL;
}

struct path {
	int64_t job;
	struct bytes path;
};

/* *first becomes that of the next chunk. */
static int
read_paths(struct store *s, int64_t *first, int64_t last, struct path *v,
	size_t *n, struct arena *a, struct err *err)
{
	struct query q;
	int got = 0, code = read_begin(s, err);

	if (code)
		return code;
	*n = 0;
	code = db_start(&q, &s->db, SQL_LOG_PATHS, err, "iii", *first, last,
	    (int64_t)CHUNK);
	while (code == 0 && (got = db_row(&q, err)) == 1) {
		*first = db_column_int(&q, 0) + 1;
		v[(*n)++] = (struct path){ *first - 1,
		    arena_copy(a, db_column_bytes(&q, 1)) };
	}
	read_end(s);
	return got < 0 ? err->code : code;
}

int
store_paths(struct store *s, int64_t first, int64_t count, path_fn *fn,
	void *ctx, struct err *err)
{
	struct path *v = mem_alloc(CHUNK * sizeof(*v));
	int64_t last = first + count - 1;
	struct arena a = { 0 };
	size_t n;
	int code;

	do {
		arena_reset(&a);
		code = read_paths(s, &first, last, v, &n, &a, err);
		for (size_t i = 0; code == 0 && i < n; i++)
			fn(ctx, v[i].job, v[i].path);
	} while (code == 0 && n == CHUNK);
	arena_release(&a);
	free(v);
	return code;
}
