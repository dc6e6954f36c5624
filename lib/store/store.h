/*
 * The queue: opening it, putting jobs in, steering it; what workers do is in
 * work.h, what is read for people in read.h.
 *
 * Each verb is one short transaction; no begin or commit is visible above this
 * line.  A verb that changes something may be repeated
 * after an unknown outcome; "somebody else owns it now" is a value.
 *
 * Errors: 0 or an exit code with *err filled (base/err.h): 66 no such queue,
 * 70 an invariant does not hold, 73 cannot create, 74 I/O, disk full or
 * damage, 75 busy past the deadline, out of room, or upgraded by a newer
 * program since it was opened; 77 not permitted, 78 a schema newer than this
 * program.
 *
 * Times are int64_t ns of wall time unless named boot; durations are ns.
 */
#ifndef IQ_STORE_H
#define IQ_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "rules/hist.h"
#include "rules/record.h"
#include "rules/setting.h"
#include "rules/state.h"
#include "rules/type.h"

struct store;

enum store_mode {
	STORE_READ,		/* missing: 66 */
	STORE_WRITE,		/* missing: 66 */
	STORE_CREATE,		/* missing: made */
	STORE_PLACE,		/* only the place is looked at, and made: for
				 * store_restore */
};

struct store_options {
	const char *path;	/* NULL: $IQ_QUEUE, else the standard place */
	enum store_mode mode;
	const char *program;	/* for the audit log */
	bool anew;		/* also where the log of one that has gone is
				 * left, which is 66 else */
	bool any_older;		/* who reads only what all versions have, or
				 * copies: also one of an older major */
	bool later;		/* who only enqueues: while another process
				 * serves the queue it is opened when it has to
				 * be, and what is wrong with it told then */
	int64_t deadline;	/* ns to wait for the turn; 0: 30 s */
	const struct clock *clock;	/* NULL: clock_system */
};

int store_open(struct store **out, const struct store_options *o,
	struct err *err);
void store_close(struct store *s);	/* NULL is fine */
/* The same for a program that is about to exit: memory and descriptors are
 * left to the system, which is quicker at it. */
void store_leave(struct store *s);

/* Absolute path of the queue file, and of the file beside it that has the locks
 * of workers and of what they run. */
const char *store_path(const struct store *s);
const char *store_locks(const struct store *s);
/* "made /path/queue.db" is worth saying: this open created the queue. */
bool store_created(const struct store *s);
/* This open brought it from an older schema (major * 1000 + minor). */
bool store_upgraded(const struct store *s, int *from, int *to);

/* Everything committed so far by this handle is on disk afterwards. */
int store_sync(struct store *s, struct err *err);
/* From now on nothing waits longer for the turn than this (ns, 0: 30 s). */
void store_hurry(struct store *s, int64_t deadline);
/* Ask a long wait for the turn, or a backup, to give up soon (async-signal-
 * safe). */
void store_interrupt(struct store *s);
/* So does a wait for the turn while this descriptor can be read; 0: none */
void store_wake(struct store *s, int fd);

/* ---- enqueue ---- */

enum on_duplicate { DUPLICATE_SKIP, DUPLICATE_REPLACE, DUPLICATE_ALLOW,
	DUPLICATE_FAIL };
enum on_parent_failure { PARENT_WAIT, PARENT_CANCEL, PARENT_RUN };

/* What becomes of a record whose type has max_queue pending jobs; the first
 * three in the order of the setting's words */
enum on_full { FULL_BLOCK, FULL_FAIL, FULL_DROP, FULL_SETTING };

#define STORE_UNBOUNDED (-1)

struct enqueue_options {
	enum on_duplicate on_duplicate;
	int64_t unique_for;	/* ns; 0: off */
	int64_t debounce;	/* ns; 0: off */
	int64_t max_delay;	/* ns; 0: as debounce allows (no bound) */
	int64_t max_queue;	/* pending jobs of the type; 0: the setting,
				 * STORE_UNBOUNDED */
	enum on_full on_full;
	bool blocked;		/* the first record has waited for room, which
				 * was counted then */
	enum on_parent_failure on_parent_failure;
	bool no_key;
	struct conduit from;	/* what the records were read from: whoever
				 * wrote them there has handed them over */
};

enum enqueued {
	ENQUEUED_NEW,
	ENQUEUED_MERGED,	/* id is the existing job's */
	ENQUEUED_REPLACED,
	ENQUEUED_DUPLICATE,	/* --on-duplicate fail: refused */
	ENQUEUED_NO_PARENT,	/* id is one of after that does not exist */
	ENQUEUED_CIRCLE,	/* one of after waits for the job that this
				 * record would replace or follow */
	ENQUEUED_DROPPED,	/* no room, and FULL_DROP */
	ENQUEUED_FULL,		/* no room, and FULL_FAIL: not taken */
	ENQUEUED_BLOCKED,	/* no room yet: not taken */
	ENQUEUED_REFUSED,	/* never given to the store: its caller's */
};

struct enqueue_result {
	int64_t id;		/* 0 when refused or not taken */
	enum enqueued what;
};

/* Takes the first records until one finds its type full and is not to be
 * dropped; *taken says how many were dealt with, and results[*taken] why it
 * stopped there. All of them are on disk on return. record.type must be set. */
int store_enqueue(struct store *s, const struct enqueue_options *o,
	const struct record *v, size_t n, struct enqueue_result *results,
	size_t *taken, struct err *err);
/* Waits, at most that long (ns), until there is room for a job of this type.
 * Only reads. */
int store_wait_for_room(struct store *s, const struct enqueue_options *o,
	struct bytes type, int64_t timeout, bool *room, struct err *err);

struct count {
	enum metric metric;	/* a plain counter */
	int64_t n;
};
/* What the caller counted itself; the type is made when it does not exist. */
int store_count(struct store *s, const char *type, const struct count *v,
	size_t n, struct err *err);

/* ---- wake-ups ---- */

/* Readable when some verb made a job startable (inotify on the sidecar), or -1
 * where there is no such thing. store_wake_drain empties it. */
int store_wake_fd(struct store *s);
void store_wake_drain(struct store *s);
/* True when another connection has committed since the last call. */
bool store_changed(struct store *s);
/* True when what is open is not at its path any more: it was deleted, moved or
 * replaced, and what is there now has to be opened by its own. */
bool store_moved(struct store *s);
/* 66 then */
int store_still_there(struct store *s, struct err *err);

/* ---- control ---- */

enum job_verb { JOB_RETRY, JOB_CANCEL, JOB_KILL, JOB_RELEASE, JOB_QUARANTINE,
	JOB_DISCARD, JOB_PRIORITY };

/* Who does it, when the job runs */
enum carried_out {
	CARRIED_OUT,		/* it has happened */
	CARRIED_BY_WORKER,	/* its worker was told */
	CARRIED_BY_NOBODY,	/* its worker is dead: it happens when what
				 * the worker left running has ended */
};

struct control_result {
	int64_t id;
	enum state from, to;
	bool found, ok;
	enum carried_out how;
};

int store_control(struct store *s, enum job_verb verb, int priority,
	const int64_t *ids, size_t n, struct control_result *out,
	struct err *err);
/* type NULL: everything. until: wall ns, 0 for ever. 66 when there is no such
 * type. */
int store_pause(struct store *s, const char *type, const char *reason,
	int64_t until, struct err *err);
int store_resume(struct store *s, const char *type, struct err *err);

/* ---- settings ---- */

struct setting_change {
	const char *type;	/* NULL: global */
	enum setting_key key;
	const char *text;	/* NULL: unset */
};
/* Validated whole before anything changes; one event for all.  To unset what is
 * not set there does nothing, and makes no type. */
int store_settings_change(struct store *s, const struct setting_change *v,
	size_t n, struct err *err);
/* Effective text and origin (environment included), NULL text when unset.
 * Valid until the settings change. */
int store_setting(struct store *s, const char *type, enum setting_key k,
	const char **text, enum origin *origin, struct err *err);
/* The same, as a number, through setting_parse */
int store_setting_value(struct store *s, const char *type, enum setting_key k,
	struct setting_value *v, bool *set, struct err *err);
typedef int setting_fn(void *ctx, const char *type, enum setting_key k,
	const char *text);
int store_settings_each(struct store *s, setting_fn *fn, void *ctx,
	struct err *err);
typedef void type_fn(void *ctx, const char *type);
int store_types_each(struct store *s, type_fn *fn, void *ctx,
	struct err *err);

/* Waits until all these jobs have ended (or, with ids NULL, those of the
 * group), or the deadline (boot ns, 0 none) has passed: 75.  66 when there is
 * no such job, or none, live or ended, in the group.  One that retention has
 * forgotten since this handle was opened is there; of a group it is not
 * counted.  ends: how each of ids ended, NULL: not asked for. *failed: how
 * many did not succeed. */
int store_wait(struct store *s, const int64_t *ids, size_t n,
	struct bytes group, int64_t deadline, enum state *ends,
	size_t *failed, struct err *err);

/* ---- trust (trust.c) ---- */

/* Whether this user has said that what is stored in this queue may be run. 77
 * when the queue belongs to somebody else (also for root), or the list of
 * trusted queues could be somebody else's word. */
int store_trusted(struct store *s, bool *yes, struct err *err);
int store_trust(struct store *s, struct err *err);
/* Of the queue at this place (NULL: as store_options.path), which need not
 * exist.  path: where that is; *was: it was trusted */
int store_untrust(const char *queue, struct buf *path, bool *was,
	struct err *err);

/* ---- the file ---- */

struct store_info {
	int version, sqlite_version;
	int64_t created;
	int64_t db_bytes, wal_bytes, jobs, history, events;
	char uuid[40];
};
int store_info(struct store *s, struct store_info *out, struct err *err);

/* Of the file and its log */
int64_t store_bytes(const struct store *s);

/* How far the long verbs below are, called now and then while they work. */
typedef void progress_fn(void *ctx, const char *what, int64_t done,
	int64_t total);
void store_watch(struct store *s, progress_fn *fn, void *ctx);

/* Integrity and every invariant; fn gets one sentence per finding. */
typedef void finding_fn(void *ctx, const char *sentence);
int store_check(struct store *s, finding_fn *fn, void *ctx, size_t *findings,
	struct err *err);
/* Mends what can be mended without guessing: fn gets the sentence of each
 * thing that was wrong and no longer is. Of a damaged file nothing is. */
int store_repair(struct store *s, finding_fn *fn, void *ctx, size_t *mended,
	struct err *err);
/* How store_restore went */
struct restored {
	int64_t as_of;		/* wall: the last event in the backup */
	struct buf kept;	/* where what was there is now; empty: nothing
				 * was there */
	char other[40];		/* the uuid of that, when it is another queue;
				 * "": it is not, or could not be read */
	bool known;		/* it could be read and is a later state of the
				 * backup, so the rest is known */
	int64_t jobs;		/* live ones that were enqueued since: gone */
	int64_t again;		/* that have ended since: they will run again */
	int64_t events;
};
/* The queue, opened as a place, becomes what the backup is; ids that it has given away
 * since are not given again, as far as it could be read. 75 while a worker or what
 * its handler left lives, or without room; 66, 74, 77, 78 for the backup, 73 when
 * that is a queue with such a worker. */
int store_restore(struct store *s, const char *from, struct restored *out,
	struct err *err);
/* Rewrites the file without what is free in it, in the turn. *before, *after:
 * its bytes. 75 without room. */
int store_compact(struct store *s, int64_t *before, int64_t *after,
	struct err *err);
/* Online copy: temporary file, check, fsync, rename, fsync of the directory. 73
 * when something else than an older backup of this queue is there. */
int store_backup(struct store *s, const char *to, struct err *err);

#endif
