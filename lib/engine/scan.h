/*
 * One look at the files below a directory: what is there is compared with what
 * is stored of it, and what differs is stored as offered, and then said.
 *
 * The walk and the stored rows come in the same order, so neither is looked up:
 * they are merged.  Whatever happens in between, a file is said again until
 * somebody has acknowledged it.
 */
#ifndef IQ_SCAN_H
#define IQ_SCAN_H

#include <signal.h>

#include "engine/walk.h"
#include "rules/record.h"
#include "store/scan.h"

struct scan_tally {
	int64_t files, directories;
	int64_t created, modified, deleted, unchanged;	/* said */
	int64_t again;		/* of the first three: said before */
	int64_t unsettled;	/* may still be written to */
	int64_t unread;		/* directories and files */
	int64_t unsayable;	/* names that the format cannot say */
	bool more;		/* a limit was reached */
};

/* What is to be looked at, where it is not everything: these names in that
 * directory, whatever they are, and what is below them, also where there is
 * nothing any more. */
struct scan_ask {
	struct bytes key;	/* as of struct scan_row; present */
	const struct bytes *names;	/* sorted, each once */
	size_t n;
	int64_t settle;		/* ns, of these files, instead of the policy's:
				 * whoever wrote them has said that it is done;
				 * negative: as it says */
};

struct scan {
	/* ---- set by the owner ---- */
	struct store *store;
	struct scan_state *state;	/* taken */
	struct walk_options walk;	/* but its root, and where to begin */
	struct seen_policy policy;	/* identity, settle, what to say */
	enum stream_format format;
	int out;
	int64_t limit;		/* records; 0: none */
	int64_t deadline;	/* boot; 0: none */
	const volatile sig_atomic_t *stop;	/* nonzero: soon */
	void *ctx;
	/* These could not be read: errno; or 0: it is another directory than
	 * the one that was known.  What is stored of them stays. */
	void (*unread)(void *ctx, struct bytes path, int why);
	void (*unsayable)(void *ctx, struct bytes path);
	/* All of these may be NULL. What is said goes there, instead of to out,
	 * once it is stored. */
	void (*take)(void *ctx, struct bytes path, struct bytes record);
	/* This directory is going to be listed, or was, maybe as one above. */
	void (*entered)(void *ctx, struct bytes path,
		const struct walk_dir *d);
	/* The file is to be looked at again when it has settled. */
	void (*unsettled)(void *ctx, struct bytes path);
	/* Now and then */
	void (*progress)(void *ctx, const struct scan_tally *tally);

	/* ---- to be read; what several runs tally adds up ---- */
	struct scan_tally tally;
	int failed;		/* errno of writing; EPIPE: no reader */

	/* ---- private: scan_internal.h ---- */
	struct scanning *now;
};

/* A look in steps, between which the owner can do something else, but not with
 * this state.  ask NULL: at everything, from where the last one ended.  After
 * begin there must be an end, whatever it and the steps return. */
int scan_begin(struct scan *s, const struct scan_ask *ask, struct err *err);
/* *ended: nothing is left to be done */
int scan_step(struct scan *s, bool *ended, struct err *err);
/* failed: what begin or a step returned; comes back when it is not 0 */
int scan_end(struct scan *s, bool ended, int failed, struct err *err);
/* All of these. 0, also when something could not be read or a limit was
 * reached; 66 when the root is no directory; 74 the output cannot be written,
 * and what the store says. */
int scan_run(struct scan *s, struct err *err);

#endif
