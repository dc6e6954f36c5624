#include "judge.h"

#include <err.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "aftermath.h"
#include "inspect.h"

/* Of the images: how many are carried on with, and how many of these with the
 * power failing again meanwhile, into how many images */
#define ONE_RESTARTS 4
#define ONE_RECOVERS 8
#define RECOVERY_IMAGES 10

static void
count(struct judge *j, const struct findings *f, const char *what, size_t cut)
{
	struct tally *t = &j->tally;

	t->damaged += f->damaged != 0;
	t->wrong += f->wrong != 0;
	t->lost += f->lost != 0;
	if ((f->damaged || f->wrong || f->lost) && !j->quiet &&
	    j->reports++ < 5)
		printf("# seed %" PRIu64 ", cut %zu, %s:\n%s", j->seed, cut,
		    what, f->text.p);
}

/* The first image with a finding stays, to be looked at. */
static void
keep(struct judge *j, const struct image *im)
{
	struct buf dir = { 0 };

	if (j->reports == 0 && !j->quiet) {
		buf_addf(&dir, "%s/found", j->dir);
		if (mkdir(dir.p, 0700) == 0 && image_write(im, dir.p) == 0)
			printf("# kept in %s\n", dir.p);
		buf_release(&dir);
	}
}

static size_t
promised_by(const struct promises *p, size_t cut)
{
	size_t n = 0;

	while (n < p->n && p->v[n].since <= cut)
		n++;
	return n;
}

static void judge_history(struct judge *j, const struct play *p,
	const struct image *base, long images);

/* The image is used further, and the power may fail again meanwhile. */
static void
judge_restart(struct judge *j, const struct image *im, const struct play *p,
	size_t promised, size_t cut)
{
	bool again = dice_one_in(&j->dice, ONE_RECOVERS);
	struct play after = { .path = j->queue, .recorder = j->recorder,
	    .clock = clock_system };
	struct history kept = j->recorder->history;
	struct findings f = { 0 };

	/* from what was judged that may have become something else: an empty
	 * log is made, a journal rolled back */
	if (image_write(im, j->dir) < 0)
		err(74, "write %s", j->queue);
	memset(&j->recorder->history, 0, sizeof(kept));
	for (size_t i = 0; i < promised; i++)
		play_promise(&after, p->promises.v[i]);
	j->tally.restarts++;
	j->recorder->on = again;
	aftermath(&after, &f);
	j->recorder->on = false;
	inspect(j->queue, recorder_stock(), after.promises.v,
	    after.promises.n, &f);
	count(j, &f, "after the restart", cut);
	if (again && after.err.code == 0) {
		j->tally.recoveries++;
		judge_history(j, &after, im, RECOVERY_IMAGES);
	}
	findings_release(&f);
	history_release(&j->recorder->history);
	j->recorder->history = kept;
	play_release(&after);
}

static void
judge_image(struct judge *j, const struct play *p, const struct image *im,
	size_t cut, enum loss how, bool first)
{
	size_t promised = promised_by(&p->promises, cut);
	struct findings f = { 0 };
	bool fine;

	if (image_write(im, j->dir) < 0)
		err(74, "write %s", j->queue);
	inspect(j->queue, recorder_stock(), p->promises.v, promised, &f);
	fine = !f.damaged && !f.wrong && !f.lost;
	if (!fine)
		keep(j, im);
	count(j, &f, loss_name(how), cut);
	j->tally.images++;
	findings_release(&f);
	if (first && fine && !j->quiet && dice_one_in(&j->dice, ONE_RESTARTS))
		judge_restart(j, im, p, promised, cut);
}

/* base: what was on disk before */
static void
judge_history(struct judge *j, const struct play *p, const struct image *base,
	long images)
{
	const struct history h = j->recorder->history;
	size_t possible = (h.n + 1) * LOSS_COUNT;
	struct image im = { 0 };
	struct disk d;

	disk_init(&d, base);
	for (size_t cut = 0; cut <= h.n; cut++) {
		for (int how = 0; how < LOSS_COUNT; how++) {
			if (dice_below(&j->dice, possible) >= (size_t)images ||
			    (d.n == 0 && how > 0) ||
			    (j->skip && j->skip(cut)))
				continue;
			disk_image(&d, (enum loss)how, &j->dice, &im);
			judge_image(j, p, &im, cut, (enum loss)how,
			    base == NULL);
		}
		if (cut < h.n)
			disk_step(&d, &h.v[cut]);
	}
	disk_release(&d);
	image_release(&im);
}

int
judge_play(struct judge *j, uint64_t seed, long images)
{
	struct play p = { .path = j->queue, .recorder = j->recorder,
	    .rounds = 12, .mortal = true };
	struct image nothing = { 0 };
	int code;

	j->seed = j->dice.state = seed;
	if (image_write(&nothing, j->dir) < 0)
		err(74, "clear %s", j->dir);
	j->staged(&p);
	code = play_run(&p, seed);
	j->staged(NULL);
	if (code) {
		printf("# seed %" PRIu64 ": %s\n", seed, p.err.text);
	} else {
		j->tally.plays++;
		j->tally.changes += (long)j->recorder->history.n;
		j->tally.promises += (long)p.promises.n;
		judge_history(j, &p, NULL, images);
	}
	history_release(&j->recorder->history);
	play_release(&p);
	return code;
}
