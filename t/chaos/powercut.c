/*
 * powercut [--images N] [--plays N] [--seed S] - what is left of a queue when
 * the power fails at any write or sync, and whether everything that anybody
 * was told is in it.
 *
 * The store is the project's own, on a disk that is written down
 * (lib/recorder.h); images that a power cut may leave (lib/disk.h) are opened
 * again and judged.  Controls show that this sees losses: the same without the
 * store's sync; with processes that take a transaction that another one, or a
 * server, made for them for done before that one has synced; and the
 * checkpoint that SQLite before 3.51.3 gets wrong.
 *
 * Exit 0: nothing was lost, and the controls lost something.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/futex.h"
#include "base/num.h"
#include "lib/judge.h"
#include "lib/overlap.h"
#include "store/mailbox.h"

static struct dice chance;	/* the process's, so that seeds come again */
static struct play *on_stage;	/* whose roles are playing, or NULL */
static long shared, served;	/* waits for a leader; of these for a server */
/* Control: nobody waits for the sync of such a leader.  When that was, in
 * changes */
enum leader { LEADER_NONE, LEADER_POSTER, LEADER_SERVER };
#define HASTY_PLAYS 5
static enum leader hasty;
static size_t hastes[1024], nhastes;

/* The simulated disk is the only one that is synced. */
int
fsync(int fd)
{
	return recorder_fsync(fd);
}

int
fdatasync(int fd)
{
	return recorder_fsync(fd);
}

uint32_t
arc4random(void)
{
	return (uint32_t)dice_roll(&chance);
}

void
arc4random_buf(void *p, size_t n)
{
	unsigned char *b = p;

	while (n--)
		*b++ = (unsigned char)dice_roll(&chance);
}

/* The turn is taken now and then though nobody plays who has it, so that the
 * others come, post what they want and find the door taken. */
int
flock(int fd, int operation)
{
	bool asks = on_stage && operation == (LOCK_EX | LOCK_NB);

	if (asks && dice_one_in(&chance, 2)) {
		errno = EWOULDBLOCK;
		return -1;
	}
	while (on_stage && operation == LOCK_EX && !dice_one_in(&chance, 4))
		cast_pass(&on_stage->cast);
	return (int)syscall(SYS_flock, fd, operation);
}

/* Nobody writes to the file meanwhile, so this will do on all platforms. */
int
allocate(int fd, int64_t offset, int64_t n)
{
	return posix_fallocate(fd, (off_t)offset, (off_t)n);
}

void
allocate_in_place(int fd)
{
	(void)fd;
}

/* Who sleeps lets the others play. */
bool
futex_exists(void)
{
	return true;
}

void
futex_wait(futex_word *w, uint32_t value, int ms)
{
	(void)ms;
	if ((value & 7) == MAIL_TAKEN) {
		enum leader leader = (value >> 3 & 127) == MAIL_SERVER ?
		    LEADER_SERVER : LEADER_POSTER;

		shared++;
		served += leader == LEADER_SERVER;
		if (hasty == leader && nhastes < sizeof(hastes) / sizeof(*hastes)) {
			atomic_store(w, MAIL_DONE);
			hastes[nhastes++] = on_stage->recorder->history.n;
		}
	}
	cast_pass(&on_stage->cast);
}

void
futex_wake(futex_word *w)
{
	(void)w;
}

/* Ticks of who waits for the turn: each role sets and restores its own. */
static void
on_tick(int sig)
{
	(void)sig;
}

static void
on_play(struct play *p)
{
	if (p)
		nhastes = 0;
	on_stage = p;
}

struct show {
	struct recorder recorder;
	char dir[4096];
	char queue[4096 + 16];
	long images;
	long plays;
	long seed;
};

static int
judge_plays(struct show *sh, struct judge *j, long plays, long images)
{
	int code = 0;

	*j = (struct judge){ .recorder = &sh->recorder, .dir = sh->dir,
	    .queue = sh->queue, .quiet = j->quiet, .skip = j->skip,
	    .staged = on_play };
	for (long i = 0; i < plays && code == 0; i++) {
		chance.state = (uint64_t)(sh->seed + i);
		code = judge_play(j, (uint64_t)(sh->seed + i),
		    images / plays);
	}
	return code;
}

/* true when all is well; so for the others */
static bool
power_cuts(struct show *sh)
{
	struct judge j = { 0 };
	const struct tally *t = &j.tally;
	int code = judge_plays(sh, &j, sh->plays, sh->images);

	printf("power cuts: %ld images of %ld changes in %ld plays with %ld "
	    "promises, %ld waits for another's sync, %ld of them a "
	    "server's; %ld restarts, %ld cut "
	    "again: %ld lost something, %ld damaged, %ld inconsistent\n",
	    t->images, t->changes, t->plays, t->promises, shared, served,
	    t->restarts,
	    t->recoveries, t->lost, t->damaged, t->wrong);
	return code == 0 && t->images && shared && served && !t->lost && !t->damaged &&
	    !t->wrong;
}

static bool
control_no_sync(struct show *sh)
{
	struct judge j = { .quiet = true };
	int code;

	sh->recorder.no_sync = true;
	code = judge_plays(sh, &j, 1, sh->images / 10 + 50);
	sh->recorder.no_sync = false;
	printf("control without the sync: %ld of %ld images lost something "
	    "(some must)\n", j.tally.lost, j.tally.images);
	return code == 0 && j.tally.lost > 0;
}

/* Losses are to be seen just after somebody was hasty. */
static bool
was_not_hasty(size_t cut)
{
	for (size_t i = 0; i < nhastes; i++)
		if (cut >= hastes[i] && cut <= hastes[i] + 2)
			return false;
	return true;
}

static bool
control_hasty(struct show *sh, enum leader leader, const char *whose,
	long images)
{
	struct judge j = { .quiet = true, .skip = was_not_hasty };
	int code;

	hasty = leader;
	code = judge_plays(sh, &j, HASTY_PLAYS, images);
	hasty = LEADER_NONE;
	printf("control without waiting for %s sync: %ld of %ld images lost "
	    "something (some must)\n", whose, j.tally.lost, j.tally.images);
	return code == 0 && j.tally.lost > 0;
}

static void
clear(const struct show *sh)
{
	struct image nothing = { 0 };

	if (image_write(&nothing, sh->dir) < 0)
		err(74, "clear %s", sh->dir);
}

static bool
control_overlap(struct show *sh)
{
	struct play p = { .path = sh->queue, .recorder = &sh->recorder,
	    .clock = clock_system };
	struct findings f = { 0 };
	size_t promised;
	bool good;

	clear(sh);
	overlap_foreign(&p, &f);
	promised = p.promises.n;
	good = p.err.code == 0 && (f.lost > 0) == overlap_applies();
	if (!overlap_applies())
		printf("control with a foreign checkpoint: not applicable, "
		    "SQLite %s is not affected\n", sqlite3_libversion());
	else
		printf("control with a foreign checkpoint: SQLite %s lost %zu "
		    "of %zu promises (some must)\n", sqlite3_libversion(),
		    f.lost, promised);
	if (p.err.code)
		printf("# %s\n", p.err.text);
	play_release(&p);
	findings_release(&f);
	return good;
}

static bool
checkpoints_exclude(struct show *sh)
{
	struct play p = { .path = sh->queue, .recorder = &sh->recorder,
	    .clock = clock_system };
	struct findings f = { 0 };
	long tried = 0, refused = 0;
	bool good;

	clear(sh);
	overlap_store(&p, &f, &tried, &refused);
	good = p.err.code == 0 && tried > 0 && refused == tried && !f.lost &&
	    !f.damaged && !f.wrong;
	printf("the store's own checkpoints: %ld of %ld commits in the middle "
	    "of one were refused, %zu of %zu promises lost\n", refused, tried,
	    f.lost, p.promises.n);
	if (!good)
		printf("# %s\n%s\n", p.err.text, f.text.p ? f.text.p : "");
	play_release(&p);
	findings_release(&f);
	return good;
}

static long
option_number(const char *name, const char *text)
{
	struct err e;
	int64_t v;

	if (int_parse(text, name, 1, 100000000, &v, &e))
		errx(64, "%s", e.text);
	return (long)v;
}

static void
options(struct show *sh, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "images", required_argument, NULL, 'n' },
		{ "plays", required_argument, NULL, 'p' },
		{ "seed", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "n:p:s:", longs, NULL)) != -1) {
		if (c == 'n')
			sh->images = option_number("--images", optarg);
		else if (c == 'p')
			sh->plays = option_number("--plays", optarg);
		else if (c == 's')
			sh->seed = option_number("--seed", optarg);
		else
			exit(64);
	}
}

static void
make_place(struct show *sh)
{
	char name[] = "powercut.XXXXXX", cwd[2048];

	if (getcwd(cwd, sizeof(cwd)) == NULL || mkdtemp(name) == NULL)
		err(73, "make a directory");
	snprintf(sh->dir, sizeof(sh->dir), "%s/%s", cwd, name);
	snprintf(sh->queue, sizeof(sh->queue), "%s/queue.db", sh->dir);
}

static void
remove_place(const struct show *sh)
{
	static const char *const suffixes[] = { "-lock", "-run" };
	char beside[sizeof(sh->queue) + 8];

	clear(sh);
	for (int i = 0; i < 2; i++) {
		snprintf(beside, sizeof(beside), "%s%s", sh->queue,
		    suffixes[i]);
		unlink(beside);
	}
	rmdir(sh->dir);
}

int
main(int argc, char **argv)
{
	struct show sh = { .images = 2000, .plays = 4, .seed = 1 };
	bool good;

	options(&sh, argc, argv);
	/* a role that ends its own may leave this one to another that waits,
	 * which it has to interrupt */
	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = on_tick }, NULL);
	make_place(&sh);
	if (recorder_install(&sh.recorder))
		errx(70, "SQLite has no VFS");
	good = power_cuts(&sh);
	good &= control_no_sync(&sh);
	good &= control_hasty(&sh, LEADER_POSTER, "another's", LONG_MAX);
	/* for whom they wait so often that a few do */
	good &= control_hasty(&sh, LEADER_SERVER, "a server's", 10000);
	good &= control_overlap(&sh);
	good &= checkpoints_exclude(&sh);
	if (good)
		remove_place(&sh);
	return !good;
}
