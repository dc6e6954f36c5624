/*
 * handler MODE FAMILY DIR CAP MS [PATH ...] - what iq-work runs in the storm,
 * as a process per run (MODE once, with one job or a batch of them) or as a
 * co-process (lines, json).
 *
 * For each job it takes a lock, one for its key and one of CAP (0: none) for
 * all that run, and says so in DIR/violations when somebody else has it.
 * DIR/log gets a line when a job starts and one when it has succeeded, after
 * up to MS milliseconds.  Now and then one fails.
 *
 * Paths tell which job it is, since a co-process hears nothing else: X-KEY.N,
 * with X for the type, and N that no other has.  FAMILY is "storm", whose jobs
 * each ask for another one, or "after", which is those.
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "lib/dice.h"

#define BATCH 64

struct work {
	const char *path;
	int64_t id;
	int locks[2];	/* the job's and the key's */
	bool ended;	/* as was said */
};

static struct {
	const char *mode, *family, *dir;
	size_t cap, ms;
	bool asks;	/* for another job after each */
	struct dice dice;
} we;

/* One write, so that lines of many are whole */
__attribute__((format(printf, 2, 3)))
static void
say(const char *file, const char *fmt, ...)
{
	struct buf path = { 0 }, line = { 0 };
	va_list ap;
	int fd;

	buf_addf(&path, "%s/%s", we.dir, file);
	va_start(ap, fmt);
	buf_addv(&line, fmt, ap);
	va_end(ap);
	buf_addc(&line, '\n');
	fd = open(path.p, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, line.p, line.len) != (ssize_t)line.len)
		err(74, "%s", path.p);
	close(fd);
	buf_release(&path);
	buf_release(&line);
}

/* Held until it is closed; -1: somebody else has it */
static int
lock(const char *kind, const char *name, size_t len)
{
	struct buf path = { 0 };
	int fd;

	buf_addf(&path, "%s/%s.", we.dir, kind);
	for (size_t i = 0; i < len; i++)
		buf_addc(&path, name[i] == '/' ? '_' : name[i]);
	fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		err(74, "%s", path.p);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		fd = -1;
	}
	buf_release(&path);
	return fd;
}

/* -1 as well when there is no cap */
static int
one_of_cap(void)
{
	char name[24];
	int fd = -1;

	for (size_t i = 0; i < we.cap && fd < 0; i++) {
		snprintf(name, sizeof(name), "%zu", i);
		fd = lock("cap", name, strlen(name));
	}
	if (we.cap && fd < 0)
		say("violations", "a run of %s is one too many", we.mode);
	return fd;
}

/* Keys are per type, and all that follows is of one type. */
static int
lock_key(const char *path)
{
	const char *key = we.asks ? path : strchr(path, '-');

	if (*path == '/' || key == NULL)
		return lock("key", path, strlen(path));
	return lock(we.asks ? "key" : "then", key, strcspn(key, "."));
}

static void
begin(struct work *w)
{
	w->locks[0] = lock(we.asks ? "job" : "next", w->path,
	    strlen(w->path));
	if (w->locks[0] < 0)
		say("violations", "job %s runs twice", w->path);
	w->locks[1] = lock_key(w->path);
	if (w->locks[1] < 0)
		say("violations", "job %s: another of its key runs", w->path);
	say("log", "start %s %s %s", we.family, we.mode, w->path);
}

/* To be called before anybody can know */
static void
end(struct work *w, bool good)
{
	if (good)
		say("log", "stop %s %s %s", we.family, we.mode, w->path);
	for (int i = 0; i < 2; i++)
		if (w->locks[i] >= 0)
			close(w->locks[i]);
	w->ended = true;
}

/* The record of a job that no other run asks for */
static void
add_request(struct buf *b, const struct work *w)
{
	if (we.asks)
		buf_addf(b, "\"enqueue\":{\"type\":\"next\",\"path\":"
		    "\"/n/%" PRId64 ".%d/%s\"},", clock_boot(&clock_system),
		    (int)getpid(), w->path);
}

static void
nap(void)
{
	struct timespec t = { 0 };

	t.tv_nsec = (long)dice_below(&we.dice, we.ms + 1) * 1000000;
	nanosleep(&t, NULL);
}

static bool
goes_well(void)
{
	return !dice_one_in(&we.dice, 20);
}

/* ---- a run ---- */

static void
tell(const struct buf *b)
{
	if (write(3, b->p, b->len) != (ssize_t)b->len)
		err(74, "descriptor 3");
}

/* What is to follow is asked for first: a run that fails has asked, too. */
static void
ask(const struct work *w)
{
	struct buf b = { 0 };

	buf_addc(&b, '{');
	add_request(&b, w);
	buf_addf(&b, "\"id\":%" PRId64 "}\n", w->id);
	tell(&b);
	buf_release(&b);
}

/* One job of several, before the others have ended */
static void
tell_end(struct work *w)
{
	struct buf b = { 0 };
	bool good = goes_well();

	end(w, good);
	buf_addf(&b, "{\"id\":%" PRId64 ",\"exit\":%d}\n", w->id, !good);
	tell(&b);
	buf_release(&b);
}

static int
run(struct work *v, size_t n)
{
	one_of_cap();
	for (size_t i = 0; i < n; i++)
		begin(&v[i]);
	for (size_t i = 0; i < n; i++)
		ask(&v[i]);
	nap();
	if (n > 1 && dice_one_in(&we.dice, 3))
		for (size_t i = 0; i < n; i++)
			if (dice_one_in(&we.dice, 2))
				tell_end(&v[i]);
	if (!goes_well())
		return 1;
	for (size_t i = 0; i < n; i++)
		if (!v[i].ended)
			end(&v[i], true);
	return 0;
}

static int
once(char **paths, size_t n)
{
	char *ids = getenv("IQ_JOB_IDS");
	struct work v[BATCH] = { 0 };

	if (n > BATCH || ids == NULL)
		errx(64, "a batch of %zu without ids", n);
	for (size_t i = 0; i < n; i++) {
		v[i].path = paths[i];
		v[i].id = strtol(ids, &ids, 10);
	}
	if (n > 1)
		we.mode = "batch";
	return run(v, n);
}

/* ---- a co-process ---- */

/* Of an object in which nothing is escaped */
static const char *
field(char *line, const char *name)
{
	char *p = strstr(line, name);

	if (p == NULL)
		errx(65, "no %s in %s", name, line);
	return p + strlen(name);
}

static void
hear(struct work *w, char *line)
{
	line[strcspn(line, "\n")] = '\0';
	*w = (struct work){ .path = line };
	if (strcmp(we.mode, "lines") == 0)
		return;
	w->id = strtol(field(line, "\"id\":"), NULL, 10);
	w->path = field(line, "\"path\":\"");
	line[w->path - line + (ptrdiff_t)strcspn(w->path, "\"")] = '\0';
}

static void
answer(const struct work *w, bool good)
{
	struct buf b = { 0 };

	if (w->id) {
		buf_addc(&b, '{');
		add_request(&b, w);
		buf_addf(&b, "\"id\":%" PRId64 ",\"exit\":%d}\n", w->id,
		    !good);
	} else {
		buf_adds(&b, good ? "0\n" : "1\n");
	}
	if (write(1, b.p, b.len) != (ssize_t)b.len)
		err(74, "answer");
	buf_release(&b);
}

static int
stay(void)
{
	struct work w;
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0) {
		int cap = one_of_cap();
		bool good = goes_well();

		hear(&w, line);
		begin(&w);
		nap();
		end(&w, good);
		if (cap >= 0)
			close(cap);
		answer(&w, good);
	}
	free(line);
	return 0;
}

static size_t
number(const char *text)
{
	struct err e;
	int64_t v;

	if (int_parse(text, "argument", 0, 1000000, &v, &e))
		errx(64, "%s", e.text);
	return (size_t)v;
}

int
main(int argc, char **argv)
{
	if (argc < 6)
		errx(64, "usage: handler MODE FAMILY DIR CAP MS [PATH ...]");
	we.mode = argv[1];
	we.family = argv[2];
	we.asks = strcmp(we.family, "storm") == 0;
	we.dir = argv[3];
	we.cap = number(argv[4]);
	we.ms = number(argv[5]);
	we.dice.state = (uint64_t)clock_boot(&clock_system) ^
	    (uint64_t)getpid() << 40;
	if (strcmp(we.mode, "once") == 0)
		return once(argv + 6, (size_t)argc - 6);
	return stay();
}
