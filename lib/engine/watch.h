/*
 * What happens below some directories, as paths that have changed.
 *
 * There is one way in which a path comes out: somebody asks for a name in a
 * directory, and a scan (scan.h) looks at what is there, and below it, compares
 * that with what is stored, stores it as offered, and then it is said.  Events
 * only say which names to ask for, and what may have been missed is asked for
 * as well, if need be at the root, which is a look at everything.
 *
 *	child --> changes (--debounce) --+
 *	      --> dirs (until covered) --+--> asks --> scan --> out (--rate)
 *	      --> later (--settle) ------+               |
 *	      --> young (20 ms) ---------+               |
 *	          ^  ^                                   |
 *	          |  +---- not settled ------------------+
 *	          +------- a directory that is not watched
 *
 * Nothing here waits but in poll(2), and a scan goes on by steps; else only the
 * store, for its turn (a signal ends that), a child that was killed (a second),
 * and the kernel: where a file system does not answer, whoever looks at one of
 * its directories waits, a signal or not.
 */
#ifndef IQ_WATCH_H
#define IQ_WATCH_H

#include <signal.h>

#include "engine/cover.h"
#include "engine/mounts.h"
#include "engine/scan.h"
#include "engine/signals.h"
#include "engine/stage.h"
#include "engine/watch_child.h"
#include "rules/watch_plan.h"

enum watch_source { WATCH_BY_AUTO, WATCH_BY_INOTIFYWAIT, WATCH_BY_FSWATCH,
	WATCH_BY_SCAN };

struct watch_options {
	enum watch_source source;
	struct debounce_options changes;	/* --debounce, --max-delay,
						 * --batch, --max-pending */
	int64_t batch_wait, settle;	/* ns */
	struct watch_plan_options plan;	/* rescan, fallback */
	struct rate rate;
	enum stream_format format;
	bool boundaries;
	bool once;		/* until the first batch is said */
	int64_t timeout;	/* ns; 0: none */
};

struct watch_root {
	/* ---- set by the owner ---- */
	struct scan scan;	/* what to look at; its state is taken. Silent
				 * is its first look only. */
	/* ---- private ---- */
	bool there;
	uint64_t device, inode;	/* of what is there */
	bool warned;
};

struct watch_tally {
	int64_t events, deduplicated, overflows, restarts, scans,
		fallback_scans;
};

struct watch_health {
	bool healthy;
	const char *why;	/* when it is not, or misses what it cannot read;
				 * static */
	const char *source;	/* "inotifywait", "fswatch", "scan" */
	enum watch_coverage coverage;
	int64_t directories;	/* that are watched, or 0 */
	int64_t pending;	/* paths that wait */
};

struct watch_ask {		/* one name */
	size_t root;
	struct bytes key, name;
};

struct watch {
	/* ---- set by the owner ---- */
	struct watch_options options;
	struct watch_root *roots;
	size_t nroots;
	struct signals *signals;	/* opened when their fd is negative,
					 * and left open for the next watch */
	void *ctx;
	void (*warn)(void *ctx, const char *sentence);
	void (*report)(void *ctx);	/* USR2 */
	void (*reload)(void *ctx);	/* HUP, and each second */
	/* As of struct scan; each time */
	void (*unread)(void *ctx, struct bytes path, int why);
	/* How it goes: when that has changed, and now and then (changed is
	 * false) */
	void (*tell)(void *ctx, bool changed);

	/* ---- to be read ---- */
	struct watch_tally tally;
	struct watch_health health;
	struct stage out;
	int64_t unsayable;	/* paths; counted by the owner */
	int stopped;		/* the signal that did it, or 0 */

	/* ---- private: watch_internal.h ---- */
	int64_t now;		/* boot */
	int64_t tick_at, tell_at, end_at;
	bool ending;
	bool hurry;		/* what is released is said now, even if it may
				 * have to be said twice */
	volatile sig_atomic_t stop;	/* of scans */
	struct watch_plan plan;
	char *program;		/* the file; NULL: none */
	enum watch_program kind;
	bool fit;		/* it was tested */
	struct watch_test test;	/* of the next child */
	bool untested;		/* it could not be, which was said */
	struct watch_child child, next;
	pid_t *left;		/* that were ended and have not gone yet */
	size_t nleft;
	bool hearing_next;	/* whose record it is */
	struct buf moved;	/* a directory that was moved away just now */
	uint32_t cookie;
	struct buf moved_to;	/* where one went that must have none below */
	int64_t named_at;	/* wall: what was moved since may be told of
				 * under an old name; INT64_MAX: nothing is */
	int64_t looked_for;	/* what that was when this look began */
	bool misnamed;		/* it has found what may be */
	struct mounts mounts;
	struct cover cover;
	bool listed;		/* what is watched is in there */
	_Atomic uint64_t here;	/* the device of a local file system */
	_Atomic bool abroad;	/* this look has found one that is not */
	bool was_abroad;	/* and the one before */
	struct debounce changes, dirs, later, young;
	struct buf path;
	/* holes: directories that are not watched, whatever we do, what cannot
	 * be read, and what has two names */
	struct watch_hole {
		struct buf path;
		bool found;	/* by this look */
		bool lasting;
		bool unread;	/* it cannot be */
	} *holes;
	size_t nholes;
	struct buf last_hole;	/* of this scan */
	int64_t holes_at;	/* when to look there */
	struct cover twice, twice_found;	/* marks of what has two
				 * names, as of the last look and of this */
	/* the scan that runs */
	struct arena arena;	/* of asks */
	struct watch_ask *asks;
	size_t nasks, cap_asks, at;
	int64_t settle;		/* ns that they have to; -1: as others */
	int64_t since;		/* how long one of them has been too young */
	int tries;		/* of the directories that are asked for */
	int step;		/* how many the last look at the cover was */
	struct bytes *names;
	struct scan_ask ask;
	struct watch_root *scanning;	/* NULL: none */
	size_t look_root;	/* of a look at everything; nroots: none */
	bool look_whole;	/* so far */
	bool looked;		/* once at least */
	uint64_t before_device, before_inode;
};

/* 0; 69 there is no such program; 64 it does not take so many roots.  Then
 * watch_release. */
int watch_open(struct watch *w, int out, struct err *err);
/* Until a signal, the time is over, or the reader has gone. 0; 74 the output
 * cannot be written; and what the store says. */
int watch_run(struct watch *w, struct err *err);
/* Ends it, as a signal does. */
void watch_end(struct watch *w);
/* The times of the options have changed. */
void watch_retime(struct watch *w);
void watch_release(struct watch *w);

#endif
