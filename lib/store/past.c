#include <string.h>

#include "store/past.h"
#include "store/reading.h"
#include "store/schema.h"

#define CHUNK 2000

int
past_check(struct db *db, struct err *err)
{
	int64_t id = APPLICATION_ID, version = 0, tables = 0;
	struct err why;

	/* what cannot be told is damaged */
	if (db_int(db, SQL_APPLICATION, &id, 0, &why, "") ||
	    db_int(db, SQL_VERSION, &version, 0, &why, "") ||
	    db_int(db, SQL_TABLES, &tables, 0, &why, ""))
		return 0;
	if (id != APPLICATION_ID && tables)
		return err_set(err, EX_CONFIG, "restore %s: it is another "
		    "program's database; move it away", db->path);
	if (version / 1000 > schema_version() / 1000)
		return err_set(err, EX_CONFIG, "restore %s: what is there was "
		    "made by a newer iq; move it away", db->path);
	return 0;
}

static int
read_last_event(struct db *db, struct past *p, struct err *err)
{
	struct bytes hash;
	struct query q;
	int got = db_first(&q, db, SQL_EVENT_LAST, err, "");

	if (got <= 0)
		return got < 0 ? err->code : 0;
	p->seq = db_column_int(&q, 0);
	hash = db_column_bytes(&q, 1);
	if (hash.n == sizeof(p->hash))
		memcpy(p->hash, hash.p, hash.n);
	db_end(&q);
	return db_int(db, SQL_EVENT_AT, &p->at, 0, err, "i", p->seq);
}

int
past_read(struct db *db, struct past *p, struct err *err)
{
	struct query q;
	int got = db_first(&q, db, SQL_QUEUE, err, "");
	int code;

	memset(p, 0, sizeof(*p));
	if (got < 0)
		return err->code;
	if (got == 0)
		return err_set(err, EX_IOERR, "use %s: damaged, its first row "
		    "is gone", db->path);
	p->next_job = db_column_int(&q, 0);
	p->next_worker = db_column_int(&q, 1);
	p->generation = db_column_int(&q, 2);
	db_end(&q);
	code = queue_uuid(db, p->uuid, err);
	return code ? code : read_last_event(db, p, err);
}

static bool
ended(enum state s)
{
	return s == STATE_SUCCEEDED || s == STATE_CANCELLED;
}

/* Of the jobs before next: how many more have ended by these moves */
static int64_t
ends(struct bytes moves, int64_t next)
{
	size_t pos = 0;
	int64_t end = 0, n = 0, known;
	struct move m;

	while (event_next_move(moves, &pos, &end, &m) == 1) {
		known = next - m.first;
		if (known > m.count)
			known = m.count;
		if (known > 0 && ended(m.to) && !ended(m.from))
			n += known;
		else if (known > 0 && ended(m.from) && !ended(m.to) &&
		    m.to != STATE_NONE)
			n -= known;
	}
	return n;
}

static int
count_ends(struct db *db, const struct past *backup, int64_t *n,
	struct err *err)
{
	int64_t seq = backup->seq, rows;
	struct query q;
	int code, got;

	*n = 0;
	do {
		code = db_start(&q, db, SQL_LOG, err, "iii", seq, INT64_MAX,
		    (int64_t)CHUNK);
		if (code)
			return code;
		for (rows = 0; (got = db_row(&q, err)) == 1; rows++) {
			seq = db_column_int(&q, 0);
			*n += ends(db_column_bytes(&q, 4), backup->next_job);
		}
	} while (got == 0 && rows == CHUNK);
	return got < 0 ? err->code : 0;
}

void
past_compare(struct db *db, const struct past *backup,
	const struct past *old, struct restored *out)
{
	int64_t there = 0;
	struct err ignored;

	if (strcmp(backup->uuid, old->uuid) != 0)
		memcpy(out->other, old->uuid, sizeof(out->other));
	if (db_int(db, SQL_EVENT_IS, &there, 0, &ignored, "ib", backup->seq,
	    (struct bytes){ backup->hash, sizeof(backup->hash) }) || !there ||
	    db_int(db, SQL_LIVE_FROM, &out->jobs, 0, &ignored, "i",
	    backup->next_job) ||
	    count_ends(db, backup, &out->again, &ignored))
		return;
	out->known = true;
	out->events = old->seq - backup->seq;
}
