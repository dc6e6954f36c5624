/*
 * The order of the walk is a list of tasks.  A directory that was read puts
 * the rest of its files and then its subdirectories behind itself, so the list
 * is always in order, and whoever has nothing to do takes the first task that
 * nobody has taken.  What is done waits in its place until the owner gets
 * there.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/walk_internal.h"

/* Tasks that may be ahead of the owner */
#define AHEAD 48
/* Names that may be in memory before only the owner goes on reading */
#define NAMES_AHEAD ((size_t)8 << 20)
/* Subdirectories that get tasks at once */
#define EXPANDED 64
/* Descriptors for other purposes */
#define RESERVED 40

/* ---- tasks ---- */

static struct walk_task *
add_task(struct walk_task *next, enum task_kind kind, struct walk_dir *d,
	size_t from)
{
	struct walk_task *t = mem_zero(1, sizeof(*t));

	t->next = next;
	t->kind = kind;
	t->dir = d;
	t->from = from;
	return t;
}

/* What comes after a directory that has been read, in reverse */
static void
add_rest(struct walk_task *t)
{
	struct walk_private *own = t->dir->own;
	size_t from = own->nfiles;

	if (own->ndirs > 0) {
		own->refs++;
		t->next = add_task(t->next, TASK_EXPAND, t->dir, 0);
	}
	for (from -= from % WALK_BLOCK; from > 0; from -= WALK_BLOCK)
		if (from < own->nfiles) {
			own->refs++;
			t->next = add_task(t->next, TASK_LOOK, t->dir, from);
		}
}

/* Puts tasks for some subdirectories before the task. */
static void
expand(struct walk *w, struct walk_task **at)
{
	struct walk_task *t = *at, **end = at;
	struct walk_dir *d = t->dir;

	for (int i = 0; i < EXPANDED && d->own->expanded < d->own->ndirs;
	    i++) {
		const unsigned char *name = d->own->dirs[d->own->expanded++];
		struct walk_dir *child = walk_new_dir(w, d, bytes_of(
		    (const char *)name));

		child->own->link = walk_kind(name) == FILE_LINK;
		*end = add_task(t, TASK_READ, child, 0);
		end = &(*end)->next;
	}
	if (d->own->expanded < d->own->ndirs)
		return;
	*end = t->next;
	walk_forget_done(w, d);
	walk_unref(w, d);
	free(t);
}

static void
free_task(struct walk *w, struct walk_task *t)
{
	if (t->kind != TASK_EXPAND && t->state == TASK_DONE) {
		t->dir->own->looked++;
		walk_forget_done(w, t->dir);
	}
	walk_unref(w, t->dir);
	free(t->files);
	free(t);
}

/* The first that nobody has taken, or NULL: nobody is to go on for now. Only
 * the first of all is taken whatever there is in memory. */
static struct walk_task *
take_task(struct walk *w)
{
	struct walk_task **at = &w->head;

	while (*at) {
		struct walk_task *t = *at;

		if (t->state != TASK_TODO) {
			at = &t->next;
			continue;
		}
		if (t != w->head && (w->ahead >= AHEAD ||
		    w->bytes >= NAMES_AHEAD))
			break;
		if (t->kind != TASK_EXPAND) {
			t->state = TASK_BUSY;
			w->ahead++;
			return t;
		}
		expand(w, at);
	}
	return NULL;
}

/* The lock is held, but not meanwhile. */
static void
run_task(struct walk *w, struct walk_task *t)
{
	pthread_mutex_unlock(&w->lock);
	if (t->kind == TASK_READ)
		walk_read(w, t->dir);
	walk_look_at(w, t);
	pthread_mutex_lock(&w->lock);
	t->state = TASK_DONE;
	if (t->kind == TASK_READ) {
		w->bytes += t->dir->own->nnames;
		add_rest(t);
	}
	if (w->idle > 0)
		pthread_cond_signal(&w->work);
	if (w->waited_for && t == w->head)
		pthread_cond_signal(&w->done);
}

static void *
help(void *arg)
{
	struct walk *w = arg;
	struct walk_task *t;

	pthread_mutex_lock(&w->lock);
	while (!w->closing) {
		t = take_task(w);
		if (t) {
			run_task(w, t);
			continue;
		}
		w->idle++;
		pthread_cond_wait(&w->work, &w->lock);
		w->idle--;
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* ---- the owner ---- */

/* Signals are for the owner. One thread fewer is no error. */
static void
start_threads(struct walk *w)
{
	sigset_t all, before;

	w->threads = mem_zero((size_t)w->o.threads + 1, sizeof(*w->threads));
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (w->nthreads < w->o.threads && pthread_create(
	    &w->threads[w->nthreads], NULL, help, w) == 0)
		w->nthreads++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static int
most_open(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur <= RESERVED)
		return 0;
	return limit.rlim_cur - RESERVED > 4096 ? 4096 :
	    (int)limit.rlim_cur - RESERVED;
}

/* By its path, in pieces when that is too long for the system */
static int
open_root(struct bytes root)
{
	char *path = mem_dup(root.p, root.n), *at = path, *slash;
	int fd = directory_open(AT_FDCWD, "/", true), next;

	while (*at == '/')
		at++;
	while (fd >= 0 && *at) {
		slash = strlen(at) < PATH_MAX ? NULL : memrchr(at, '/',
		    PATH_MAX - 1);
		if (slash)
			*slash = '\0';
		next = directory_open(fd, at, true);
		close(fd);
		fd = next;
		at = slash ? slash + 1 : at + strlen(at);
	}
	free(path);
	return fd;
}

/* There is no such directory, or not for us; or something else is wrong. */
static int
open_status(int why)
{
	if (err_shortage(why))
		return EX_TEMPFAIL;
	return why == ENOENT || why == ENOTDIR || why == EACCES ||
	    why == ELOOP || why == ENAMETOOLONG ? EX_NOINPUT : EX_IOERR;
}

int
walk_open(struct walk **out, const struct walk_options *o, struct err *err)
{
	struct walk *w;
	int fd = open_root(o->root);

	*out = NULL;
	if (fd < 0)
		return err_errno(err, open_status(errno), "open %.*s",
		    (int)o->root.n, o->root.p);
	w = mem_zero(1, sizeof(*w));
	w->o = *o;
	if (o->globs && o->globs->n == 0)
		w->o.globs = NULL;
	w->most_open = most_open();
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	pthread_cond_init(&w->done, NULL);
	w->root = walk_new_dir(w, NULL, bytes_of(""));
	w->root->own->fd = fd;
	w->root->own->on_way = o->from_key.p != NULL;
	w->root->own->refs++;
	w->open = 1;
	if (o->from_key.n > 0)
		w->from_depth = 1;
	for (size_t i = 0; i < o->from_key.n; i++)
		w->from_depth += o->from_key.p[i] == '\0';
	w->head = add_task(NULL, TASK_READ, w->root, 0);
	start_threads(w);
	*out = w;
	return 0;
}

static void
give_back(struct walk *w)
{
	if (w->given)
		free_task(w, w->given);
	w->given = NULL;
}

bool
walk_next(struct walk *w, struct walk_block *out)
{
	struct walk_task *t;

	pthread_mutex_lock(&w->lock);
	give_back(w);
	while (w->head && w->head->state != TASK_DONE) {
		t = take_task(w);
		if (t) {
			run_task(w, t);
		} else if (w->head) {
			w->waited_for = true;
			pthread_cond_wait(&w->done, &w->lock);
			w->waited_for = false;
		}
	}
	t = w->given = w->head;
	if (t) {
		w->head = t->next;
		w->ahead--;
		if (w->idle > 0 && w->ahead <= AHEAD / 2)
			pthread_cond_signal(&w->work);
		*out = (struct walk_block){ t->dir, t->files, t->n,
		    t->kind == TASK_READ,
		    t->from + t->n == t->dir->own->nfiles, t->wall, t->boot };
	}
	pthread_mutex_unlock(&w->lock);
	return t != NULL;
}

void
walk_close(struct walk *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->closing = true;
	pthread_cond_broadcast(&w->work);
	pthread_mutex_unlock(&w->lock);
	for (int i = 0; i < w->nthreads; i++)
		pthread_join(w->threads[i], NULL);
	give_back(w);
	while (w->head) {
		struct walk_task *t = w->head;

		w->head = t->next;
		free_task(w, t);
	}
	walk_unref(w, w->root);
	pthread_cond_destroy(&w->work);
	pthread_cond_destroy(&w->done);
	pthread_mutex_destroy(&w->lock);
	free(w->threads);
	free(w);
}
