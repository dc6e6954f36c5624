/* Whether a program that watches for us does what we need: versions that print
 * other things, or lose events without a word, are not used. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/watch_child.h"

#define PATIENCE (10 * NS_PER_S)
/* Every format that ends at a newline would break here. */
#define PROBE "a\nb %w"

static void
on_record(void *ctx, const struct watch_record *r)
{
	struct watch_test *t = ctx;

	if (bytes_equal(r->dir, buf_bytes(&t->dir)) &&
	    bytes_equal(r->name, bytes_of(PROBE)))
		t->seen |= r->what;
	else
		t->odd = true;
}

static int
touch(struct watch_test *t, struct err *err)
{
	struct buf path = { 0 };
	int fd, code = 0;

	buf_add(&path, t->dir.p, t->dir.len);
	buf_adds(&path, PROBE);
	fd = open(path.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || close(fd) != 0)
		code = err_errno(err, EX_TEMPFAIL, "make a file in %s",
		    t->dir.p);
	buf_release(&path);
	t->touched = true;
	return code;
}

int
watch_test_start(struct watch_test *t, struct watch_child *c,
	enum watch_program program, const char *file, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	struct bytes root;
	int code;

	*t = (struct watch_test){ .until = clock_after(
	    clock_boot(&clock_system), PATIENCE) };
	tmp = tmp && *tmp == '/' ? tmp : "/tmp";
	buf_addf(&t->dir, "%s/iq-watch.XXXXXX", tmp);
	if (mkdtemp(t->dir.p) == NULL) {
		buf_release(&t->dir);
		return err_errno(err, EX_TEMPFAIL, "make a directory in %s",
		    tmp);
	}
	root = buf_bytes(&t->dir);
	code = watch_child_start(c, program, file, &root, 1, err);
	buf_addc(&t->dir, '/');
	return code;
}

enum watch_tested
watch_test_read(struct watch_test *t, struct watch_child *c, int64_t now,
	struct err *err)
{
	bool lives = watch_child_read(c, on_record, t);

	if (c->garbled || t->odd)
		return WATCH_IS_ODD;
	if ((t->seen & (WATCH_CREATED | WATCH_WRITTEN)) ==
	    (WATCH_CREATED | WATCH_WRITTEN))
		return WATCH_IS_FIT;
	if (lives && c->ready && !t->touched && touch(t, err) != 0)
		return WATCH_HAS_FAILED;
	if (lives && now < t->until)
		return WATCH_IS_TRIED;
	/* it watched and said nothing, or ended for no reason */
	if (c->ready || (!lives && !c->limit && !c->trouble))
		return WATCH_IS_ODD;
	if (c->limit)
		err_set(err, EX_TEMPFAIL, "there are not enough inotify "
		    "watches");
	else
		err_set(err, EX_TEMPFAIL, "it does not get ready");
	return WATCH_HAS_FAILED;
}

void
watch_test_end(struct watch_test *t)
{
	size_t n = t->dir.len;

	if (n == 0)
		return;
	buf_adds(&t->dir, PROBE);
	(void)unlink(t->dir.p);
	t->dir.p[n] = '\0';
	(void)rmdir(t->dir.p);
	buf_release(&t->dir);
	*t = (struct watch_test){ 0 };
}
