/* Whether a program that watches for us does what we need: versions that print
 * other things, or lose events without a word, are not used. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/watch_child.h"

#define PATIENCE (10 * NS_PER_S)
/* Every format that ends at a newline would break here. */
#define PROBE "a\nb %w"

struct probe {
	struct bytes dir;	/* "/" at its end */
	unsigned seen;
	bool odd;
};

static void
on_record(void *ctx, const struct watch_record *r)
{
	struct probe *p = ctx;

	if (bytes_equal(r->dir, p->dir) &&
	    bytes_equal(r->name, bytes_of(PROBE)))
		p->seen |= r->what;
	else
		p->odd = true;
}

static bool
touch(const char *dir)
{
	struct buf path = { 0 };
	int fd;

	buf_adds(&path, dir);
	buf_adds(&path, PROBE);
	fd = open(path.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	buf_release(&path);
	return fd >= 0 && close(fd) == 0;
}

static void
clear(const char *dir)
{
	struct buf path = { 0 };

	buf_adds(&path, dir);
	buf_adds(&path, PROBE);
	(void)unlink(path.p);
	(void)rmdir(dir);
	buf_release(&path);
}

/* Until it has said that, or has ended, or does not say it at all, or somebody
 * wants something else of us */
static enum watch_tested
converse(struct watch_child *c, int wake, struct probe *p)
{
	int64_t until = clock_boot(&clock_system) + PATIENCE, now;
	bool lives = true, touched = false;

	while ((now = clock_boot(&clock_system)) < until && lives) {
		struct pollfd v[] = { { .fd = c->out, .events = POLLIN },
			{ .fd = c->err, .events = POLLIN },
			{ .fd = wake, .events = POLLIN } };

		if (c->ready && !touched && !(touched = touch(p->dir.p)))
			return WATCH_HAS_FAILED;
		poll(v, 3, (int)((until - now) / NS_PER_MS) + 1);
		if (v[2].revents)
			return WATCH_HAS_FAILED;
		lives = watch_child_read(c, on_record, p);
		if (c->garbled || p->odd)
			return WATCH_IS_ODD;
		if ((p->seen & (WATCH_CREATED | WATCH_WRITTEN)) ==
		    (WATCH_CREATED | WATCH_WRITTEN))
			return WATCH_IS_FIT;
	}
	/* it has ended before it watched: for want of something, perhaps */
	return c->ready || (!c->limit && !c->trouble) ? WATCH_IS_ODD :
	    WATCH_HAS_FAILED;
}

enum watch_tested
watch_child_test(enum watch_program program, const char *file, int wake,
	struct buf *why)
{
	const char *tmp = getenv("TMPDIR");
	struct watch_child c;
	struct probe p = { 0 };
	struct bytes root;
	struct buf dir = { 0 };
	enum watch_tested tested = WATCH_HAS_FAILED;
	struct err err;

	buf_addf(&dir, "%s/iq-watch.XXXXXX", tmp && *tmp == '/' ? tmp :
	    "/tmp");
	if (mkdtemp(dir.p) == NULL) {
		buf_addf(why, "make a directory in %s: %s", tmp && *tmp == '/' ?
		    tmp : "/tmp", strerror(errno));
		buf_release(&dir);
		return WATCH_HAS_FAILED;
	}
	root = buf_bytes(&dir);
	if (watch_child_start(&c, program, file, &root, 1, &err) == 0) {
		buf_addc(&dir, '/');
		p.dir = buf_bytes(&dir);
		tested = converse(&c, wake, &p);
		watch_child_end(&c);
	} else {
		buf_adds(why, err.text);
		buf_addc(&dir, '/');
	}
	clear(dir.p);
	buf_release(&dir);
	return tested;
}
