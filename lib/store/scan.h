/*
 * What scans know of files.  A scan writes what it offers before it says so;
 * store_enqueue acknowledges it in the transaction that makes the job.  See
 * store.h for errors and times, and rules/seen.h for the lists of files.
 */
#ifndef IQ_SCAN_STORE_H
#define IQ_SCAN_STORE_H

#include "rules/seen.h"
#include "store/store.h"

struct scan_state {
	int64_t id;		/* 0: nothing is stored yet */
	struct bytes name;
	struct bytes root;	/* without "/" at its end: that of / is empty */
	char type[TYPE_MAX + 1];	/* "": none */
	uint64_t device, inode;	/* of the root; 0: not known */
	uint64_t run, acknowledged;
	uint64_t said;		/* what is offered as of runs up to that one was
				 * printed: the others did not come to their
				 * end, or are those of a watch */
	int64_t files, offered;
	struct conduit out;	/* what it prints to, set by the owner: whoever
				 * reads it acknowledges */
	bool same_boot;		/* stamps are of this boot */
	int64_t started, finished, completed;	/* wall; 0: never */
	struct bytes from_key, from_name;	/* absent: the beginning */
	int64_t watch;		/* that it is a part of, set by the owner:
				 * watcher.h; 0: of none */
	struct buf text;	/* what they point into */
};

/* Reads what is stored of the name and root; of a new one, nothing. With a
 * STORE_READ handle, 66 when there is none. */
int store_scan_find(struct store *s, struct bytes name, struct bytes root,
	struct scan_state *out, struct err *err);
/* Makes it, when it is new, and keeps others from it until this handle is
 * closed: 75 when another process has it.  Reads it again.  type: NULL leaves
 * it as it is. */
int store_scan_take(struct store *s, struct scan_state *scan,
	const char *type, struct err *err);
typedef void scan_fn(void *ctx, const struct scan_state *scan);
int store_scan_each(struct store *s, scan_fn *fn, void *ctx,
	struct err *err);
/* Others may have it now. */
void store_scan_leave(struct store *s, const struct scan_state *scan);
void scan_state_release(struct scan_state *scan);

/* A directory's files, or some of them; key: its path below the root with NUL
 * for "/" */
struct scan_row {
	struct bytes key, first;	/* present, perhaps empty */
	struct bytes files;	/* absent: the row is to go */
	bool fresh;		/* for writing: there was no such row */
};

struct scan_rows {
	struct scan_row *v;
	size_t n, cap;
	struct arena arena;
	bool last;		/* there are no more */
};

/* Some rows in order of key and first, from the given ones on, with keys before
 * until (absent: all) */
int store_scan_read(struct store *s, const struct scan_state *scan,
	struct bytes key, struct bytes first, struct bytes until,
	struct scan_rows *out, struct err *err);
/* Of that directory: the row that has the name, if there is one, and a few
 * that come after it */
int store_scan_read_at(struct store *s, const struct scan_state *scan,
	struct bytes key, struct bytes name, struct scan_rows *out,
	struct err *err);
void scan_rows_release(struct scan_rows *r);
/* Rows and the state together; counts what they change. Not yet on disk. */
int store_scan_write(struct store *s, struct scan_state *scan,
	const struct scan_row *v, size_t n, struct err *err);
/* All that the last run offered was printed.  What runs before it offered, and
 * may not have printed, is as if another had, after it. */
int store_scan_said(struct store *s, struct scan_state *scan,
	struct err *err);
/* All that was printed has been taken. */
int store_scan_acknowledge(struct store *s, const struct scan_state *scan,
	struct err *err);
/* 74 with the advice */
int scan_damaged(const struct scan_state *scan, struct err *err);
int store_scan_forget(struct store *s, const struct scan_state *scan,
	struct err *err);

#endif
