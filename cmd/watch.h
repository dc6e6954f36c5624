/* What the files of iq-watch share. */
#ifndef IQ_WATCH_CMD_H
#define IQ_WATCH_CMD_H

#include "base/hash.h"
#include "engine/watch.h"
#include "scan.h"

/* As many paths that cannot be printed are remembered to have been named; of
 * more than that some are named again. */
#define WATCH_NAMED 1024

struct watched {
	struct watch_root *roots;
	struct globs *globs;		/* of each */
	struct scan_state *states;
	size_t n;
};

struct watch_program_state {
	struct scan_program source;	/* where to look, and for what */
	struct signals signals;
	struct watch watch;		/* this life of it */
	struct watched found, next;	/* for it, and for the next one */
	bool verbose, deletions, no_existing;
	/* said on the command line: the type's setting does not matter */
	bool debounce_said, max_delay_said, rescan_said;
	int status_fd;			/* -1: none */
	struct output status, says;	/* says: stderr */
	int64_t end_at;			/* boot; 0: none */
	struct buf choice;		/* of the settings: where to look */
	bool again;			/* there is a next life */
	bool later;			/* there will be, when it can be had */
	int failed;			/* errno of the output */
	int64_t batches;		/* of the lives before */
	struct watch_tally saved;	/* in the queue */
	int64_t batches_saved;		/* of this life */
	int64_t number;			/* of this watch there; 0: none yet */
	struct watcher_health told;	/* that stands there */
	int64_t told_at;		/* boot */
	struct hash_key key;
	uint64_t named[WATCH_NAMED];	/* hashes of paths, each in its place */
};

/* A mistake exits 64. */
void watch_parse(struct watch_program_state *p, int argc, char **argv);

/* ---- watch_roots.c ---- */

/* The directories that options and settings name, in *v; 75 when another
 * process has one of them.  On failure nothing is there, and those of p->found
 * are kept. */
int watch_find(struct watch_program_state *p, struct watched *v,
	struct err *err);
/* Forgets them.  Others may have those that kept has not; NULL: none, until the
 * store is closed */
void watch_lose(struct watch_program_state *p, struct watched *v,
	const struct watched *kept);
/* p->next is p->found now. */
int watch_move(struct watch_program_state *p, struct err *err);

/* ---- watch_settings.c ---- */

/* What the options leave to them */
int watch_read_settings(struct watch_program_state *p, struct err *err);
/* (struct watch_program_state *) of struct watch: takes over what has changed.
 * To look elsewhere is another life. */
void watch_reload(void *ctx);

/* ---- watch_report.c ---- */

/* One JSON line: what is, and what was counted */
void watch_put_status(const struct watch_program_state *p, struct buf *out);
/* On stderr, for as long as it waits for its reader: what is too much is not
 * said. (struct watch_program_state *) */
void watch_say(void *ctx, struct bytes line);
/* At the end, when it has a little patience */
void watch_say_rest(struct watch_program_state *p);
/* On --status-fd */
void watch_tell_status(struct watch_program_state *p);
/* Into the queue, that it has begun; */
int watch_join(struct watch_program_state *p, struct err *err);
/* how it goes and what was counted since then, where anything is new; */
int watch_save(struct watch_program_state *p, struct err *err);
/* and that it has ended as it was told to */
int watch_leave(struct watch_program_state *p, struct err *err);

#endif
