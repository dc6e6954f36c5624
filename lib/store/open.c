#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/io.h"
#include "base/proc.h"
#include "store/internal.h"
#include "store/place.h"
#include "store/schema.h"

#define STANDARD_DEADLINE (30 * NS_PER_S)

/* root working on somebody's queue must not lock him out */
static int
give_to_owner(const struct store *s, const char *path, int fd,
	const struct stat *st, struct err *err)
{
	struct stat db;

	if (s->mode == STORE_READ || geteuid() != 0 ||
	    stat(s->path, &db) < 0 || db.st_uid == st->st_uid)
		return 0;
	return fchown(fd, db.st_uid, db.st_gid) < 0 ?
	    err_errno(err, EX_NOPERM, "chown %s", path) : 0;
}

/* Who only reads makes no file beside the queue: *fd -1 when it is not there.
 * (Not to wait for the other end of a fifo in its place.) */
static int
open_beside(const struct store *s, const char *path, int *fd,
	struct stat *st, struct err *err)
{
	bool reads = s->mode == STORE_READ;
	mode_t mask = umask(077);
	int why;

	*fd = open(path, (reads ? O_RDONLY : O_RDWR | O_CREAT) |
	    O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	why = errno;
	umask(mask);
	errno = why;
	if (*fd < 0 && errno == ENOENT && reads)
		return 0;
	if (*fd < 0)
		return err_errno(err, errno == ELOOP || errno == EACCES ?
		    EX_NOPERM : err_shortage(errno) ? EX_TEMPFAIL :
		    EX_CANTCREAT, "open %s", path);
	if (fstat(*fd, st) < 0)
		return err_errno(err, EX_IOERR, "look at %s", path);
	if (!S_ISREG(st->st_mode) || st->st_nlink != 1 ||
	    (st->st_uid != geteuid() && geteuid() != 0))
		return err_set(err, EX_NOPERM, "use %s: not a regular file "
		    "of yours", path);
	if (st->st_mode & 077)
		return err_set(err, EX_NOPERM, "use %s: others may read or "
		    "write it; chmod 600 it", path);
	if (!reads && st->st_size == 0)
		allocate_in_place(*fd);
	return give_to_owner(s, path, *fd, st, err);
}

int64_t
sidecars_id(ino_t sidecar, ino_t locks)
{
	uint64_t a = sidecar, b = locks;

	return (int64_t)(a ^ (b << 32 | b >> 32));
}

/* Where the locks are that handlers inherit: not on the sidecar, or each could
 * take the turn for ever, and read and write what others have posted. */
static int
open_locks(struct store *s, struct err *err)
{
	struct stat sidecar, st;
	int code;

	if (s->locks_fd >= 0)
		return 0;
	code = open_beside(s, s->locks, &s->locks_fd, &st, err);
	if (code || s->locks_fd < 0 || s->turn.fd < 0)
		return code;
	if (fstat(s->turn.fd, &sidecar) < 0)
		return err_errno(err, EX_IOERR, "look at %s", s->sidecar);
	s->inode = sidecars_id(sidecar.st_ino, st.st_ino);
	return 0;
}

static void
make_actor(struct store *s, const char *program)
{
	char user[64];

	proc_user(user, sizeof(user));
	proc_host(s->host, sizeof(s->host));
	buf_addf(&s->actor, "%s@%s %d %s", user, s->host, (int)getpid(),
	    program ? program : "libiq");
}

bool
queue_is_open(const struct store *s)
{
	return s->db.handle != NULL;
}

bool
store_moved(struct store *s)
{
	return queue_is_open(s) && db_moved(&s->db);
}

int
store_still_there(struct store *s, struct err *err)
{
	return store_moved(s) ? err_set(err, EX_NOINPUT, "use %s: what was "
	    "opened is not there any more, somebody moved, deleted or "
	    "replaced it", s->path) : 0;
}

bool
queue_file(struct store *s, struct file_id *id)
{
	return queue_is_open(s) ? db_file(&s->db, id) :
	    place_file(s->path, id);
}

int
queue_open(struct store *s, struct err *err)
{
	mode_t mask;
	int code;

	if (queue_is_open(s))
		return store_still_there(s, err);
	proc_boot_id(s->boot);
	code = open_locks(s, err);
	if (code)
		return code;
	mask = umask(077);
	code = db_open(&s->db, s->path, s->mode == STORE_CREATE ? DB_CREATE :
	    s->mode == STORE_WRITE ? DB_WRITE : DB_READ, err);
	if (code == 0)
		code = schema_open(s, err);
	umask(mask);
	if (code)
		db_close(&s->db);
	return code;
}

/* Whoever may make the queue makes its directory, too. */
static bool
makes(enum store_mode mode)
{
	return mode == STORE_CREATE || mode == STORE_PLACE;
}

/* Makes sure of the place, and opens what is beside the queue. */
static int
open_place(struct store *s, bool anew, bool *exists, struct err *err)
{
	struct stat st;
	int code = place_check(s->path, exists, err);

	if (code == 0 && s->mode != STORE_PLACE && (*exists || !anew))
		code = db_lost(s->path, err);
	if (code)
		return code;
	if (!*exists && !makes(s->mode))
		return err_set(err, EX_NOINPUT, "open %s: no such queue; "
		    "make one with: iq-db init -q %s", s->path, s->path);
	if (*exists && s->mode != STORE_READ)
		code = place_check_writable(s->path, err);
	if (code == 0)
		code = open_beside(s, s->sidecar, &s->turn.fd, &st, err);
	/* of a queue that is not there nothing more will be opened */
	if (code == 0 && s->mode == STORE_PLACE)
		code = open_locks(s, err);
	return code;
}

static char *
beside(const struct buf *path, const char *suffix)
{
	char *name = mem_alloc(path->len + strlen(suffix) + 1);

	memcpy(name, path->p, path->len);
	memcpy(name + path->len, suffix, strlen(suffix) + 1);
	return name;
}

int
store_open(struct store **out, const struct store_options *o, struct err *err)
{
	struct store *s = mem_zero(1, sizeof(*s));
	struct buf path = { 0 };
	bool exists = false;
	int code;

	*out = NULL;
	s->turn.fd = s->locks_fd = s->wake_fd = s->worker_fd = s->log_fd =
	    s->ahead_fd = -1;
	s->mode = o->mode;
	s->any_older = o->any_older;
	s->clock = o->clock ? o->clock : &clock_system;
	s->opened = clock_wall(s->clock);
	store_hurry(s, o->deadline);
	make_actor(s, o->program);
	code = io_standard_fds(err);
	if (code == 0)
		code = setting_read_environment(s, err);
	if (code == 0)
		code = place_resolve(o->path, makes(o->mode), &path, err);
	if (code == 0) {
		s->path = mem_strdup(path.p);
		s->sidecar = beside(&path, "-lock");
		s->locks = beside(&path, "-run");
		s->turn.path = s->path;
		code = open_place(s, o->anew, &exists, err);
	}
	/* a server has it open, so it can be opened */
	if (code == 0 && s->mode != STORE_PLACE && !(o->later && exists &&
	    mail_served(&s->mail, s->turn.fd)))
		code = queue_open(s, err);
	buf_release(&path);
	if (code) {
		store_close(s);
		return code;
	}
	*out = s;
	return 0;
}

void
store_leave(struct store *s)
{
	if (s == NULL)
		return;
	tx_abort(s);
	checkpoint_close(s);
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	sync_end(s);
	store_leave(s);
	db_close(&s->copier);
	db_close(&s->db);
	catalog_release(&s->catalog);
	for (size_t i = 0; i < TX_EVENTS; i++)
		event_release(&s->tx.events[i]);
	free(s->tx.buckets);
	free(s->tx.samples);
	buf_release(&s->actor);
	mail_close(&s->mail);
	if (s->turn.fd >= 0)
		close(s->turn.fd);
	if (s->locks_fd >= 0)
		close(s->locks_fd);
	log_close(s);
	if (s->ahead_fd >= 0)
		close(s->ahead_fd);
	if (s->wake_fd >= 0)
		close(s->wake_fd);
	if (s->worker_fd >= 0)
		close(s->worker_fd);
	free(s->path);
	free(s->sidecar);
	free(s->locks);
	free(s);
}

const char *
store_path(const struct store *s)
{
	return s->path;
}

const char *
store_locks(const struct store *s)
{
	return s->locks;
}

bool
store_created(const struct store *s)
{
	return s->created;
}

bool
store_upgraded(const struct store *s, int *from, int *to)
{
	*from = s->upgraded_from;
	*to = (int)s->version;
	return *from != 0;
}

void
store_hurry(struct store *s, int64_t deadline)
{
	s->turn.deadline = deadline ? deadline : STANDARD_DEADLINE;
}

void
store_interrupt(struct store *s)
{
	s->turn.interrupted = 1;
}

void
store_wake(struct store *s, int fd)
{
	s->turn.wake = fd;
}
