/* Private to walk.c (tasks), walk_dir.c, walk_read.c and walk_rules.c. */
#ifndef IQ_WALK_INTERNAL_H
#define IQ_WALK_INTERNAL_H

#include <pthread.h>

#include "engine/walk.h"

/* Files that are looked at together */
#define WALK_BLOCK 2048

struct walk_private {
	int refs;		/* under the lock */
	int fd;			/* -1: not kept open */
	bool link;		/* its name is a symbolic link */
	bool on_way;		/* to where the walk begins */
	bool ruled;		/* there are rules here or above */
	struct globs rules;	/* of its own ignore file */
	char *names;		/* kind, name, NUL; one after the other */
	size_t nnames;
	const unsigned char **files, **dirs;	/* names, sorted */
	size_t nfiles, ndirs;
	size_t looked;		/* blocks given out and let go */
	size_t expanded;	/* of dirs */
};

enum task_kind { TASK_READ, TASK_LOOK, TASK_EXPAND };
enum task_state { TASK_TODO, TASK_BUSY, TASK_DONE };

struct walk_task {
	struct walk_task *next;
	enum task_kind kind;
	enum task_state state;
	struct walk_dir *dir;
	size_t from;		/* of its files */
	struct walk_file *files;
	size_t n;
	int64_t wall, boot;	/* before they were looked at */
};

struct walk {
	struct walk_options o;
	size_t from_depth;	/* components of from_key */
	struct walk_dir *root;
	pthread_mutex_t lock;	/* of all below, refs and the lists of tasks */
	pthread_cond_t work, done;
	pthread_t *threads;
	int nthreads, idle;
	bool closing, waited_for;
	struct walk_task *head;	/* in order */
	struct walk_task *given;	/* what the owner has */
	size_t ahead;		/* tasks that are busy or done */
	size_t bytes;		/* of names */
	int open, most_open;	/* descriptors that are kept */
};

/* The kind stands before the name. */
static inline enum file_kind
walk_kind(const unsigned char *name)
{
	return (enum file_kind)name[-1];
}

/* ---- walk_dir.c; all of it under the lock ---- */

/* With one reference, and one more to its parent */
struct walk_dir *walk_new_dir(struct walk *w, struct walk_dir *parent,
	struct bytes name);
void walk_unref(struct walk *w, struct walk_dir *d);
/* Its names, when nobody needs them any more */
void walk_forget_done(struct walk *w, struct walk_dir *d);
/* On the way to where the walk begins: the name that it goes on with */
struct bytes walk_way(const struct walk *w, const struct walk_dir *d);

/* ---- walk_read.c: outside of the lock, each task by one thread ---- */

/* Opens and lists the directory; sets its error. */
void walk_read(struct walk *w, struct walk_dir *d);
/* Looks at the files of the task's block. */
void walk_look_at(struct walk *w, struct walk_task *t);
/* A descriptor of the directory, *own when it is to be closed; -1 with errno */
int walk_fd(struct walk_dir *d, bool *own);

/* ---- walk_rules.c ---- */

/* Reads the ignore file, if that name is there: 0 or errno */
int walk_read_rules(struct walk *w, struct walk_dir *d, int fd);
/* path: of the directory from the root, "/" at its end unless empty, with room
 * for a name; it comes back as it was */
void walk_path(const struct walk_dir *d, struct buf *path);
bool walk_excluded(const struct walk *w, const struct walk_dir *d,
	struct buf *path, struct bytes name, bool directory);

#endif
