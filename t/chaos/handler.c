/*
 * handler DIR CAP MS - what iq-work runs in the storm: takes a lock for its
 * job, one for its key and one of CAP (0: none) for the type, and says so in
 * DIR/violations when somebody else has it.  DIR/log gets a line when it
 * starts and one when it has succeeded, after up to MS milliseconds.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "lib/dice.h"

static const char *dir;

__attribute__((format(printf, 2, 3)))
static void
say(const char *file, const char *fmt, ...)
{
	struct buf path = { 0 }, line = { 0 };
	va_list ap;
	int fd;

	buf_addf(&path, "%s/%s", dir, file);
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

/* Held until this process ends; false when somebody else has it. */
static bool
lock(const char *kind, const char *name)
{
	struct buf path = { 0 };
	int fd;
	bool got;

	buf_addf(&path, "%s/%s.%s", dir, kind, name);
	fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		err(74, "%s", path.p);
	got = flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (!got)
		close(fd);
	buf_release(&path);
	return got;
}

static bool
one_of(int64_t cap)
{
	char name[24];
	int64_t i;

	for (i = 0; i < cap; i++) {
		snprintf(name, sizeof(name), "%lld", (long long)i);
		if (lock("cap", name))
			return true;
	}
	return cap == 0;
}

/* Keys are per type. */
static bool
lock_key(const char *type, const char *key)
{
	struct buf name = { 0 };
	bool got;

	buf_addf(&name, "%s:%s", type, key);
	for (size_t i = 0; i < name.len; i++)
		if (name.p[i] == '/')
			name.p[i] = '_';
	got = lock("key", name.p);
	buf_release(&name);
	return got;
}

static int64_t
number(const char *text)
{
	struct err e;
	int64_t v;

	if (int_parse(text, "argument", 0, 1000000, &v, &e))
		errx(64, "%s", e.text);
	return v;
}

int
main(int argc, char **argv)
{
	const char *id = getenv("IQ_JOB_ID"), *key = getenv("IQ_JOB_KEY");
	const char *attempt = getenv("IQ_JOB_ATTEMPT");
	const char *type = getenv("IQ_JOB_TYPE");
	struct dice dice = { (uint64_t)clock_boot(&clock_system) };
	struct timespec nap = { 0 };

	if (argc < 4 || !id || !type || !key || !attempt)
		errx(64, "usage: handler DIR CAP MS, by iq-work");
	dir = argv[1];
	if (!lock("job", id))
		say("violations", "job %s runs twice", id);
	if (!lock_key(type, key))
		say("violations", "job %s: another of key %s runs", id, key);
	if (!one_of(number(argv[2])))
		say("violations", "job %s is one too many", id);
	say("log", "start %s %s", id, attempt);
	nap.tv_nsec = (long)dice_below(&dice, (size_t)number(argv[3]) + 1) *
	    1000000;
	nanosleep(&nap, NULL);
	if (dice_one_in(&dice, 20))
		return 1;
	say("log", "stop %s %s", id, attempt);
	return 0;
}
