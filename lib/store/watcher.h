/*
 * How watches go (engine/watch.h): each has a row, and holds a lock as long as
 * it lives.  The row of one that died stays until another watch or scan has
 * taken the directories that it had.  See store.h for errors and times.
 */
#ifndef IQ_WATCHER_H
#define IQ_WATCHER_H

#include "rules/watch_plan.h"
#include "store/store.h"

struct scan_state;		/* scan.h */

struct watcher_health {
	bool healthy;
	const char *reason;	/* why it is not, or what it misses, or NULL */
	const char *source;	/* "inotifywait", "fswatch", "scan" */
	enum watch_coverage coverage;
	int64_t pending;	/* paths that wait */
	int64_t debounce, batch;	/* ns, paths */
};

/* A watch of these directories, which this handle has taken, begins.  *watch:
 * its number.  One process has at most one. */
int store_watch_join(struct store *s, struct scan_state *scans, size_t n,
	const struct watcher_health *h, int64_t *watch, struct err *err);
/* And at least every WATCHER_TELLS: how it goes, and what it has counted since
 * then, for that type */
int store_watch_tell(struct store *s, int64_t watch,
	const struct watcher_health *h, const char *type,
	const struct count *v, size_t n, struct err *err);
/* It ends as it was told to. */
int store_watch_leave(struct store *s, int64_t watch, struct err *err);

#define WATCHER_TELLS (30 * NS_PER_S)
/* Who is silent for longer is stopped, or hangs. */
#define WATCHER_SILENT (120 * NS_PER_S)

struct watcher_stats {
	int64_t id;
	char host[64];
	int pid;
	/* what it told last, but that who is dead, or overdue, is not well */
	struct watcher_health health;
	int64_t started, told;	/* wall */
	int64_t silent;		/* ns since it told */
	bool alive;		/* its process is there */
	bool overdue;		/* and has been silent for too long */
	char type[TYPE_MAX + 1];	/* "": none */
	struct bytes name;	/* of its scans; may be empty */
	struct bytes *roots;	/* absolute, at least one */
	size_t nroots;
	char *text;		/* what reason and source point into */
};

/* ---- for store_scan_take ---- */

/* The process of the live watch that has a scan, or 0 */
int watcher_of(struct store *s, int64_t scan, int *pid, struct err *err);

/* ---- for store_stats ---- */

/* Those of the type and its children; NULL: all. Inside a reading. */
int watchers_read(struct store *s, const char *type,
	struct watcher_stats **v, size_t *n, struct err *err);
void watchers_release(struct watcher_stats *v, size_t n);

#endif
