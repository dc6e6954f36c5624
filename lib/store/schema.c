/* Birth and versions of the queue file. */
#include <fcntl.h>
#include <bsd/stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/internal.h"
#include "store/schema.h"


int
schema_version(void)
{
	const struct migration *m = schema_migrations();
	int version = SCHEMA_FIRST;

	for (; m->version; m++)
		version = m->version;
	return version;
}

static void
make_uuid(char out[40])
{
	unsigned char b[16];

	arc4random_buf(b, sizeof(b));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	snprintf(out, 40, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5],
	    b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

int
sync_directory(const char *path, struct err *err)
{
	char *dir = mem_strdup(path), *slash = strrchr(dir, '/');
	int fd, code = 0;

	slash[slash == dir] = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		code = err_errno(err, EX_IOERR, "sync directory %s", dir);
	if (fd >= 0)
		close(fd);
	free(dir);
	return code;
}

static int
first_rows(struct store *s, struct err *err)
{
	static const char insert[] = "INSERT INTO queue(id, uuid, created_at,"
	    " next_job, next_worker, generation, paused, lock_inode,"
	    " lock_boot) VALUES(1, $1, $2, 1, 1, 1, 0, $3, $4)";
	char uuid[40];
	sqlite3_stmt *q;
	int rc;

	make_uuid(uuid);
	rc = sqlite3_prepare_v2(s->db.handle, insert, -1, &q, NULL);
	if (rc != SQLITE_OK)
		return db_error(&s->db, rc, "create", err);
	sqlite3_bind_text(q, 1, uuid, -1, SQLITE_STATIC);
	sqlite3_bind_int64(q, 2, clock_wall(s->clock));
	sqlite3_bind_int64(q, 3, s->inode);
	sqlite3_bind_text(q, 4, s->boot, -1, SQLITE_STATIC);
	rc = sqlite3_step(q);
	sqlite3_finalize(q);
	return rc == SQLITE_DONE ? 0 : db_error(&s->db, rc, "create", err);
}

/* Everything or nothing: a file whose birth was interrupted has no tables and
 * is born again by the next one. */
static int
give_birth(struct store *s, struct err *err)
{
	char version[64];
	int code;

	code = db_exec(&s->db, "PRAGMA page_size=4096;"
	    "PRAGMA auto_vacuum=INCREMENTAL;PRAGMA journal_mode=WAL;"
	    "PRAGMA synchronous=FULL;BEGIN IMMEDIATE", err);
	if (code)
		return code;
	snprintf(version, sizeof(version),
	    "PRAGMA application_id=%d;PRAGMA user_version=%d",
	    APPLICATION_ID, schema_version());
	code = db_exec(&s->db, schema_sql, err);
	if (code == 0)
		code = first_rows(s, err);
	if (code == 0)
		code = db_exec(&s->db, version, err);
	if (code == 0)
		code = db_exec(&s->db, "COMMIT", err);
	else
		sqlite3_exec(s->db.handle, "ROLLBACK", NULL, NULL, NULL);
	if (code == 0)
		code = sync_directory(s->path, err);
	s->created = code == 0;
	return code;
}

static int
first_event(struct store *s, struct err *err)
{
	int code = tx_begin(s, err);

	if (code)
		return code;
	if (s->tx.seq == 0)
		event_detail(tx_event(s, KIND_INIT), "{\"version\":%d}",
		    schema_version());
	return tx_end(s, 0, err);
}

static int
create_in_turn(struct store *s, struct err *err)
{
	int64_t tables, id;
	int code = turnstile_enter(&s->turn, err);

	if (code)
		return code;
	/* somebody may have been faster */
	code = db_int(&s->db, SQL_APPLICATION, &id, 0, err, "");
	if (code == 0 && id == 0) {
		code = db_int(&s->db, SQL_TABLES, &tables, 0, err, "");
		if (code == 0 && tables)
			code = err_set(err, EX_CONFIG, "use %s: it is another "
			    "program's database", s->path);
		if (code == 0)
			code = give_birth(s, err);
	}
	turnstile_leave(&s->turn);
	return code;
}

/* Not a queue: what is it, then? */
static int
refuse_other(struct store *s, int64_t id, struct err *err)
{
	int64_t tables = 0;
	int code = db_int(&s->db, SQL_TABLES, &tables, 0, err, "");

	if (code)
		return code;
	if (id == 0 && tables == 0)
		return err_set(err, EX_NOINPUT, "open %s: no queue yet, its "
		    "making was interrupted, or it is a copy without its log; "
		    "make it with: iq-db init -q %s", s->path, s->path);
	return err_set(err, EX_CONFIG, "use %s: not a queue of iq "
	    "(application id %#llx)", s->path, (long long)id);
}

static int
read_version(struct store *s, struct err *err)
{
	return db_int(&s->db, SQL_VERSION, &s->version, 0, err, "");
}

/* Who only reads can read an older minor version, which has less.  An older
 * major one has other tables: only who asks for nothing but what all versions
 * have can read that. */
static int
check_version(struct store *s, struct err *err)
{
	int64_t version, known = schema_version();
	int code = read_version(s, err);

	version = s->version;
	if (code)
		return code;
	if (version < SCHEMA_FIRST)
		return err_set(err, EX_IOERR, "use %s: damaged, there is no "
		    "schema %d.%d", s->path, (int)(version / 1000),
		    (int)(version % 1000));
	if (version / 1000 > known / 1000)
		return err_set(err, EX_CONFIG, "use %s: made by a newer iq "
		    "(schema %d.%d, this one knows %d); upgrade iq", s->path,
		    (int)(version / 1000), (int)(version % 1000),
		    (int)(known / 1000));
	if (version / 1000 < known / 1000 && s->mode == STORE_READ &&
	    !s->any_older)
		return err_set(err, EX_CONFIG, "read %s: made by an older iq "
		    "(schema %d.%d, this one reads %d); upgrade it with: "
		    "iq-db init -q %s", s->path, (int)(version / 1000),
		    (int)(version % 1000), (int)(known / 1000), s->path);
	return 0;
}

/* The file is as this program wants it afterwards. */
static int
bring_up_to_date(struct store *s, struct err *err)
{
	int code;

	if (s->version >= schema_version())
		return 0;
	s->upgraded_from = (int)s->version;
	code = schema_migrate(s, err);
	/* somebody else may have, and further */
	return code ? code : check_version(s, err);
}

int
schema_look(struct store *s, struct err *err)
{
	int code = read_version(s, err);

	if (code)
		return code;
	s->outdated = s->version / 1000 > schema_version() / 1000;
	if (s->outdated && s->worker == 0)
		return err_set(err, EX_TEMPFAIL, "use %s: a newer iq has "
		    "upgraded it meanwhile (schema %d.%d, this one knows %d)",
		    s->path, (int)(s->version / 1000),
		    (int)(s->version % 1000), schema_version() / 1000);
	return 0;
}

static int
check_wal(struct store *s, struct err *err)
{
	sqlite3_stmt *st;
	const char *mode;
	int rc = sqlite3_prepare_v2(s->db.handle, "PRAGMA journal_mode", -1,
	    &st, NULL);
	int code = 0;

	if (rc != SQLITE_OK)
		return db_error(&s->db, rc, "open", err);
	rc = sqlite3_step(st);
	mode = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) :
	    NULL;
	if (mode == NULL)
		code = db_error(&s->db, rc, "open", err);
	else if (strcmp(mode, "wal") != 0)
		code = err_set(err, EX_IOERR, "use %s: its journal mode is "
		    "%s, not WAL; somebody changed it: sqlite3 FILE 'PRAGMA "
		    "journal_mode=WAL'", s->path, mode);
	sqlite3_finalize(st);
	return code;
}

int
schema_open(struct store *s, struct err *err)
{
	int64_t id = 0;
	int code = db_int(&s->db, SQL_APPLICATION, &id, 0, err, "");

	if (code == 0 && id == 0 && s->mode == STORE_CREATE) {
		code = create_in_turn(s, err);
		if (code == 0)
			code = db_int(&s->db, SQL_APPLICATION, &id, 0, err,
			    "");
	}
	if (code == 0 && id != APPLICATION_ID)
		code = refuse_other(s, id, err);
	if (code == 0)
		code = check_version(s, err);
	if (code == 0 && !s->db.still)
		code = check_wal(s, err);
	checkpoint_watch(s);
	if (code == 0 && s->mode != STORE_READ)
		code = db_exec(&s->db, "PRAGMA synchronous=NORMAL", err);
	if (code == 0 && s->mode != STORE_READ)
		code = bring_up_to_date(s, err);
	if (code == 0 && s->created)
		code = first_event(s, err);
	if (code == 0 && s->created)
		code = store_sync(s, err);
	return code;
}
