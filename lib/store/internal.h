/* What the files of lib/store share: the handle and its transaction. */
#ifndef IQ_STORE_INTERNAL_H
#define IQ_STORE_INTERNAL_H

#include <sys/types.h>

#include "rules/event.h"
#include "store/catalog.h"
#include "store/db.h"
#include "store/mailbox.h"
#include "store/read.h"
#include "store/store.h"
#include "store/turnstile.h"
#include "store/work.h"

/* Inside one transaction at most this many kinds of events. */
#define TX_EVENTS 8

/* What an attempt took; negative: not known */
struct sample {
	int64_t type;
	int64_t at;		/* wall */
	const char *host;	/* that saw it end; NULL: none did */
	int64_t ingested;	/* METRIC_INGESTED */
	int64_t v[METRIC_DISTRIBUTIONS];	/* enum metric, from 1 on */
};

struct bucket {
	int64_t type;
	int metric, bucket;
	int64_t n;
};

struct tx {
	bool open;
	int64_t now;		/* wall */
	int64_t seq;		/* of the last event, and its hash */
	unsigned char hash[EVENT_HASH_SIZE];
	int64_t next_job, next_worker;
	bool queue_dirty;	/* next_* or generation changed */
	bool regenerate;	/* settings, pauses or types changed */
	struct event events[TX_EVENTS];
	size_t nevents;
	struct bucket *buckets;	/* a hash table: metrics.c */
	size_t nbuckets, cap_buckets;
	struct sample *samples;	/* of this transaction: samples.c */
	size_t nsamples, cap_samples;
	bool wake;		/* something may have become startable */
	enum { WAITERS_UNKNOWN, WAITERS_NONE, WAITERS_SOME } waiters;
				/* jobs that are to run after others */
	bool unheard;		/* jobs have ended of which children are to
				 * hear; after the commit: are still to hear */
	int64_t heard;		/* children that have, in this transaction */
	bool throttled;		/* the types' throttles have been read */
};

struct store {
	struct db db;
	struct db copier;	/* second handle, for checkpoints only */
	char *path;
	char *sidecar;		/* QUEUE-lock: the turn, the mailbox, wake-ups */
	char *locks;		/* QUEUE-run: who works, and what runs */
	int locks_fd;		/* -1: not open */
	int64_t inode;		/* of the two that are open, in one number; 0:
				 * read without them */
	char boot[40];		/* id of this boot */
	char host[64];		/* name of this machine */
	enum store_mode mode;
	const struct clock *clock;
	int64_t opened;		/* wall: when this handle was */
	struct turnstile turn;
	struct mailbox mail;
	struct catalog catalog;
	struct tx tx;
	struct buf actor;
	int64_t version;	/* of the file, when we last looked: schema.h */
	int upgraded_from;	/* version that it had before this open; 0 */
	int64_t data_version;
	int64_t transactions;	/* committed by this handle */
	int64_t rollup_at;	/* wall: when telemetry is to be rolled up */
	int frames;		/* in the WAL after the last commit */
	int64_t known_job;	/* ids below were given away by the time of our
				 * last commit */
	int64_t synced_job;	/* and these by the time of our last sync */
	int log_fd;		/* the WAL, of one who has not opened the queue
				 * and may have to sync; -1: none */
	int ahead_fd;		/* the same, of one who writes ahead */
	int wake_fd;
	bool serving;		/* as the server: mail is of its slot */
	struct syncer *syncer;	/* for the server; NULL: none could be had */
	int64_t asked_job;	/* as synced_job, of what it was asked for */
	int64_t serve_at;	/* boot: not before it may become that */
	int64_t worker;		/* joined as, 0 none */
	int worker_fd;		/* holds the lock that says that it lives */
	const char *environment[SET_COUNT];	/* IQ_SET_..., when opened */
	bool own_settings;	/* some are in environment */
	bool created, unsynced, wrong_sidecar;
	bool no_reserve;	/* the file system keeps nothing for us */
	bool gap;		/* in the log, perhaps: a sync failed */
	bool any_older;		/* as store_options has it */
	bool outdated;		/* the file is of a newer major by now */
	progress_fn *progress;
	void *progress_ctx;
};

/* ---- open.c ---- */

/* Opens the database, unless it is open: the first transaction does it, or the
 * first reading.  Not with the turn held, which others wait for. */
int queue_open(struct store *s, struct err *err);
bool queue_is_open(const struct store *s);
/* Which file the queue is: the open one, else what is at its path.  false:
 * not known, or the path has another one by now */
bool queue_file(struct store *s, struct file_id *id);

/* ---- tx.c ---- */

/* Takes the turn and begins.  On failure nothing is held. */
int tx_begin(struct store *s, struct err *err);
/* The same for who knows only the event log of the file, and adds to that. */
int tx_open(struct store *s, struct err *err);
/* Writes counts, metrics and events, commits, gives the turn back, wakes.  On
 * failure everything is undone, as after tx_abort. */
int tx_commit(struct store *s, struct err *err);
void tx_abort(struct store *s);
/* Writes events and lane counts: tx_flush.c, for tx_commit. */
int tx_flush(struct store *s, struct err *err);
/* Writes the events so far as this actor's; what follows is somebody else's.
 * s->tx.seq and hash are those of the last one then. */
int tx_sign(struct store *s, struct bytes actor, struct err *err);
/* code ? abort and code : commit */
int tx_end(struct store *s, int code, struct err *err);

/* The transaction's event of a kind, opened at its first use. */
struct event *tx_event(struct store *s, enum event_kind kind);
/* Its sequence number: where claims get their token from */
int64_t tx_event_seq(struct store *s, const struct event *e);

/* Adds a JSON value to the array that is the event's detail. */
void event_detail(struct event *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Everything that changes a job's state goes through here: checks the move
 * against the table (70 when it is illegal), counts it in the lane and says
 * it in the event (NULL: not said, for moves inside pending). */
int tx_move(struct store *s, struct event *e, int64_t job, struct lane *lane,
	enum state from, enum verb verb, enum state to, enum reason reason,
	int exit, int64_t duration, struct err *err);

/* A pending or quarantined job changes its lane without changing its state. */
void tx_relane(struct lane *from, struct lane *to, enum state state);

/* Inside a reading: makes sure of the schema and of the catalogue. */
int read_catalog(struct store *s, struct err *err);
/* Reading: one snapshot between the two. */
int read_begin(struct store *s, struct err *err);
void read_end(struct store *s);

/* One number for both files: another one when one of them is replaced */
int64_t sidecars_id(ino_t sidecar, ino_t locks);
/* EX_SOFTWARE: one was replaced while something runs */
int sidecar_error(struct store *s, struct err *err);

/* ---- metrics.c ---- */

void tx_count(struct store *s, struct type *t, enum metric m, int64_t n);
/* A value >= 0 of a distribution, for metrics_spread */
void metric_value(struct store *s, struct type *t, enum metric m, int64_t v);
/* Adds the values so far to the distributions of that minute, and what was
 * ingested, and forgets them */
int metrics_spread(struct store *s, int64_t minute, struct err *err);
/* The setting telemetry: distributions are recorded, and the depth over time;
 * counters are whatever it says. */
bool metrics_detailed(struct store *s);
struct metric_key {
	int64_t period, type, metric;
};
/* *out: the stored distribution of that row, if it is there, with these
 * buckets added to it */
int metric_merge(struct store *s, const struct metric_key *k,
	const struct hist_row *rows, size_t n, struct buf *out, bool *there,
	struct err *err);
/* Inside a transaction */
int metrics_add(struct store *s, const char *type, const struct count *v,
	size_t n, struct err *err);
/* Writes them, once a transaction, and forgets them: for tx_commit and
 * tx_abort */
int metrics_flush(struct store *s, struct err *err);
void metrics_clear(struct store *s);

/* ---- samples.c ---- */

/* An attempt that ends in this transaction, whatever its at says */
void tx_sample(struct store *s, const struct sample *v);
/* Writes those of the transaction: few as rows of their own, many into the
 * distributions; for metrics_flush */
int samples_flush(struct store *s, struct err *err);
/* Adds all to the distributions, and learns from it: what stands in rows of its
 * own, and what the transaction has */
int samples_fold(struct store *s, struct err *err);
/* All rows, the oldest first: inside a transaction or a reading, of a file that
 * has them (SCHEMA_SAMPLES). sample_next: as db_row does; the host is that of
 * the row until the next one */
int samples_start(struct query *q, struct store *s, struct err *err);
int sample_next(struct query *q, struct sample *v, struct err *err);

/* ---- setting.c ---- */

/* What holds for a type (NULL: for the queue); until the catalogue is read
 * again */
const struct effective *setting_effective(struct store *s, struct type *t,
	enum setting_key k);
/* As a number; false when unset */
bool setting_number(struct store *s, struct type *t, enum setting_key k,
	struct setting_value *v);
int64_t setting_int(struct store *s, struct type *t, enum setting_key k,
	int64_t dflt);
void setting_retry_policy(struct store *s, struct type *t,
	struct retry_policy *p);
/* Reads IQ_SET_...: 78 when one is of no setting or has a bad value. */
int setting_read_environment(struct store *s, struct err *err);

/* ---- throttle.c ---- */

/* As they are now: inside a transaction once, or a reading. */
int throttles_read(struct store *s, struct err *err);
/* Those that have changed; for tx_flush */
int throttles_write(struct store *s, struct err *err);
/* An attempt of that type has ended. */
int throttle_ended(struct store *s, struct type *t, enum outcome o,
	const struct ending *e, struct err *err);
/* Closes the breakers of a type and its children (NULL: all). */
int throttle_close(struct store *s, const struct type *at, struct err *err);

/* For these they must have been read.  A time is wall time until which nothing
 * of the type starts; 0: now it may; INT64_MAX: until the job that is being
 * tried has ended. */

/* There is a rate limit: need not be read */
bool throttle_limited(struct store *s, struct type *t);
/* Its breaker is open, if only for one job. */
bool throttle_open(struct store *s, struct type *t);
/* Both together, when the running slots have been counted */
int64_t throttle_until(struct store *s, struct type *t, int64_t now);
/* Of its breaker only, while so many of its slots run; of its rate limit or a
 * parent's (*whose, unless 0) */
int64_t throttle_breaker(struct store *s, struct type *t, int64_t now,
	int64_t running);
int64_t throttle_rate(struct store *s, struct type *t, int64_t now,
	struct type **whose);
/* A job of it starts. */
void throttle_started(struct store *s, struct type *t);
/* It has not started, and goes back. */
int throttle_unstarted(struct store *s, struct type *t, struct err *err);

/* ---- rollup.c ---- */

/* Looks how many jobs there are, and makes old telemetry coarser, for some
 * milliseconds; inside a transaction, at s->rollup_at or later. *more: it is
 * not through. */
#define ROLLUP_MINUTES 180		/* that are kept as such */
#define ROLLUP_HOURS 72
#define ROLLUP_LATEST (60 * NS_PER_S)	/* later only where the clock was set back */
int rollup(struct store *s, bool *more, struct err *err);

/* ---- checkpoint.c ---- */

/* Counts the frames of the WAL from now on. */
void checkpoint_watch(struct store *s);
/* Inside the turn: copies the WAL back, as far as no reader needs it.  Whether
 * the log begins anew. */
bool checkpoint_now(struct store *s);
/* After a commit, inside the turn: copies the WAL back when it is long. */
void checkpoint_maybe(struct store *s);
/* Who has committed much does not leave a long WAL to the next one. */
void checkpoint_close(struct store *s);

/* ---- sync.c ---- */

/* The log, unless *fd is open.  As log_fd it lets store_sync work where the
 * queue is not open; from before the commit: only then is that told when it
 * could not be written, whoever else was told. */
bool log_open(const struct store *s, int *fd);
void log_close(struct store *s);
/* From now on until sync_end there is a syncer, if there can be one; then the
 * mailbox must have the server's slot.  A failure that nobody has been told of
 * yet store_sync tells after sync_end, unless it was made good. */
void sync_begin(struct store *s);
void sync_end(struct store *s);
/* Whether what the syncer did last went well, when that is known */
int sync_look(struct store *s, struct err *err);
/* Has the syncer bring to the disk what was committed, and settle the slots.
 * false: it cannot; *code: what it said of the last time. */
bool sync_ask(struct store *s, const uint32_t *slots, size_t n, int *code,
	struct err *err);

/* ---- serve.c ---- */

void serve_end(struct store *s);

/* ---- forget.c ---- */

/* The first id in the history that was enqueued at that time or later; none:
 * end, the next job's.  Ids are given in the order of time (but for a clock
 * that was set back, which blurs the edge by as much). Inside a transaction or
 * a reading. */
int history_since(struct store *s, int64_t time, int64_t end, int64_t *id,
	struct err *err);

/* ---- wake.c, wait.c ---- */

void wake_send(struct store *s);
/* Wakes the server alone. */
void wake_ring(int sidecar);
/* By the server: to be woken so, too */
void wake_by_ring(struct store *s);
/* Until somebody has committed, a signal came, or that much time has passed
 * (ns) */
void sleep_until_change(struct store *s, int64_t timeout);

/* ---- cascade.c ---- */

/* Some children hear of the ends of what they were to run after; s->tx.unheard
 * says whether more are left. */
int children_hear(struct store *s, struct err *err);
/* The rest of what the last transaction left, in ones of their own between
 * which others have their turns. */
int children_hear_all(struct store *s, struct err *err);

/* ---- job.c: what several verbs do to jobs ---- */

/* Where a pending job belongs now */
int job_place(struct store *s, int64_t job, int64_t older, int64_t run_at,
	bool depends, enum state *out, struct err *err);
#endif
