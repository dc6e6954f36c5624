/* The processes that tell what happens. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/watch_internal.h"

/* Of inotifywait(1) 3.22: more arguments overflow a table. */
#define ROOTS_MOST 1000

static const char *
program_name(enum watch_program p)
{
	return p == WATCH_FSWATCH ? "fswatch" : "inotifywait";
}

static void
find_native(struct watch *w)
{
	static const enum watch_program both[] = { WATCH_INOTIFYWAIT,
	    WATCH_FSWATCH };

	for (int i = 0; i < 2 && w->program == NULL; i++)
		if (cover_native(both[i])) {
			w->kind = both[i];
			w->program = watch_program_find(w->kind);
		}
}

/* Why it does not watch, when it does not; its status */
static int
find_program(struct watch *w, struct buf *why)
{
	const char *name;

	if (w->options.source == WATCH_BY_AUTO) {
		find_native(w);
	} else {
		w->kind = w->options.source == WATCH_BY_FSWATCH ?
		    WATCH_FSWATCH : WATCH_INOTIFYWAIT;
		w->program = watch_program_find(w->kind);
	}
	name = program_name(w->kind);
	if (w->program == NULL) {
		buf_addf(why, "find %s: it is not in PATH", name);
		return EX_UNAVAILABLE;
	}
	if (w->kind != WATCH_INOTIFYWAIT || w->nroots <= ROOTS_MOST)
		return 0;
	buf_addf(why, "watch %zu directories: %s takes %d at most", w->nroots,
	    name, ROOTS_MOST);
	free(w->program);
	w->program = NULL;
	return EX_USAGE;
}

int
watch_source_open(struct watch *w, struct err *err)
{
	enum watch_source source = w->options.source;
	struct buf text = { 0 };
	int code;

	cover_init(&w->cover);
	mounts_init(&w->mounts);
	w->child.out = w->child.err = w->next.out = w->next.err = -1;
	if (source == WATCH_BY_SCAN)
		return 0;
	code = find_program(w, &text);
	if (code && source == WATCH_BY_AUTO) {
		buf_adds(&text, "; directories are looked at from time to "
		    "time");
		w->warn(w->ctx, text.p);
		code = 0;
	} else if (code) {
		err_set(err, code, "%s", text.p);
	}
	buf_release(&text);
	return code;
}

/* ---- roots ---- */

/* 0, or why it cannot be watched */
static int
ask_root(const char *path, bool known, struct file *f)
{
	int fd;

	if (file_look(AT_FDCWD, path, true, f) != 0)
		return errno;
	if (f->kind != FILE_DIRECTORY)
		return ENOTDIR;
	if (known)
		return 0;
	fd = directory_open(AT_FDCWD, path, true);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static void
wait_for_root(struct watch *w, const char *path, int why)
{
	struct buf text = { 0 };

	if (why == ENOENT)
		buf_addf(&text, "%s: no such directory; waiting for it", path);
	else
		buf_addf(&text, "open %s: %s; waiting for it", path,
		    strerror(why));
	w->warn(w->ctx, text.p);
	buf_release(&text);
}

/* True when it is another one than before. */
static bool
look_at_root(struct watch *w, struct watch_root *r)
{
	const char *path = directory_name(r->scan.state->root);
	struct file f;
	int why = ask_root(path, r->there, &f);
	bool there = why == 0;
	bool other = there != r->there || (there &&
	    (f.device != r->device || f.inode != r->inode));

	if (there) {
		r->device = f.device;
		r->inode = f.inode;
	} else if (r->there || !r->warned) {
		wait_for_root(w, path, why);
	}
	r->warned = true;
	r->there = there;
	return other;
}

static bool
look_at_roots(struct watch *w)
{
	bool other = false;

	for (size_t i = 0; i < w->nroots; i++)
		other = look_at_root(w, &w->roots[i]) || other;
	return other;
}

/* The paths of those that are there; only the array is to be freed */
static struct bytes *
roots_there(const struct watch *w, size_t *n)
{
	struct bytes *roots = mem_zero(w->nroots + 1, sizeof(*roots));

	*n = 0;
	for (size_t i = 0; i < w->nroots; i++)
		if (w->roots[i].there)
			roots[(*n)++] = w->roots[i].scan.state->root;
	return roots;
}

/* Something was mounted or unmounted below them since the last time. */
static bool
look_at_mounts(struct watch *w)
{
	size_t n;
	struct bytes *roots = roots_there(w, &n);
	bool changed = mounts_changed(&w->mounts, roots, n);

	free(roots);
	return changed;
}

/* ---- children ---- */

static void
end_child(struct watch *w, struct watch_child *c)
{
	pid_t left = watch_child_end(c);

	if (left == 0)
		return;
	w->left = mem_grow(w->left, w->nleft + 1, sizeof(*w->left));
	w->left[w->nleft++] = left;
}

static void
reap(struct watch *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->nleft; i++)
		if (waitpid(w->left[i], NULL, WNOHANG) == 0)
			w->left[n++] = w->left[i];
	w->nleft = n;
}

static void
fail(struct watch *w, const char *why)
{
	end_child(w, &w->next);
	watch_test_end(&w->test);
	end_child(w, &w->child);
	watch_unwitnessed(w);
	watch_plan_failed(&w->plan, w->now, why);
}

static void
fail_test(struct watch *w, const char *why)
{
	struct buf text = { 0 };

	buf_addf(&text, "test %s: %s; until then directories are looked at "
	    "from time to time", w->program, why);
	if (!w->untested)
		w->warn(w->ctx, text.p);
	buf_release(&text);
	w->untested = true;
	fail(w, "the watcher could not be tried");
}

static void
drop_program(struct watch *w)
{
	struct buf text = { 0 };

	buf_addf(&text, "%s does not say what it should, and is not used: "
	    "directories are looked at from time to time", w->program);
	w->warn(w->ctx, text.p);
	buf_release(&text);
	free(w->program);
	w->program = NULL;
	watch_plan_without(&w->plan, w->now);
}

/* It is tested first, when it was not yet. */
static void
start_next(struct watch *w)
{
	struct bytes *roots;
	struct err err;
	size_t n;

	look_at_roots(w);
	/* this one sees what is mounted now */
	look_at_mounts(w);
	roots = roots_there(w, &n);
	w->fit = w->fit || w->kind == WATCH_FSWATCH;
	if (n == 0)
		fail(w, "there is no directory");
	else if (!w->fit && watch_test_start(&w->test, &w->next, w->kind,
	    w->program, &err) != 0)
		fail_test(w, err.text);
	else if (w->fit && watch_child_start(&w->next, w->kind, w->program,
	    roots, n, &err) != 0)
		fail(w, "the watcher could not be started");
	free(roots);
}

void
watch_source_start(struct watch *w)
{
	watch_plan_started(&w->plan, w->now);
	w->tally.restarts += w->looked;
	start_next(w);
}

static void
read_test(struct watch *w)
{
	struct err err;
	enum watch_tested tested = watch_test_read(&w->test, &w->next, w->now,
	    &err);

	if (tested == WATCH_IS_TRIED)
		return;
	end_child(w, &w->next);
	watch_test_end(&w->test);
	w->fit = tested == WATCH_IS_FIT;
	if (tested == WATCH_IS_ODD)
		drop_program(w);
	else if (tested == WATCH_HAS_FAILED)
		fail_test(w, err.text);
	else
		start_next(w);
	w->untested = w->untested && !w->fit;
}

void
watch_source_give_up(struct watch *w)
{
	fail(w, "the watcher does not get ready");
}

/* From here on what happens is told; what was before is still to be looked
 * at. */
static void
take_over(struct watch *w)
{
	watch_names_ready(w);
	end_child(w, &w->child);
	w->child = w->next;
	w->next = (struct watch_child){ .out = -1, .err = -1 };
	for (size_t i = 0; i < w->nroots; i++)
		w->roots[i].scan.policy.witnessed =
		    w->roots[i].scan.state->run + 1;
	watch_plan_ready(&w->plan, w->now);
}

static void
read_next(struct watch *w)
{
	bool lives;

	w->hearing_next = true;
	lives = watch_child_read(&w->next, watch_hear, w);
	w->hearing_next = false;
	if (!lives)
		fail(w, w->next.limit ? "there are not enough inotify watches" :
		    "the watcher has ended");
	else if (w->next.garbled)
		fail(w, "the watcher is not understood");
	else if (w->next.ready)
		take_over(w);
}

static void
read_child(struct watch *w)
{
	bool lives = watch_child_read(&w->child, watch_hear, w);

	w->child.lost = w->child.lost || w->child.garbled || w->child.limit ||
	    w->child.trouble;
	if (w->child.garbled)
		watch_doubt(w, "the watcher is not understood");
	if (w->child.limit)
		watch_doubt(w, "there are not enough inotify watches");
	if (w->child.trouble)
		watch_doubt(w, "the watcher has trouble");
	w->child.limit = w->child.trouble = false;
	if (lives)
		return;
	end_child(w, &w->child);
	watch_unwitnessed(w);
	watch_plan_ended(&w->plan, w->now, "the watcher has ended");
}

void
watch_source_read(struct watch *w)
{
	if (w->child.pid > 0)
		read_child(w);
	if (w->next.pid > 0 && w->test.dir.len > 0)
		read_test(w);
	else if (w->next.pid > 0)
		read_next(w);
}

void
watch_source_check(struct watch *w)
{
	reap(w);
	if (look_at_roots(w)) {
		watch_unwitnessed(w);
		watch_plan_retry(&w->plan, w->now,
		    "a directory is another one");
	}
	/* of one that is starting, too: it may have passed by before */
	if (w->program && look_at_mounts(w)) {
		watch_unwitnessed(w);
		watch_plan_doubt(&w->plan, w->now,
		    "something was mounted or unmounted");
	}
	if (w->child.pid > 0 && cover_stopped(w->child.pid))
		watch_doubt(w, "the watcher was stopped");
}

void
watch_source_close(struct watch *w)
{
	end_child(w, &w->next);
	watch_test_end(&w->test);
	end_child(w, &w->child);
	cover_release(&w->cover);
	mounts_release(&w->mounts);
	w->listed = false;
	free(w->program);
	w->program = NULL;
	free(w->left);
	w->left = NULL;
	w->nleft = 0;
	buf_release(&w->moved);
}
