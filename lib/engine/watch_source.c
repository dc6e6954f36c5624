/* The processes that tell what happens. */
#include <fcntl.h>
#include <stdlib.h>
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
	static const enum watch_program both[] = { WATCH_FSWATCH,
	    WATCH_INOTIFYWAIT };

	for (int i = 0; i < 2 && w->program == NULL; i++)
		if (cover_native(both[i])) {
			w->kind = both[i];
			w->program = watch_program_find(w->kind);
		}
}

int
watch_source_open(struct watch *w, struct err *err)
{
	enum watch_source source = w->options.source;
	struct buf text = { 0 };

	cover_init(&w->cover);
	w->child.out = w->child.err = w->next.out = w->next.err = -1;
	if (source == WATCH_BY_SCAN || w->nroots > ROOTS_MOST)
		return 0;
	if (source == WATCH_BY_AUTO) {
		find_native(w);
	} else {
		w->kind = source == WATCH_BY_FSWATCH ? WATCH_FSWATCH :
		    WATCH_INOTIFYWAIT;
		w->program = watch_program_find(w->kind);
	}
	if (w->program)
		return 0;
	buf_addf(&text, "find %s: it is not in PATH", program_name(w->kind));
	if (source == WATCH_BY_AUTO) {
		buf_adds(&text, "; directories are looked at from time to "
		    "time");
		w->warn(w->ctx, text.p);
	} else {
		err_set(err, EX_UNAVAILABLE, "%s", text.p);
	}
	buf_release(&text);
	return source == WATCH_BY_AUTO ? 0 : EX_UNAVAILABLE;
}

/* ---- roots ---- */

static const char *
root_path(const struct watch_root *r)
{
	return r->scan.state->root.n ? r->scan.state->root.p : "/";
}

/* True when it is another one than before. */
static bool
look_at_root(struct watch *w, struct watch_root *r)
{
	struct file f;
	bool there = file_look(AT_FDCWD, root_path(r), true, &f) == 0 &&
	    f.kind == FILE_DIRECTORY;
	bool other = there != r->there || (there &&
	    (f.device != r->device || f.inode != r->inode));
	struct buf text = { 0 };

	if (there) {
		r->device = f.device;
		r->inode = f.inode;
	} else if (r->there || !r->warned) {
		buf_addf(&text, "%s: no such directory; waiting for it",
		    root_path(r));
		w->warn(w->ctx, text.p);
		buf_release(&text);
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

/* ---- children ---- */

/* False: this program is not used. */
static bool
is_fit(struct watch *w)
{
	struct buf why = { 0 }, text = { 0 };
	enum watch_tested tested;

	if (w->kind == WATCH_FSWATCH)
		w->fit = true;
	if (w->fit)
		return true;
	tested = watch_child_test(w->kind, w->program, &why);
	w->fit = tested == WATCH_IS_FIT;
	buf_release(&why);
	if (tested == WATCH_IS_ODD) {
		buf_addf(&text, "%s does not say what it should, and is not "
		    "used: directories are looked at from time to time",
		    w->program);
		w->warn(w->ctx, text.p);
		buf_release(&text);
		free(w->program);
		w->program = NULL;
	}
	return w->fit;
}

static void
fail(struct watch *w, const char *why)
{
	watch_child_end(&w->next);
	watch_child_end(&w->child);
	watch_plan_failed(&w->plan, w->now, why);
}

void
watch_source_start(struct watch *w)
{
	struct bytes *roots = mem_zero(w->nroots + 1, sizeof(*roots));
	struct err err;
	size_t n = 0;

	look_at_roots(w);
	for (size_t i = 0; i < w->nroots; i++)
		if (w->roots[i].there)
			roots[n++] = w->roots[i].scan.state->root;
	watch_plan_started(&w->plan, w->now);
	w->tally.restarts += w->looked;
	if (n == 0)
		fail(w, "there is no directory");
	else if (!is_fit(w) && w->program == NULL)
		watch_plan_without(&w->plan, w->now);
	else if (!w->fit)
		fail(w, "the watcher could not be tried");
	else if (watch_child_start(&w->next, w->kind, w->program, roots, n,
	    &err) != 0)
		fail(w, "the watcher could not be started");
	free(roots);
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
	watch_child_end(&w->child);
	w->child = w->next;
	w->next = (struct watch_child){ .out = -1, .err = -1 };
	for (size_t i = 0; i < w->nroots; i++)
		w->roots[i].scan.policy.witnessed =
		    w->roots[i].scan.state->run + 1;
	buf_reset(&w->moved);
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

	if (w->child.garbled)
		watch_doubt(w, "the watcher is not understood");
	if (w->child.limit)
		watch_doubt(w, "there are not enough inotify watches");
	if (w->child.trouble)
		watch_doubt(w, "the watcher has trouble");
	w->child.limit = w->child.trouble = false;
	if (lives)
		return;
	watch_child_end(&w->child);
	watch_plan_ended(&w->plan, w->now, "the watcher has ended");
}

void
watch_source_read(struct watch *w)
{
	if (w->child.pid > 0)
		read_child(w);
	if (w->next.pid > 0)
		read_next(w);
}

void
watch_source_check(struct watch *w)
{
	if (look_at_roots(w))
		watch_plan_retry(&w->plan, w->now,
		    "a directory is another one");
	if (w->child.pid > 0 && cover_stopped(w->child.pid))
		watch_doubt(w, "the watcher was stopped");
}

/* ---- what they cover ---- */

/* When the root itself is not among what is watched, nothing can be told. */
static bool
root_is_covered(struct watch *w, const struct watch_root *r)
{
	int fd = directory_open(AT_FDCWD, root_path(r), true);
	bool has;

	if (fd < 0)
		return true;
	has = cover_has(&w->cover, cover_mark(&w->cover, fd, r->device,
	    r->inode));
	if (!has && !w->cover.by_inode) {
		w->cover.by_inode = true;
		has = cover_has(&w->cover, cover_mark(&w->cover, fd,
		    r->device, r->inode));
		w->cover.by_inode = has;
	}
	close(fd);
	return has;
}

void
watch_source_cover(struct watch *w)
{
	/* before: what it did not watch by then it never will */
	w->step = w->child.pid > 0 && cover_waits(w->child.pid,
	    w->child.out) ? WATCH_TRIES_IDLE : 1;
	w->verified = w->child.pid > 0 && cover_read(&w->cover, w->child.pid);
	for (size_t i = 0; i < w->nroots && w->verified; i++)
		if (w->roots[i].there)
			w->verified = root_is_covered(w, &w->roots[i]);
}

void
watch_source_close(struct watch *w)
{
	watch_child_end(&w->next);
	watch_child_end(&w->child);
	cover_release(&w->cover);
	w->verified = false;
	free(w->program);
	w->program = NULL;
	buf_release(&w->moved);
}
