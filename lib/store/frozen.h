/* A live job's row as the verbs pass it around, and what ends it. */
#ifndef IQ_FROZEN_H
#define IQ_FROZEN_H

#include "store/internal.h"

struct frozen {		/* columns of JOB_FROZEN (sql.h), in that order */
	int64_t id, type;
	struct lane *lane;
	int64_t created;
	struct bytes key, path;
	bool no_path;
	int64_t event;
	int64_t attempt, attempts, crashes;
	bool alone;
	int64_t run_at, eligible;	/* 0: none; and so on */
	int64_t newer, older;
	int64_t size;			/* -1: unknown */
	int64_t max_attempts, timeout;
	struct bytes group, payload;
	int64_t reason, exit;
	bool has_exit;
	int64_t started, finished;
	struct bytes error;
	int64_t mtime, parent_failure;
	int64_t ordered;		/* enum ordered (claim.h) */
};

#define FROZEN_COLUMNS 29

/* Bytes stay valid until the query is stepped or ended. 70 when the row's
 * lane does not exist. */
int frozen_read(struct store *s, struct query *q, struct frozen *f,
	struct err *err);

/*
 * Ends an attempt of a running job, or (end NULL) takes a job that was not
 * started to where it belongs: moves, history row, links, counters.  The job's
 * row is deleted when verdict.to is final and updated otherwise.
 */
struct settlement {
	const struct frozen *job;
	enum state from;
	enum verb verb;			/* for jobs that were not started */
	enum outcome outcome;
	struct verdict verdict;
	const struct attempt_end *end;	/* NULL: not started */
	int64_t newer;			/* does its work when superseded */
	int64_t worker;
	bool deleted;			/* the row is gone already */
	struct event *event;
	struct query *query;		/* that job's bytes belong to: ended
					 * before other jobs are looked at */
};

int settle(struct store *s, const struct settlement *t, struct err *err);

/* Takes a job that does not run and ends it as cancelled; *done: it existed
 * and its state allows the verb. */
struct farewell {
	enum verb verb;
	enum reason reason;
	enum event_kind kind;
	int64_t newer;			/* as above */
};
int settle_pending(struct store *s, int64_t id, const struct farewell *why,
	enum state *from, bool *done, struct err *err);

/* ---- failure.c ---- */

/* An attempt that has failed counts for those that did in the same way. */
int failure_add(struct store *s, const struct settlement *t, struct err *err);

/* ---- unique.c ---- */

/* A job that ends leaves its key behind, where its type wants that. */
int unique_remember(struct store *s, const struct frozen *f, struct err *err);

/* ---- job.c ---- */

/* A waiting job may have nothing left to wait for: it has its place then. */
int job_let_go(struct store *s, int64_t job, struct err *err);
/* Who waits for a job waits from now on for the one that does its work. */
int job_hand_over(struct store *s, int64_t job, int64_t newer,
	struct err *err);
/* The job that runs among this and those before it in the list of its key; 0:
 * none. */
int job_older_runs(struct store *s, int64_t older, int64_t *running,
	struct err *err);
/* The first pending one from here on to the newest; 0: none. */
int job_newer_pending(struct store *s, int64_t newer, int64_t *pending,
	struct err *err);
/* A job that no longer runs lets the newer one of its key start. */
int job_stopped_running(struct store *s, int64_t newer, struct err *err);
/* Takes an ended job out of the list of its key. */
int job_unlink(struct store *s, int64_t newer, int64_t older,
	struct err *err);
/* Puts a job that had given up its place, and is to be pending again, at the
 * end of the list of its key.  *older: the one that it follows now, which its
 * own row does not say yet; *newer: a pending one that does its work already,
 * 0: none. */
int job_rejoin(struct store *s, const struct frozen *f, int64_t *older,
	int64_t *newer, struct err *err);
/* The same for one that has kept its place, is pending again, and of whose
 * newer ones none is. */
int job_stay_last(struct store *s, const struct frozen *f, struct err *err);

/* ---- cascade.c ---- */

/* A job is cancelled because one that it was to run after has failed. */
int job_fail_with_parent(struct store *s, int64_t job, struct err *err);
/* A job has ended, or (parent QUARANTINED) failed: its children will hear of
 * that, in this transaction or in later ones. */
int job_release_children(struct store *s, int64_t job, enum state parent,
	struct err *err);

#endif
