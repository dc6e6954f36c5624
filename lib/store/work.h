/*
 * What a worker does to the queue: it joins, takes turns at handing in and
 * claiming, looks for orders, takes back what the dead left, and leaves.
 * See store.h for verbs, errors and times.
 */
#ifndef IQ_WORK_H
#define IQ_WORK_H

#include "rules/record.h"
#include "rules/retry.h"
#include "rules/turn.h"
#include "store/store.h"

/* Which types a worker serves: all (n == 0) or these and their children. */
struct selection {
	const char *const *types;
	size_t n;
	bool own_command;	/* the worker runs a COMMAND: no handler needed */
	const char *const *aside;	/* handlers that it cannot run now */
	size_t naside;
};

bool selection_has(const struct selection *sel, const char *type);
/* Whether its worker runs jobs with this handler (NULL: with none). */
bool selection_runs(const struct selection *sel, const char *handler);

struct worker_info {
	const struct selection *selection;
	int limit;		/* its slots */
	int64_t lease;		/* ns */
};

/* Slots are numbered 0..STORE_SLOTS-1 within a worker. */
#define STORE_SLOTS 4095

/* This handle works as that one from now on: others see that it lives by a
 * lock that goes with it, in whatever namespace they are. */
int store_worker_join(struct store *s, const struct worker_info *w,
	int64_t *worker, struct err *err);
/* What that lock is on, for who is to keep it as well: with it the worker
 * counts as alive, and nothing of it is taken back. */
int store_worker_lock(const struct store *s);
/* What was not handed in stays its own until somebody reaps it. */
int store_worker_leave(struct store *s, int64_t worker, struct err *err);

/* Leftovers of an earlier handler still hold the slot: claim nothing for it. Only
 * its worker takes its lock, so one that is free stays so. */
bool store_slot_held(struct store *s, int64_t worker, int slot);
/* The lock of a slot, on a fresh open file description of store_locks. Take it
 * before a handler is started (until then a claimed job is safe by the lock of
 * its worker), let the handler's processes inherit it, close it after the
 * finish. *fd: close-on-exec, above 2; or -1 when it is held. 75 when this
 * process or the system has no descriptor left. */
int store_slot_lock(struct store *s, int64_t worker, int slot, int *fd,
	struct err *err);
/* Byte of store_locks that stands for the slot: what /proc/PID/fdinfo shows */
int64_t store_slot_offset(int64_t worker, int slot);

/* Who has told how large a process was; stored, never renumbered */
enum rss_source {
	RSS_UNKNOWN,
	RSS_WAITED,		/* the system, of the largest, as it ended */
	RSS_SEEN,		/* /proc, of one while it ran: its size then */
	RSS_SOURCES
};

/* rusage, proc; NULL: unknown */
const char *rss_source_name(enum rss_source source);

struct usage {			/* of one attempt; -1: not known */
	int64_t cpu;		/* ns, user and system of all waited-for */
	int64_t max_rss;	/* bytes, largest process */
	int64_t read, written;	/* bytes */
	int64_t io_operations;
	enum rss_source source;	/* of max_rss */
};

/* Under which an attempt has ended */
struct conditions {
	int system_cpu, system_memory;	/* percent of the machine; -1: not
					 * known */
	int configured;		/* slots that its worker was to have; 0: not
				 * known */
	int effective;		/* how many of them it used at most */
};

/* What looks at the processes of an attempt have shown; -1: not known */
struct footprint {
	double cpu_peak;	/* percent of one core */
	int64_t memory_mean;	/* bytes, all processes */
};

#define USAGE_NONE { -1, -1, -1, -1, -1, RSS_UNKNOWN }
#define CONDITIONS_NONE { -1, -1, 0, 0 }
#define FOOTPRINT_NONE { -1, -1 }

struct attempt_end {
	const struct claimed *job;	/* as it was claimed */
	enum outcome outcome;
	enum reason reason;
	struct ending ending;
	bool company;		/* it ended together with others, and nobody
				 * knows through which of them: a failure is
				 * not charged, and each is claimed alone */
	int64_t started, finished;	/* wall; started 0: never was. Of a crash
				 * nobody has seen when it ended: when that was
				 * found */
	size_t together;	/* so many jobs have shared that time, and a
				 * part of it is its own; 0: it alone */
	struct usage usage;
	bool sampled;		/* that is a part of what one process has used
				 * for several jobs */
	int64_t input_bytes;		/* size of the file, -1 unknown */
	const struct conditions *under;	/* NULL: not known */
	const struct footprint *footprint;	/* NULL: nobody has looked */
	struct bytes error;		/* as the handler said, or the last 4
					 * KiB of its stderr */
	struct bytes out, errout;	/* last 64 KiB, kept while it lives */
	/* When the job has succeeded these are enqueued, all of them or, when
	 * one cannot be, none: then it has failed for good.  Type and priority
	 * are set. */
	const struct record *follow;
	size_t nfollow;
	const struct record *then;	/* one more, or NULL */
};

struct attempt_fate {		/* what became of it */
	bool lost;		/* fenced: somebody else owns it now */
	const char *type;	/* of the job; lives until the next call */
	enum state state;
	enum reason reason;
	int64_t run_at;		/* of the next attempt, 0 none */
	int attempts;
	enum outcome outcome;
	bool breaker_open;	/* of its type: what waits in the worker had
				 * better not start */
	char refused[96];	/* why what was to follow cannot be enqueued;
				 * "": it can */
};

/* Its job has failed for good: in quarantine, or cancelled for another reason
 * than that a newer one does its work. */
bool fate_failed(const struct attempt_fate *f);

struct claimed {
	int64_t id, claim;
	int slot;
	bool alone;		/* its slot gets no other one before it ends */
	const char *type;
	struct bytes path, key, payload;
	enum file_event event;
	int attempt;		/* this start, from 1 */
	int attempts;		/* charged failures so far */
	int priority;
	int64_t created, eligible;
	int64_t timeout, grace;	/* ns; timeout 0: none */
	bool wait_leftovers;	/* setting leftovers=wait */
	const char *handler;	/* setting, or NULL with an own command */
	struct stored {		/* what else the history is told of it */
		int64_t lane, max_attempts, timeout;
		int crashes;
		bool own_path;	/* path is not the key's */
		struct bytes group;
	} stored;
};

/*
 * What one slot may be given.  A slot stands for one handler process at a time
 * (an invocation, or a co-process), and that is what caps count.  All of its
 * jobs are of one type: it takes a few at once (a batch, a co-process's
 * window), and may ask for more before it has handed in the first.  Its lease
 * lives until it has handed in the last.
 *
 * A job that is not alone in its slot, and one that waits there, is charged
 * nothing when the worker dies: it is claimed alone the next time, into an
 * empty slot to which nothing is added.
 */
struct slot_request {
	int slot;
	int jobs;		/* take at most so many: 1 to SLOT_JOBS */
	bool batch;		/* and no more than batch_files of their type */
	bool words;		/* and one, where the stored handler of their
				 * type has words of one */
	const char *type;	/* of exactly this type; NULL: any. One that
				 * has jobs gets more of their type only, and
				 * none when it is another one's turn */
	bool ahead;		/* the slot does not run: what it gets waits for
				 * another to end, and is never of a type with a
				 * cap */
};

#define SLOT_JOBS 1024

struct turn_request {
	int64_t worker;
	const struct selection *selection;
	const enum scheduler *scheduler;	/* NULL: the setting */
	const struct slot_request *slots;	/* in the order to serve them:
				 * those that run first */
	size_t nslots;		/* 0: claim nothing */
	const struct attempt_end *ends;
	size_t nends;
};

struct turn {
	struct attempt_fate *fates;	/* nends */
	struct claimed *jobs;		/* in the order of the slots, and of
					 * their starts; strings live until
					 * store_turn is called with this
					 * struct again */
	size_t njobs;
	int64_t next_due;	/* wall time at which the next delay, pause, or
				 * wait for a breaker or rate limit ends, 0
				 * none */
	bool more;		/* children are still to hear of ends: take
				 * another turn soon */
	bool full;		/* the disk is: nothing was claimed, and nothing
				 * will be before store_has_room */
	bool old;		/* the schema is newer: finish and exit 75 */
	bool gone;		/* the worker's row is: nothing was claimed, and
				 * it has to join anew */
	int64_t young;		/* the newest claimed job that may not be on
				 * disk yet, and a power cut may give its id to
				 * another: store_sync_job before it starts;
				 * 0: none */
	struct arena arena;
};

/* Finishes, promotes what is due, and claims for the free slots, in one
 * transaction. Zero-initialise *t before the first call. */
int store_turn(struct store *s, const struct turn_request *r, struct turn *t,
	struct err *err);
void turn_release(struct turn *t);

/* What is needed of store_sync before these jobs start: job, and whatever was
 * put in before it, is on disk afterwards. */
int store_sync_job(struct store *s, int64_t job, struct err *err);

/* Whether the last failure was for want of room on the disk. */
bool store_full(const struct store *s);
/* Whether new things may be begun again after that. */
bool store_has_room(struct store *s);

struct slot_progress {
	int64_t claim;
	int slot;
	double progress;	/* 0 to 1 */
};

/* How far the jobs of these slots are. Slots that are lost are passed over. */
int store_progress(struct store *s, const struct slot_progress *v, size_t n,
	struct err *err);

/* Heartbeat. limit: its slots, as they are now; *orders: what the operator
 * wants of this worker. */
struct orders {
	int64_t *cancel;	/* claims' job ids to kill, allocated */
	size_t ncancel;
	int64_t *release;	/* job ids to give back */
	size_t nrelease;
	bool gone;		/* the worker's row is gone: it was reaped */
};
int store_worker_beat(struct store *s, int64_t worker, int limit,
	struct orders *orders, struct err *err);
/* Orders only, read without a transaction that writes: cheap enough for each
 * wake-up. */
int store_worker_orders(struct store *s, int64_t worker,
	struct orders *orders, struct err *err);
void orders_release(struct orders *o);

/* Puts in what programs have posted that have not opened the queue: as their
 * server, of which there is one at a time.  This handle becomes it when there
 * is none, which is tried each second, and is it until store_worker_leave.
 * Call it after each store_wake_drain, and only where there is store_wake_fd.
 * Costs nothing when nothing is posted; else one transaction, and at most 20 ms
 * until the turn.  A thread syncs it and tells who posted; a failure of that is
 * one of the next store_sync, store_sync_job, or store_serve, for which it wakes
 * (store_wake_fd).  *served: something was; *news: something may have become
 * startable (store_changed does not tell of our own commits).  Fails when a sync
 * did: what else goes wrong is for those who posted. */
int store_serve(struct store *s, bool *served, bool *news, struct err *err);

struct reaped {
	const struct selection *of;	/* whose failures count; NULL: nobody's */
	size_t jobs;
	size_t failed;		/* of these, for good, and of such a type */
};

/* Takes back what dead workers left, and counts it. Goes on, too, with ends of
 * which not all children have heard. Cheap when nothing is lost; call about
 * each second. */
int store_reap(struct store *s, struct reaped *r, struct err *err);

/* What keeps a --drain going */
struct backlog {
	int64_t ready;		/* startable or held only by caps */
	int64_t delayed;
	int64_t waiting;
	int64_t running;	/* of any worker */
	int64_t held;		/* paused, without a handler, or of a type
				 * whose breaker is open */
};
int store_backlog(struct store *s, const struct selection *sel,
	struct backlog *b, struct err *err);

#endif
