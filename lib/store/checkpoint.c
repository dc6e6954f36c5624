/*
 * Checkpoints, inside the turn.
 *
 * One runs on a second handle while the first one holds the write lock: no
 * process can append or reset the WAL meanwhile (SQLite before 3.51.3 can lose
 * commits then), nothing waits, and copying is never interrupted.
 *
 * What has been copied back is remembered in shared memory only, which goes
 * with the last process.  A log that programs of one commit each left behind
 * would never start over, and each of them would replay all of it.  So whoever
 * copied everything back writes the first frame of the next log as well.
 */
#include <fcntl.h>

#include "store/internal.h"

/* A longer WAL costs each new process the replay of its index, so programs
 * that make a few commits keep it short for each other. */
#define FRAMES_SHORT 128
#define FRAMES_LONG 1000
#define FEW_COMMITS 8
/* So much of the log at a time is given to the disk before a checkpoint has to
 * wait for it. */
#define FRAMES_AHEAD 250

/* Nobody waits for this, nor relies on it. */
static void
write_ahead(struct store *s)
{
#ifdef SYNC_FILE_RANGE_WRITE
	if (log_open(s, &s->ahead_fd))
		sync_file_range(s->ahead_fd, 0, 0, SYNC_FILE_RANGE_WRITE);
#else
	(void)s;
#endif
}

static int
remember_frames(void *ctx, sqlite3 *db, const char *name, int frames)
{
	struct store *s = ctx;

	(void)db;
	(void)name;
	s->frames = frames;
	return SQLITE_OK;
}

void
checkpoint_watch(struct store *s)
{
	sqlite3_wal_hook(s->db.handle, remember_frames, s);
}

static int
pages_written(struct store *s)
{
	int now = 0, high;

	sqlite3_db_status(s->db.handle, SQLITE_DBSTATUS_CACHE_WRITE, &now,
	    &high, 1);
	return now;
}

/* A change and its opposite: SQLite writes the page, and starts the log over
 * for it.  Where a reader still needs the old one this is one frame more. */
static void
start_over(struct store *s)
{
	struct err ignored;

	if (db_run(&s->db, SQL_BEGIN_WRITE, &ignored, ""))
		return;
	if (db_run(&s->db, SQL_QUEUE_STEP, &ignored, "i", INT64_C(1)) ||
	    db_run(&s->db, SQL_QUEUE_STEP, &ignored, "i", INT64_C(-1)) ||
	    db_run(&s->db, SQL_COMMIT, &ignored, ""))
		db_run(&s->db, SQL_ROLLBACK, &ignored, "");
}

bool
checkpoint_now(struct store *s)
{
	struct err ignored;
	int frames = -1, copied = -1;

	if (s->copier.handle == NULL) {
		if (db_open(&s->copier, s->path, DB_WRITE, &ignored))
			return false;
		if (db_exec(&s->copier, "PRAGMA synchronous=NORMAL", &ignored))
			return false;
	}
	if (db_run(&s->db, SQL_BEGIN_WRITE, &ignored, ""))
		return false;
	/* A failure costs nothing: the frames stay and the next one tries. */
	sqlite3_wal_checkpoint_v2(s->copier.handle, NULL,
	    SQLITE_CHECKPOINT_PASSIVE, &frames, &copied);
	db_run(&s->db, SQL_ROLLBACK, &ignored, "");
	if (frames > 0 && copied == frames)
		start_over(s);
	return frames == 0 || (copied == frames && s->frames < frames);
}

void
checkpoint_maybe(struct store *s)
{
	int pages = pages_written(s);

	if (s->transactions <= FEW_COMMITS) {
		if (s->frames >= FRAMES_SHORT)
			checkpoint_now(s);
		return;
	}
	/* Each time the WAL passes a multiple: when a reader stopped the last
	 * one half-way, not every commit has to try again. */
	if (s->frames / FRAMES_LONG > (s->frames - pages) / FRAMES_LONG)
		checkpoint_now(s);
	else if (s->frames / FRAMES_AHEAD > (s->frames - pages) / FRAMES_AHEAD)
		write_ahead(s);
}

void
checkpoint_close(struct store *s)
{
	struct err ignored;

	if (s->transactions <= FEW_COMMITS || s->frames < FRAMES_SHORT)
		return;
	s->turn.deadline = NS_PER_S / 10;
	if (turnstile_enter(&s->turn, &ignored))
		return;
	checkpoint_now(s);
	turnstile_leave(&s->turn);
}
