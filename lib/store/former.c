/*
 * Somebody deleted or replaced a file beside the queue while jobs ran.
 *
 * The locks of those who live are then on a file without a name, which nobody
 * can open to ask for them.  But the kernel lists all locks, those of other PID
 * namespaces too, and each of ours is on a byte that tells whose it is; so the
 * rule by which jobs are taken back holds here as well: nobody has the lock of
 * their slot, nor that of their worker.
 *
 * Such a byte may be locked in a file of another queue, too.  Then this file
 * and any other one together do not give the number by which the queue knows
 * its files.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/lockbyte.h"
#include "base/locklist.h"
#include "store/claim.h"
#include "store/former.h"
#include "store/reading.h"

/* The list is read in pieces, and while many locks come and go one of those at
 * the edge of a piece may be missing: once, but not each time. */
#define LOOKS 16
#define OUR_BYTE 1		/* of the locks' file: nobody else locks it */

struct look {
	struct store *s;
	uint64_t known;		/* the number of the files in the queue */
	ino_t sidecar, locks;	/* that are there now */
	struct buf list;
	int64_t worker;		/* that was found; 0: none yet */
	bool seen;		/* our own lock is in the list */
};

/* Whether the locks' file may have been this one: the sidecar that it was
 * together with has an inode such as they are here. */
static bool
may_be_ours(const struct look *k, uint64_t inode)
{
	uint64_t other = k->known ^ (uint64_t)sidecars_id(0, (ino_t)inode);

	return other >> 32 == 0 ||
	    (inode | k->sidecar | k->locks) >> 32 != 0;
}

static int
look_at_lock(struct look *k, const struct held_lock *l, struct err *err)
{
	int64_t worker = worker_of_byte(l->start), there = 0;
	int code = 0;

	if (strcmp(l->kind, "OFDLCK") != 0)
		return 0;
	if (l->inode == k->locks && l->start == OUR_BYTE)
		k->seen = true;
	if (worker > 0 && may_be_ours(k, l->inode))
		code = db_int(&k->s->db, SQL_WORKER_KNOWN, &there, 0, err,
		    "i", worker);
	if (there)
		k->worker = worker;
	return code;
}

static int
look_at_list(struct look *k, struct err *err)
{
	const char *at = k->list.p;
	struct held_lock l;
	int code = 0;

	while (code == 0 && k->worker == 0 && locklist_next(&at, &l))
		code = look_at_lock(k, &l, err);
	return code;
}

/* Those whose process is there are alive without a lock, too. */
static int
look_at_crew(struct look *k, struct err *err)
{
	struct worker_stats *v;
	size_t n;
	int code = crew_read(k->s, &v, &n, err);

	for (size_t i = 0; code == 0 && i < n; i++)
		if (v[i].alive)
			k->worker = v[i].id;
	crew_release(v, n);
	return code;
}

static int
look(struct look *k, enum former *how, struct err *err)
{
	int code = worker_lives_any(k->s, &k->worker, err);

	if (code == 0 && k->worker == 0)
		code = look_at_crew(k, err);
	*how = FORMER_FREE;
	for (int i = 0; i < LOOKS && code == 0 && k->worker == 0; i++) {
		k->seen = false;
		if (locklist_read(&k->list) == 0)
			code = look_at_list(k, err);
		if (!k->seen)
			*how = FORMER_UNSEEN;
	}
	if (k->worker)
		*how = FORMER_HELD;
	return code;
}

static bool
read_inodes(struct look *k)
{
	struct stat sidecar, locks;

	if (stat(k->s->sidecar, &sidecar) < 0 ||
	    stat(k->s->locks, &locks) < 0)
		return false;
	k->sidecar = sidecar.st_ino;
	k->locks = locks.st_ino;
	return sidecars_id(k->sidecar, k->locks) == k->s->inode;
}

int
former_look(struct store *s, enum former *how, int64_t *worker,
	struct err *err)
{
	struct look k = { .s = s };
	int64_t known;
	int code = 0;

	*how = FORMER_UNSEEN;
	*worker = 0;
	/* whoever sees this one sees the others */
	if (!read_inodes(&k) || lockbyte_share(s->locks_fd, OUR_BYTE) < 1)
		return 0;
	code = db_int(&s->db, SQL_QUEUE_INODE, &known, 0, err, "");
	k.known = (uint64_t)known;
	if (code == 0)
		code = look(&k, how, err);
	*worker = k.worker;
	lockbyte_drop_range(s->locks_fd, OUR_BYTE, 1);
	buf_release(&k.list);
	return code;
}
