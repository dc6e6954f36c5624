/*
 * Room for what must go on when the disk is full.
 *
 * How jobs have ended has to be written down, or they run again.  So some bytes
 * are kept in the sidecar: whoever finds no room for that gives them back to
 * the file system and tries again.  What would take up more room is refused
 * before: nothing is put in without some to spare, and nothing claimed without
 * the reserve.  Who would do either makes it again, once there is twice the
 * room.
 *
 * No lock is needed: to keep and to give back are one call each, and whoever
 * gets less than he wanted tries again later.
 */
#include "store/reserve.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/num.h"
#include "store/room.h"

/* Where it is in the sidecar: behind the mailbox, and the last */
#define AT (INT64_C(1) << 20)
#define MOST (INT64_C(4) << 20)
#define PART 16			/* of a small file system, at most */
#define SPARE 4			/* so much of it is to be free beside it */
#define PAGE 4096
#define FRAMES_MIN 16		/* a log that is worth starting over */
#define EACH 400		/* what a job takes beside its bytes */

struct look {
	int64_t size;		/* that it should have */
	int64_t room;		/* that is free */
	bool there;
};

static bool
look(const struct store *s, struct look *l)
{
	struct statvfs fs;
	struct stat st;

	if (fstatvfs(s->turn.fd, &fs) < 0 || fs.f_blocks == 0 ||
	    fstat(s->turn.fd, &st) < 0)
		return false;
	l->room = room_free(&fs);
	l->size = (int64_t)(fs.f_blocks * fs.f_frsize) / PART;
	if (l->size > MOST)
		l->size = MOST;
	l->size -= l->size % PAGE;
	l->there = st.st_size >= AT + l->size &&
	    (int64_t)st.st_blocks * 512 >= l->size;
	return true;
}

/* Where room cannot be had otherwise it is written to. */
static int
fill(int fd, int64_t size)
{
	static const char nothing[16 * PAGE];

	for (int64_t at = AT; at < AT + size;) {
		int64_t left = AT + size - at;
		ssize_t n = pwrite(fd, nothing, (size_t)(left <
		    (int64_t)sizeof(nothing) ? left :
		    (int64_t)sizeof(nothing)), (off_t)at);

		if (n == 0 || (n < 0 && errno != EINTR))
			return n < 0 ? errno : EIO;
		at += n > 0 ? n : 0;
	}
	return 0;
}

/* false: there was nothing */
static bool
give_back(const struct store *s)
{
	struct stat st;

	return fstat(s->turn.fd, &st) == 0 && st.st_size > AT &&
	    ftruncate(s->turn.fd, (off_t)AT) == 0;
}

static void
make(struct store *s, const struct look *l)
{
	int error = allocate(s->turn.fd, AT, l->size);

	if (error == ENOTSUP)
		error = fill(s->turn.fd, l->size);
	if (error)
		give_back(s);
}

static bool
enough(const struct look *l)
{
	return l->room >= l->size + l->size / SPARE;
}

/* Where nothing can be kept although there is room, nothing is: that is no
 * reason to refuse. */
static bool
whole(struct store *s, struct look *l)
{
	if (l->there || s->no_reserve || !enough(l))
		return l->there || s->no_reserve;
	make(s, l);
	s->no_reserve = look(s, l) && !l->there && enough(l);
	return l->there || s->no_reserve;
}

bool
reserve_whole(struct store *s)
{
	struct look l;

	return s->no_reserve || !look(s, &l) || whole(s, &l);
}

bool
reserve_short(const struct store *s, int64_t *room, int64_t *needed)
{
	struct look l;

	if (s->no_reserve || !look(s, &l) || l.there || enough(&l))
		return false;
	*room = l.room;
	*needed = l.size + l.size / SPARE;
	return true;
}

/* In the log and in the file, about */
static int64_t
takes(const struct record *v, size_t n)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (int64_t)(EACH + 2 * (v[i].path.n + v[i].key.n +
		    v[i].payload.n + v[i].group.n));
	return sum;
}

int
reserve_spare(struct store *s, const struct record *v, size_t n,
	struct err *err)
{
	struct buf b = { 0 };
	struct look l;
	int64_t least;

	if (!look(s, &l))
		return 0;
	/* and what stands in the log comes into the file as well */
	least = l.size / SPARE + takes(v, n) + (int64_t)s->frames * PAGE;
	if (whole(s, &l) && l.room >= least)
		return 0;
	if (!l.there)
		least += l.size;
	size_human(&b, l.room);
	buf_adds(&b, " are free, and ");
	size_human(&b, least);
	err_set(err, EX_TEMPFAIL, "put into %s: the disk is nearly full: %s "
	    "are needed; free some space, nothing was half done", s->path,
	    b.p);
	buf_release(&b);
	return err->code;
}

/* The log starts over, where that saves room. */
static bool
shorten_log(struct store *s)
{
	struct err ignored;
	bool shorter = s->frames >= FRAMES_MIN &&
	    turnstile_enter(&s->turn, &ignored) == 0;

	if (!shorter)
		return false;
	shorter = checkpoint_now(s);
	turnstile_leave(&s->turn);
	return shorter;
}

bool
reserve_break(struct store *s)
{
	bool broken = s->db.full && give_back(s);

	/* for that the file may have to grow, as it can now */
	return s->db.full && (shorten_log(s) || broken);
}

bool
store_full(const struct store *s)
{
	return s->db.full;
}

bool
store_has_room(struct store *s)
{
	struct err ignored;

	return reserve_spare(s, NULL, 0, &ignored) == 0;
}
