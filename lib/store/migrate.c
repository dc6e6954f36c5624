/* From an older schema to this program's, a transaction for each step. */
#include "store/internal.h"
#include "store/room.h"
#include "store/schema.h"

#define LITTLE (INT64_C(1) << 20)	/* that steps write beside the history */

/* A new major copies the history, in one transaction: the log gets the copy and
 * what the old one leaves, which SQLite may overwrite; and the file grows by the
 * copy while the log is still there. */
static int
check_room(struct store *s, int64_t from, struct err *err)
{
	struct buf what = { 0 };
	int code;

	if (from / 1000 == schema_version() / 1000)
		return 0;
	buf_addf(&what, "upgrade %s", s->path);
	code = room_need(s->path, 3 * store_bytes(s) + LITTLE, what.p, err);
	buf_release(&what);
	return code;
}

/* The generation rises, so that whoever has the queue open looks at its
 * version again. */
static int
apply(struct store *s, const struct migration *m, int64_t from,
	struct err *err)
{
	struct err why;
	char version[48];
	int code = db_exec(&s->db, m->sql, &why);

	if (code)
		return err_set(err, code, "upgrade to schema %d.%d (%s): %s",
		    m->version / 1000, m->version % 1000, m->name, why.text);
	snprintf(version, sizeof(version), "PRAGMA user_version=%d",
	    m->version);
	code = db_exec(&s->db, version, err);
	if (code == 0)
		code = db_run(&s->db, SQL_GENERATION_STEP, err, "");
	event_detail(tx_event(s, KIND_MIGRATE),
	    "{\"from\":%d,\"to\":%d,\"name\":\"%s\"}", (int)from, m->version,
	    m->name);
	return code;
}

/* Nothing of an older schema is read but its version and the log. */
static int
take_step(struct store *s, const struct migration *m, struct err *err)
{
	int64_t from;
	int code = tx_open(s, err);

	if (code)
		return code;
	/* somebody may have been faster */
	code = db_int(&s->db, SQL_VERSION, &from, 0, err, "");
	if (code == 0 && from < m->version) {
		code = check_room(s, from, err);
		if (code == 0)
			code = apply(s, m, from, err);
	}
	return tx_end(s, code, err);
}

int
schema_migrate(struct store *s, struct err *err)
{
	const struct migration *m;
	int code = 0;

	for (m = schema_migrations(); m->version && code == 0; m++)
		if (m->version > s->version)
			code = take_step(s, m, err);
	return code ? code : store_sync(s, err);
}
