/*
 * Reading the queue, for people: jobs, why one does not run, what it printed,
 * and the numbers.  See store.h for verbs, errors and times.
 */
#ifndef IQ_READ_H
#define IQ_READ_H

#include "rules/average.h"
#include "rules/event.h"
#include "store/watcher.h"
#include "store/work.h"

struct job {			/* one row for people */
	int64_t id;
	const char *type;
	struct bytes path, key, group, payload;
	enum file_event event;
	enum state state;
	int priority, attempt, attempts, max_attempts, crashes;
	int64_t created, run_at, eligible, started, finished;
	int64_t ended;		/* succeeded or cancelled; 0: it lives */
	int64_t worker;		/* 0: none */
	const char *host;
	int64_t size;
	struct bytes error;
	enum reason reason;
	bool has_exit;
	int exit;		/* status or -signal */
	struct usage usage;
	struct conditions under;
	struct footprint footprint;
	int together;		/* as in attempt_end; 0: it alone, or not
				 * known */
	int sampled;		/* 1, 0, as in attempt_end; -1 not known */
	bool crashed;		/* its last attempt: when that was seen is not
				 * when it ended */
	double progress;	/* of a running one, 0 to 1; -1 not known */
};

/* From eligible to started, from started to finished; -1: not known, as of one
 * whose worker died */
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
	int64_t look;		/* at about so many jobs, those with the lowest
				 * ids; 0: at all. Not with ids */
	const char *sort;	/* a field name, "-field" descending; NULL: id */
};

typedef int job_fn(void *ctx, const struct job *j);	/* nonzero stops */
typedef void missing_fn(void *ctx, int64_t id);
/* The fields to sort by, by i from 0; NULL behind the last one */
const char *job_order_name(int i);
/* By id, or in the order of ids, or sorted (64: no such field; all that match
 * are then kept in memory, or twice the limit).  Rows are read in chunks, and
 * printed by fn while no statement is open.  missing (may be NULL) gets the ids
 * of the filter that do not exist. */
int store_list(struct store *s, const struct job_filter *f, job_fn *fn,
	missing_fn *missing, void *ctx, struct err *err);

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
	int64_t count, sum, min, max;
	double mean;
	int64_t p50, p95, p99;
};

enum breaker_state {
	BREAKER_IS_CLOSED,
	BREAKER_IS_OPEN,	/* nothing starts before probe_at */
	BREAKER_PROBES,		/* one job is tried, or would be now */
};
const char *breaker_state_name(enum breaker_state b);

struct host_average {
	char host[64];
	struct average average;
};

struct type_stats {
	char type[TYPE_MAX + 1];	/* "" for the whole queue */
	bool paused;		/* itself, by a parent, or as everything is */
	bool pause_own;		/* that which lasts longest is its own */
	int64_t paused_until;	/* wall; 0 for ever */
	char pause_reason[128];
	enum breaker_state breaker;
	double weight;
	bool starved;		/* it gets less than a tenth of its share */
	char full_by[TYPE_MAX + 1];	/* the type, or a parent, whose bound */
	int64_t bound;		/* (max_queue) pending jobs have reached; "":
				 * there is room */
	struct depth depth;
	int64_t counter[METRIC_END];	/* in the window */
	struct distribution dist[METRIC_DISTRIBUTIONS];
	int64_t *buckets[METRIC_DISTRIBUTIONS];	/* HIST_BUCKETS counts, where
					 * they were asked for; NULL: none */
	struct host_average *averages;	/* whatever the window: on each host,
					 * the one updated last at first */
	size_t naverages;
	int64_t bytes;		/* of what succeeded, in the window: the
				 * size of the input, else what was read; -1:
				 * not known, as its files are not, since some
				 * was not measured (telemetry=off) */
};

struct worker_stats {
	int64_t id;
	char host[64];
	int pid;
	int64_t started, heartbeat;	/* wall */
	struct selection serves;
	char *names;		/* of serves.types */
	int limit, running;
	int64_t lease;		/* ns */
	int64_t silent;		/* ns since its last heartbeat */
	bool alive;		/* its process is there */
	bool overdue;		/* and has been silent for longer than its
				 * lease: stopped, or it hangs */
};

struct stats {
	int64_t sampled;	/* wall */
	int64_t since;		/* start of the window really covered */
	int64_t ahead;		/* ns, at least, by which the latest thing that
				 * was recorded is later than that: a clock was
				 * put back since; 0: it is not */
	struct type_stats total;
	struct type_stats *types;
	size_t ntypes;
	struct worker_stats *workers;
	size_t nworkers;
	struct watcher_stats *watchers;
	size_t nwatchers;
	int64_t db_bytes, wal_bytes;
	int64_t last_scan;	/* wall, of all types; 0: none */
};

struct series;

struct stats_request {
	const char *type;	/* and its children; NULL: all */
	int64_t since;		/* wall: start of the window */
	bool ever;		/* instead: all that was ever counted */
	bool buckets;		/* keep them */
	bool counts;		/* for who looks at no percentiles, which take
				 * most of the time: they are 0 */
	struct series *series;	/* NULL, or what gets the same window in pieces,
				 * as store_series tells it; empty when that
				 * fails */
};
int store_stats(struct store *s, const struct stats_request *r,
	struct stats *out, struct err *err);
void stats_release(struct stats *st);

/* ---- what failed ---- */

/* Attempts that failed in the same way */
struct failure {
	int64_t type;
	char name[TYPE_MAX + 1];
	enum reason reason;
	bool has_exit;		/* false: its worker died */
	int exit;		/* status or -signal */
	int64_t count;
	int64_t quarantined, cancelled;	/* of their jobs; the others are tried
				 * again */
	int64_t first, last;	/* wall: of the earliest and of the last one */
	int64_t job, attempt;	/* which that is, */
	struct buf error;	/* and what it wrote to standard error last;
				 * empty: nothing, or the history has it no
				 * more */
};

struct failures {
	struct failure *v;	/* the most frequent first */
	size_t n;
};

/* Those of the window of a request (.type, .since), which begins as that of
 * store_stats does */
int store_failures(struct store *s, const struct stats_request *r,
	struct failures *out, struct err *err);
void failures_release(struct failures *f);

/* ---- over time ---- */

/* At most so many pieces a window is told in */
#define SERIES_MOST 180
#define SERIES_DEPTHS (METRIC_IN_QUARANTINE - METRIC_READY + 1)

struct series_bin {
	int64_t start;		/* wall */
	int64_t covered;	/* ns of it that lie in the window */
	int64_t counter[METRIC_END];
	int64_t bytes;		/* as in type_stats; -1 not known */
	struct distribution wait, duration;
	/* how many jobs there were on average, [METRIC_... - METRIC_READY];
	 * -1: nobody looked */
	double depth[SERIES_DEPTHS];
};

struct series {
	struct series_bin *bins;
	size_t n;
	int64_t step;		/* ns from one to the next */
};

/* The window of a request (.type, .since) in pieces of equal length: of a minute
 * each, or where it reaches further back than those are kept of an hour or a
 * day, or several. */
int store_series(struct store *s, const struct stats_request *r,
	struct series *out, struct err *err);
void series_release(struct series *v);

#endif
