/*
 * Durability, outside the turn.
 *
 * A commit writes to the WAL without a sync; the turn is given back, and only
 * then is the WAL synced, through SQLite's own handle.  So writers that wait
 * for the disk share its flushes.  t/chaos/powercut shows that nothing
 * acknowledged is lost, and that without this sync it is.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/internal.h"
#include "store/syncer.h"

/* ---- the log ---- */

bool
log_open(const struct store *s, int *fd)
{
	char *path = NULL;

	if (*fd < 0 && asprintf(&path, "%s-wal", s->path) > 0)
		*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	free(path);
	return *fd >= 0;
}

void
log_close(struct store *s)
{
	if (s->log_fd >= 0)
		close(s->log_fd);
	s->log_fd = -1;
}

/* As SQLite has it open; NULL: it has not */
static sqlite3_file *
log_of(struct db *db)
{
	sqlite3_file *log = NULL;

	if (sqlite3_file_control(db->handle, "main",
	    SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK)
		return NULL;
	return log && log->pMethods ? log : NULL;
}

/* ---- syncs ---- */

/*
 * What the system could not write it takes for written from then on, and tells
 * nobody who asks later.  A power cut would end the log there, with whatever
 * had followed.  It is all in memory still: so it is copied back, and the log
 * begins anew.
 */
static int
close_gap(struct store *s, struct err *err)
{
	bool held = s->turn.held;
	int code;

	s->gap = true;
	code = turnstile_enter(&s->turn, err);
	if (code)
		return code;
	s->gap = !checkpoint_now(s);
	if (!held)
		turnstile_leave(&s->turn);
	return s->gap ? err_set(err, EX_IOERR, "sync %s: a part of its log "
	    "could not be written earlier", s->path) : 0;
}

/* Jobs below that id are on the disk, if rc says so. */
static int
note_sync(struct store *s, int rc, int64_t job, struct err *err)
{
	struct err ignored;
	int code;

	if (rc != SQLITE_OK) {
		s->unsynced = true;
		code = db_error(&s->db, rc, "sync", err);
		close_gap(s, &ignored);
		return code;
	}
	if (s->synced_job < job)
		s->synced_job = job;
	return 0;
}

/* An error is told once, to the first one that asks: so what a thread heard
 * counts before what is heard now. */
static int
take_result(struct store *s, struct err *err)
{
	int rc;

	return syncer_result(s->syncer, &rc) ?
	    note_sync(s, rc, s->asked_job, err) : 0;
}

int
store_sync(struct store *s, struct err *err)
{
	sqlite3_file *log;
	int code = take_result(s, err);

	if (code || !s->unsynced)
		return code;
	if (s->gap)
		code = close_gap(s, err);
	if (code)
		return code;
	if (s->log_fd >= 0 && fdatasync(s->log_fd) < 0)
		return err_set(err, EX_IOERR, "sync %s: %s: outcome unknown, "
		    "repeat with the same key", s->path,
		    sqlite3_errstr(SQLITE_IOERR));
	log = queue_is_open(s) ? log_of(&s->db) : NULL;
	code = note_sync(s, log ? syncer_sync(log) : SQLITE_OK, s->known_job,
	    err);
	s->unsynced = code != 0;
	return code;
}

int
store_sync_job(struct store *s, int64_t job, struct err *err)
{
	int code = take_result(s, err);

	return code || job < s->synced_job ? code : store_sync(s, err);
}

void
sync_begin(struct store *s)
{
	s->syncer = syncer_start(&s->mail);
}

void
sync_end(struct store *s)
{
	struct err ignored;

	take_result(s, &ignored);
	syncer_stop(s->syncer);
	s->syncer = NULL;
}

int
sync_look(struct store *s, struct err *err)
{
	return syncer_is_through(s->syncer) ? take_result(s, err) : 0;
}

bool
sync_ask(struct store *s, const uint32_t *slots, size_t n, int *code,
	struct err *err)
{
	sqlite3_file *log = log_of(&s->db);

	*code = take_result(s, err);
	if (s->syncer == NULL || log == NULL || *code || s->gap)
		return false;
	syncer_ask(s->syncer, log, slots, n);
	/* whatever is committed from now on is not asked for */
	s->asked_job = s->known_job;
	s->unsynced = false;
	return true;
}
