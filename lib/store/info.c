/* The file as a whole. */
#include <string.h>

#include "store/reading.h"

/* 0: there is none */
static int64_t
size_of(const char *path, const char *suffix)
{
	int64_t size = db_size(path, suffix);

	return size < 0 ? 0 : size;
}

void
store_watch(struct store *s, progress_fn *fn, void *ctx)
{
	s->progress = fn;
	s->progress_ctx = ctx;
}

void
store_tell(struct store *s, const char *what, int64_t done, int64_t total)
{
	if (s->progress)
		s->progress(s->progress_ctx, what, done, total);
}

void
store_sizes(struct store *s, int64_t *db_bytes, int64_t *wal_bytes)
{
	*db_bytes = size_of(s->path, "");
	*wal_bytes = size_of(s->path, "-wal");
}

int64_t
store_bytes(const struct store *s)
{
	return size_of(s->path, "") + size_of(s->path, "-wal");
}

int
queue_uuid(struct db *db, char out[40], struct err *err)
{
	struct query q;
	int got = db_first(&q, db, SQL_QUEUE_UUID, err, "");

	out[0] = '\0';
	if (got < 0)
		return err->code;
	if (got == 1) {
		snprintf(out, 40, "%s", db_column_text(&q, 0));
		db_end(&q);
	}
	return 0;
}

int
info_read(struct store *s, struct store_info *out, struct err *err)
{
	struct query q;
	int got = db_first(&q, &s->db, SQL_INFO_QUEUE, err, "");

	if (got < 0)
		return err->code;
	if (got == 0)
		return err_set(err, EX_IOERR, "use %s: damaged, its first row "
		    "is gone", s->path);
	snprintf(out->uuid, sizeof(out->uuid), "%s", db_column_text(&q, 0));
	out->created = db_column_int(&q, 1);
	out->jobs = db_column_or(&q, 2, 0);
	out->history = db_column_or(&q, 3, 0);
	out->events = db_column_or(&q, 4, 0);
	db_end(&q);
	return 0;
}

int
store_info(struct store *s, struct store_info *out, struct err *err)
{
	int code = read_begin(s, err);

	memset(out, 0, sizeof(*out));
	if (code)
		return code;
	out->version = (int)s->version;
	out->sqlite_version = sqlite3_libversion_number();
	code = info_read(s, out, err);
	read_end(s);
	store_sizes(s, &out->db_bytes, &out->wal_bytes);
	return code;
}

int
store_types_each(struct store *s, type_fn *fn, void *ctx, struct err *err)
{
	int code = read_begin(s, err);

	if (code)
		return code;
	read_end(s);
	for (size_t i = 0; i < s->catalog.ntypes; i++)
		fn(ctx, s->catalog.types[i]->name);
	return 0;
}
