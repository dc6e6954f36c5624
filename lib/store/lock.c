/* What a worker holds while it lives, and a slot while its handler does: locks
 * on bytes of a file of their own.  The kernel drops them exactly then, and
 * shows them to processes of every PID namespace. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lockbyte.h"
#include "store/claim.h"

/* Bytes of each worker: one per slot, then its own.  The file stays empty: a
 * lock needs no byte. */
#define BASE (INT64_C(1) << 32)
#define BYTES_PER_WORKER (STORE_SLOTS + 1)

int64_t
store_slot_offset(int64_t worker, int slot)
{
	return BASE + worker * BYTES_PER_WORKER + slot;
}

static int64_t
worker_offset(int64_t worker)
{
	return store_slot_offset(worker, STORE_SLOTS);
}

int64_t
worker_of_byte(int64_t offset)
{
	return offset < BASE ? 0 : (offset - BASE) / BYTES_PER_WORKER;
}

/* A lock on another file than the one that others look at would be seen by
 * nobody: the job would be taken back while it runs.  And behind another
 * sidecar they take other turns. */
static bool
is_ours(const struct store *s, int fd)
{
	struct stat sidecar, st;

	return stat(s->sidecar, &sidecar) == 0 && fstat(fd, &st) == 0 &&
	    sidecars_id(sidecar.st_ino, st.st_ino) == s->inode;
}

/* On a fresh open file description; *fd -1: somebody else holds it */
static int
take(struct store *s, int64_t offset, int *fd, struct err *err)
{
	int got;

	*fd = open(s->locks, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0 && errno != ENOENT)
		return err_errno(err, err_shortage(errno) ? EX_TEMPFAIL :
		    EX_IOERR, "open %s", s->locks);
	if (*fd < 0 || !is_ours(s, *fd)) {
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
		return sidecar_error(s, err);
	}
	got = lockbyte_take(*fd, offset);
	if (got == 1)
		return 0;
	if (got < 0)
		err_errno(err, EX_IOERR, "lock %s", s->locks);
	close(*fd);
	*fd = -1;
	return got < 0 ? EX_IOERR : 0;
}

int
store_slot_lock(struct store *s, int64_t worker, int slot, int *fd,
	struct err *err)
{
	return take(s, store_slot_offset(worker, slot), fd, err);
}

bool
store_slot_held(struct store *s, int64_t worker, int slot)
{
	return lockbyte_held(s->locks_fd, store_slot_offset(worker, slot)) != 0;
}

/* What cannot be asked counts as held: nothing is taken from it.  The worker
 * first: a slot that is locked when it is alive and free when it is dead is
 * free for ever, but not the other way round. */
bool
slot_held(struct store *s, int64_t worker, int slot)
{
	return s->locks_fd < 0 ||
	    lockbyte_held(s->locks_fd, worker_offset(worker)) ||
	    lockbyte_held(s->locks_fd, store_slot_offset(worker, slot));
}

int
worker_lock(struct store *s, int64_t worker, bool *taken, struct err *err)
{
	int fd, code = take(s, worker_offset(worker), &fd, err);

	*taken = fd >= 0;
	if (*taken) {
		worker_unlock(s);
		s->worker_fd = fd;
	}
	return code;
}

int
store_worker_lock(const struct store *s)
{
	return s->worker_fd;
}

/* Also one that no queue that can be read knows of */
int
worker_lives_any(struct store *s, int64_t *worker, struct err *err)
{
	int64_t at;
	int held = lockbyte_held_beyond(s->locks_fd, BASE, &at);

	if (held < 0)
		return err_errno(err, EX_IOERR, "look at the locks of %s",
		    s->locks);
	*worker = held ? worker_of_byte(at) : 0;
	return 0;
}

void
worker_unlock(struct store *s)
{
	if (s->worker_fd >= 0)
		close(s->worker_fd);
	s->worker_fd = -1;
}

int
sidecar_look(struct store *s, struct err *err)
{
	struct query q;
	int got = db_first(&q, &s->db, SQL_CHECK_SIDECAR, err, "");

	if (got <= 0)
		return got < 0 ? err->code : 0;
	s->wrong_sidecar = db_column_int(&q, 0) != s->inode &&
	    strcmp(db_column_text(&q, 1), s->boot) == 0;
	db_end(&q);
	return 0;
}

bool
worker_lives(struct store *s, int64_t worker, const struct proc_id *who)
{
	/* its lock is on a file that we do not see */
	if (s->locks_fd < 0 || s->wrong_sidecar)
		return proc_alive(who);
	return lockbyte_held(s->locks_fd, worker_offset(worker)) != 0;
}
