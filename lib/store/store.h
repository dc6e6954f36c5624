/*
 * The queue.  Each verb is one short transaction; no begin or commit is
 * visible above this line.  A verb that changes something may be repeated
 * after an unknown outcome; "somebody else owns it now" is a value.
 *
 * Errors: 0 or an exit code with *err filled (base/err.h): 66 no such queue,
 * 70 an invariant does not hold, 73 cannot create, 74 I/O, disk full or
 * damage, 75 busy past the deadline or out of room, 77 not permitted, 78 a
 * schema newer than this program.
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
#include "rules/hist.h"
#include "rules/record.h"
#include "rules/retry.h"
#include "rules/setting.h"
#include "rules/state.h"
#include "rules/type.h"

struct store;

enum store_mode {
	STORE_READ,		/* missing: 66 */
	STORE_WRITE,		/* missing: 66 */
	STORE_CREATE,		/* missing: made */
};

struct store_options {
	const char *path;	/* NULL: $IQ_QUEUE, else the standard place */
	enum store_mode mode;
	const char *program;	/* for the audit log */
	int64_t deadline;	/* ns to wait for the turn; 0: 30 s */
	const struct clock *clock;	/* NULL: clock_system */
};

int store_open(struct store **out, const struct store_options *o,
	struct err *err);
void store_close(struct store *s);	/* NULL is fine */
/* The same for a program that is about to exit: memory and descriptors are
 * left to the system, which is quicker at it. */
void store_leave(struct store *s);

/* Absolute path of the queue file, and of its sidecar. */
const char *store_path(const struct store *s);
const char *store_sidecar(const struct store *s);
/* "made /path/queue.db" is worth saying: this open created the queue. */
bool store_created(const struct store *s);

/* Everything committed so far by this handle is on disk afterwards. */
int store_sync(struct store *s, struct err *err);
/* Ask a long wait for the turn to give up soon (async-signal-safe). */
void store_interrupt(struct store *s);

/* ---- enqueue ---- */

enum on_duplicate { DUPLICATE_SKIP, DUPLICATE_REPLACE, DUPLICATE_ALLOW,
	DUPLICATE_FAIL };
enum on_parent_failure { PARENT_WAIT, PARENT_CANCEL, PARENT_RUN };

struct enqueue_options {
	enum on_duplicate on_duplicate;
	int64_t unique_for;	/* ns; 0: off */
	int64_t debounce;	/* ns; 0: off */
	int64_t max_delay;	/* ns; 0: as debounce allows (no bound) */
	int64_t max_queue;	/* pending jobs of the type; 0: the setting */
	enum on_parent_failure on_parent_failure;
	bool no_key;
};

enum enqueued {
	ENQUEUED_NEW,
	ENQUEUED_MERGED,	/* id is the existing job's */
	ENQUEUED_REPLACED,
	ENQUEUED_DUPLICATE,	/* --on-duplicate fail: refused */
	ENQUEUED_NO_PARENT,	/* an id of after does not exist */
	ENQUEUED_FULL,		/* not taken: max_queue reached */
	ENQUEUED_REFUSED,	/* never given to the store: its caller's */
};

struct enqueue_result {
	int64_t id;		/* 0 when refused or not taken */
	enum enqueued what;
};

/* Takes the first records until one finds its type full; *taken says how many
 * were dealt with (results 0..*taken-1 are valid). All of them are on disk on
 * return. record.type must be set. */
int store_enqueue(struct store *s, const struct enqueue_options *o,
	const struct record *v, size_t n, struct enqueue_result *results,
	size_t *taken, struct err *err);
/* Refused or dropped by the caller: only counted. */
int store_count(struct store *s, const char *type, enum metric m, int64_t n,
	struct err *err);

/* ---- workers ---- */

/* Which types a worker serves: all (n == 0) or these and their children. */
struct selection {
	const char *const *types;
	size_t n;
	bool own_command;	/* the worker runs a COMMAND: no handler needed */
};

struct worker_info {
	const struct selection *selection;
	int limit;		/* its slots */
	int64_t lease;		/* ns */
};

/* Slots are numbered 0..STORE_SLOTS-1 within a worker. */
#define STORE_SLOTS 4096

int store_worker_join(struct store *s, const struct worker_info *w,
	int64_t *worker, struct err *err);
/* What was not handed in stays its own until somebody reaps it. */
int store_worker_leave(struct store *s, int64_t worker, struct err *err);

/* The lock of a slot, on a fresh open file description of the sidecar. Take it
 * before the claim, let the handler's processes inherit it, close it after the
 * finish. *fd: close-on-exec, above 2; or -1 when leftovers of an earlier
 * handler still hold it (0 is returned: pick another slot). */
int store_slot_lock(struct store *s, int64_t worker, int slot, int *fd,
	struct err *err);
/* Byte of the sidecar that stands for the slot: what /proc/PID/fdinfo shows */
int64_t store_slot_offset(int64_t worker, int slot);

struct usage {			/* of one attempt; -1: not known */
	int64_t cpu;		/* ns, user and system of all waited-for */
	int64_t max_rss;	/* bytes, largest process */
	int64_t read, written;	/* bytes */
	int64_t io_operations;
};

struct attempt_end {
	int64_t id, claim;
	int slot;
	enum outcome outcome;
	enum reason reason;
	struct ending ending;
	int64_t started, finished;	/* wall */
	struct usage usage;
	int64_t input_bytes;		/* size of the file, -1 unknown */
	double system_cpu_percent, system_memory_percent;	/* -1 unknown */
	struct bytes error;		/* last 4 KiB of stderr */
	struct bytes out, errout;	/* last 64 KiB, kept while it lives */
};

struct attempt_fate {		/* what became of it */
	bool lost;		/* fenced: somebody else owns it now */
	enum state state;
	enum reason reason;
	int64_t run_at;		/* of the next attempt, 0 none */
	int attempts;
};

struct claimed {
	int64_t id, claim;
	int slot;
	const char *type;
	struct bytes path, key, payload;
	enum file_event event;
	int attempt;		/* this start, from 1 */
	int attempts;		/* charged failures so far */
	int64_t created, eligible;
	int64_t timeout, grace;	/* ns; timeout 0: none */
	bool wait_leftovers;	/* setting leftovers=wait */
	const char *handler;	/* setting, or NULL with an own command */
};

struct turn_request {
	int64_t worker;
	const struct selection *selection;
	const int *slots;	/* free ones, whose locks are held */
	size_t nslots;		/* 0: claim nothing */
	size_t nrun;		/* the first so many start at once; what is
				 * claimed for the others waits in the worker,
				 * and is not charged when that dies */
	const struct attempt_end *ends;
	size_t nends;
};

struct turn {
	struct attempt_fate *fates;	/* nends */
	struct claimed *jobs;		/* strings live until store_turn is
					 * called with this struct again */
	size_t njobs;
	int64_t next_due;	/* wall time at which the next delayed job or
				 * the next pause ends, 0 none */
	bool old;		/* the schema is newer: finish and exit 75 */
	bool young;		/* a claimed job may not be on disk yet, and a
				 * power cut may give its id to another:
				 * store_sync before it starts */
	struct arena arena;
};

/* Finishes, promotes what is due, and claims for the free slots, in one
 * transaction. Zero-initialise *t before the first call. */
int store_turn(struct store *s, const struct turn_request *r, struct turn *t,
	struct err *err);
void turn_release(struct turn *t);

/* Heartbeat. *orders: what the operator wants of this worker. */
struct orders {
	int64_t *cancel;	/* claims' job ids to kill, allocated */
	size_t ncancel;
	int64_t *release;	/* job ids to give back */
	size_t nrelease;
	bool gone;		/* the worker's row is gone: it was reaped */
};
int store_worker_beat(struct store *s, int64_t worker, int running,
	struct orders *orders, struct err *err);
/* Orders only, read without a transaction that writes: cheap enough for each
 * wake-up. */
int store_worker_orders(struct store *s, int64_t worker,
	struct orders *orders, struct err *err);
void orders_release(struct orders *o);

/* Takes back what dead workers left; *n: how many jobs. Cheap when nothing is
 * lost; call about each second. */
int store_reap(struct store *s, size_t *n, struct err *err);

/* What keeps a --drain going */
struct backlog {
	int64_t ready;		/* startable or held only by caps */
	int64_t delayed;
	int64_t waiting;
	int64_t running;	/* of any worker */
	int64_t held;		/* paused or without a handler */
};
int store_backlog(struct store *s, const struct selection *sel,
	struct backlog *b, struct err *err);

/* ---- wake-ups ---- */

/* Readable when some verb made a job startable (inotify on the sidecar), or -1
 * where there is no such thing. store_wake_drain empties it. */
int store_wake_fd(struct store *s);
void store_wake_drain(struct store *s);
/* True when another connection has committed since the last call. */
bool store_changed(struct store *s);

/* ---- control ---- */

enum job_verb { JOB_RETRY, JOB_CANCEL, JOB_KILL, JOB_RELEASE, JOB_QUARANTINE,
	JOB_DISCARD, JOB_PRIORITY };

struct control_result {
	int64_t id;
	enum state from, to;
	bool found, ok;
	bool ordered;		/* the worker was told; it will happen */
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

/* text as stored, or NULL; type NULL: global */
int store_setting_stored(struct store *s, const char *type,
	enum setting_key k, struct buf *text, bool *found, struct err *err);

struct setting_change {
	const char *type;	/* NULL: global */
	enum setting_key key;
	const char *text;	/* NULL: unset */
};
/* Validated whole before anything changes; one event each. */
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

/* ---- reading ---- */

struct job {			/* one row for people */
	int64_t id;
	const char *type;
	struct bytes path, key, group, payload;
	enum file_event event;
	enum state state;
	int priority, attempt, attempts, max_attempts, crashes;
	int64_t created, run_at, eligible, started, finished;
	int64_t worker;		/* 0: none */
	const char *host;
	int64_t size;
	struct bytes error;
	enum reason reason;
	bool has_exit;
	int exit;		/* status or -signal */
	struct usage usage;
	double system_cpu_percent, system_memory_percent;
};

/* From eligible to started, from started to finished; -1: not known */
int64_t job_wait(const struct job *j);
int64_t job_duration(const struct job *j);
double job_cpu_percent(const struct job *j);	/* of one core; -1 */

struct job_filter {
	const int64_t *ids;	/* NULL: all */
	size_t nids;
	unsigned states;	/* bits 1 << enum state; 0: live ones, or
				 * all with ids */
	bool retrying;		/* only delayed with a charged failure */
	const char *type;	/* and children */
	const char *path_glob;	/* fnmatch(3) */
	struct bytes key, group;
	int64_t since, until;	/* created; 0: no bound */
	enum reason reason;
	int64_t limit;		/* 0: none */
	const char *sort;	/* a field name, "-field" descending; NULL: id */
};

typedef int job_fn(void *ctx, const struct job *j);	/* nonzero stops */
/* By id, or in the order of ids, or sorted (64: no such field; all that match
 * are then kept in memory, or twice the limit).  Rows are read in chunks, and
 * printed by fn while no statement is open.  *missing (may be NULL): ids of
 * the filter that do not exist, counted. */
int store_list(struct store *s, const struct job_filter *f, job_fn *fn,
	void *ctx, size_t *missing, struct err *err);

/* One reason that holds a job back now, as a sentence, most decisive first. */
typedef void why_fn(void *ctx, const char *code, const char *sentence);
int store_why(struct store *s, int64_t id, why_fn *fn, void *ctx,
	struct err *err);	/* 66: no such job */
int store_output(struct store *s, int64_t id, struct buf *out,
	struct buf *errout, struct err *err);	/* 66: none kept */

struct depth {
	int64_t ready, delayed, waiting, running, quarantined, succeeded,
		cancelled;
	int64_t oldest_ready;	/* wall time it became eligible, 0 none */
};

struct distribution {
	int64_t count, min, max;
	double mean;
	int64_t p50, p95, p99;
};

struct type_stats {
	char type[TYPE_MAX + 1];	/* "" for the whole queue */
	bool paused;
	int64_t paused_until;	/* wall; 0 for ever */
	char pause_reason[128];
	struct depth depth;
	int64_t counter[METRIC_END];	/* in the window */
	struct distribution dist[METRIC_DISTRIBUTIONS];
	int64_t bytes;		/* of inputs and reads, in the window */
};

struct worker_stats {
	int64_t id;
	char host[64];
	int pid;
	int64_t started, heartbeat;	/* wall */
	char *types;		/* space-separated, "" all */
	bool own_command;	/* needs no handler setting */
	int limit, running;
	bool alive;		/* its process is there */
};

struct stats {
	int64_t sampled;	/* wall */
	int64_t since;		/* start of the window really covered */
	struct type_stats total;
	struct type_stats *types;
	size_t ntypes;
	struct worker_stats *workers;
	size_t nworkers;
	int64_t db_bytes, wal_bytes;
};

/* type NULL: all. since: wall */
int store_stats(struct store *s, const char *type, int64_t since,
	struct stats *out, struct err *err);
void stats_release(struct stats *st);

typedef void type_fn(void *ctx, const char *type);
int store_types_each(struct store *s, type_fn *fn, void *ctx,
	struct err *err);

/* Waits until all these jobs (or, with ids NULL, those of the group) have
 * ended or the deadline (boot ns, 0 none) has passed (75). *failed: how many
 * did not succeed. */
int store_wait(struct store *s, const int64_t *ids, size_t n,
	struct bytes group, int64_t deadline, size_t *failed,
	struct err *err);

/* ---- the file ---- */

struct store_info {
	int version, sqlite_version;
	int64_t created;
	int64_t db_bytes, wal_bytes, jobs, history, events;
	char uuid[40];
};
int store_info(struct store *s, struct store_info *out, struct err *err);

/* Integrity and every invariant; fn gets one sentence per finding. */
typedef void finding_fn(void *ctx, const char *sentence);
int store_check(struct store *s, finding_fn *fn, void *ctx, size_t *findings,
	struct err *err);
/* Online copy: temporary file, fsync, rename, fsync of the directory, then a
 * check of the copy. */
int store_backup(struct store *s, const char *to, struct err *err);

#endif
