/* What iq-stats and iq-top have found out, and the forms in which they say so. */
#ifndef IQ_STATS_H
#define IQ_STATS_H

#include "base/machine.h"
#include "report.h"

struct backpressure {
	bool active;		/* that, or the bound of a parent, is reached */
	int64_t max_queue;	/* the setting, 0: no bound */
	enum on_full on_full;	/* the setting */
};

struct health;

/* What the report is broken down by */
enum breakdown { BY_TYPE, BY_HOST, BY_FAILURE, BY_TYPE_AND_FAILURE };

struct summary {
	struct store *store;
	const char *type;	/* selected, or NULL */
	enum breakdown by;
	struct failures failures;
	const struct health *health;	/* NULL: nobody has looked */
	struct stats stats;
	struct series series;	/* for a page only */
	double window;		/* seconds */
	int64_t asked;		/* wall: where it was to begin */
	int64_t target;		/* bytes per second */
	int64_t configured;	/* setting workers, 0: unset */
	struct backpressure total;
	struct backpressure *types;	/* of stats.types */
	struct machine machine;
	double cpu_percent;
	int64_t disk, disk_free;	/* bytes, -1 unknown */
};

/* All but the failures, into a summary that has nothing but its store and how
 * it is broken down. 66: no such type */
int summary_read(struct summary *s, const struct stats_request *r,
	struct err *err);
void summary_release(struct summary *s);
/* Per second in the window; -1 when it is empty, or n negative: not known */
double summary_rate(const struct summary *s, int64_t n);
/* Files per second that were ingested; -1: not known */
double summary_files(const struct summary *s, const struct type_stats *t);
/* 100 x succeeded / all that ended; -1 when none did */
double summary_success(const struct type_stats *t);
/* Jain's fairness index of what the types got (R. Jain, D. Chiu, W. Hawe,
 * 1984): (sum x)^2 / (n sum x^2) of the time that jobs of those that had
 * work ran, by weight; -1 when none did */
double summary_fairness(const struct summary *s);
/* All watches together: the worst of each */
struct watch_sum {
	bool healthy;
	enum watch_coverage coverage;
	const char *source;	/* NULL: they differ */
	int64_t pending;	/* paths that wait, in those that live */
	int64_t debounce, batch;	/* ns, paths; -1: they differ */
	size_t dead, unwell;	/* unwell: it lives, and is silent or not
				 * healthy */
	const char *misses;	/* what one that is well does, or NULL */
};
/* Of a summary that has at least one */
void summary_watch(const struct summary *s, struct watch_sum *out);
/* For how long the oldest ready job has been that (ns), 0 where its time is
 * still to come; -1: there is none */
int64_t summary_oldest(const struct summary *s, const struct depth *d);
/* Slots of living workers, and of those the ones in use */
void summary_slots(const struct summary *s, int64_t *slots, int64_t *active);
/* A type that only its children are used of: what is for people leaves it out. */
bool stats_only_parent(const struct stats *s, const struct type_stats *t);

/* ---- stats_failures.c ---- */

/* How many of the jobs are tried again */
int64_t failure_retried(const struct failure *f);
/* The last line that says something, of what its last attempt wrote to standard
 * error; BYTES_NONE: there is none */
struct bytes failure_said(const struct failure *f);
void failures_json(struct json *j, const struct failures *f);
void failures_text(const struct failures *f, const struct report *r,
	size_t lines);

/* ---- stats_json_crew.c ---- */

/* NULL: there is none */
void average_json(struct json *j, const char *name, const struct average *a);
/* The workers; those of each host together, with what is known of the types
 * there */
void workers_json(struct json *j, const struct summary *s);
void hosts_json(struct json *j, const struct summary *s);

/* ---- stats_warnings.c ---- */

typedef void sentence_fn(void *ctx, const char *sentence);

/* Tells each thing that is wrong with the settings that are stored: of the whole
 * queue and, with a type, of that, its parents and children. */
int settings_warnings(const struct summary *s, sentence_fn *fn, void *ctx,
	struct err *err);

/* ---- the forms ---- */

/* The JSON object is added to b. */
int stats_json_add(struct buf *b, const struct summary *s, struct err *err);
void stats_text(const struct summary *s, const struct report *r);
/* By type, and with failures, a series and health */
int stats_html(const struct summary *s, struct err *err);
/* last: of the window of --health.  code and *err: what kept us from reading
 * it, which is said in metrics as well. The queue: what was given. */
int stats_prometheus(const struct summary *last, const char *queue, int code,
	struct err *err);
/* code and *err: what kept us from gathering. The exit status, 0 to 3 */
int stats_health(const struct summary *s, bool json, int code,
	struct err *err);

#endif
