/*
 * What a queue has to be after some operations, told from the manual pages:
 * plain structures in memory, looked through from one end to the other.  It
 * shares no rule with the store that it is compared with.
 *
 * Of a key at most one job is pending and at most one runs; all others are in
 * quarantine or have ended.
 */
#ifndef IQ_LEDGER_H
#define IQ_LEDGER_H

#include "rules/retry.h"
#include "store/store.h"

#define LEDGER_NOBODY (-1)

struct ledger_type {
	const char *name;
	int parent;		/* or LEDGER_NOBODY */
	/* settings; 0: none */
	int max_attempts, transient_max_attempts, crash_limit;
	enum retry_strategy strategy;
	int64_t base, max, rate_limit_delay;
	double multiplier;
	int64_t cap, max_queue;
	int64_t rate, period;	/* so many starts in that time */
	int breaker;
	int64_t retention;
	/* state */
	bool paused;
	int64_t until;		/* wall; 0: for ever */
	int64_t on_time;	/* when the next start would be */
	int failures, trips;
	int64_t opened, probe_at;
};

struct ledger_job {
	int64_t id;		/* 0: forgotten, or never was */
	int type, key, path;	/* key LEDGER_NOBODY: none */
	int priority, class;
	enum state state;
	enum reason reason;
	int64_t created, run_at, finished;
	int attempt, attempts, crashes, max_attempts;
	bool alone;
	enum on_parent_failure failure;
	int64_t *parents;
	size_t nparents;
	int64_t newer;		/* that has superseded it */
	bool unstarted;		/* it ended so */
	/* while it runs */
	int worker, slot;
	int64_t claim;
	bool company;
	enum job_verb ordered;	/* JOB_KILL, JOB_RELEASE; JOB_RETRY: nothing */
};

struct ledger {
	struct ledger_type *types;
	int ntypes;
	bool paused;		/* all of them */
	int64_t until;
	struct ledger_job *jobs;	/* by id, from 1 */
	int64_t next, cap;
	int64_t *live;		/* ids in no order */
	size_t nlive;
	int64_t *news;		/* ids whose end children have not heard of */
	size_t nnews;
	int64_t now;
};

struct ledger_record {
	int type, key, path, priority, class, max_attempts;
	int64_t run_at;		/* 0: not said; the later of it and delay */
	int64_t delay;
	int64_t after[2];
	size_t nafter;
};

void ledger_release(struct ledger *l);
/* NULL: there is none, or it is forgotten */
struct ledger_job *ledger_job(struct ledger *l, int64_t id);
bool ledger_is_live(const struct ledger_job *j);
bool ledger_is_pending(const struct ledger_job *j);
bool ledger_is_waited_for(struct ledger *l, int64_t id);
/* The pending job, or the running one, of that key but this; NULL: none */
struct ledger_job *ledger_of_key(struct ledger *l, const struct ledger_job *j,
	bool running);
/* Whether t is that type or below it */
bool ledger_within(const struct ledger *l, int t, int above);

/* At the end of each operation, and of a turn before the starts: children hear
 * of the ends of their parents. */
void ledger_hear(struct ledger *l);

/* ---- enqueue: what has to become of a record; not yet due ones of a type
 * that is full are not taken ---- */

struct enqueue_result ledger_enqueue(struct ledger *l,
	const struct enqueue_options *o, const struct ledger_record *r);

/* ---- time ---- */

/* What is delayed until now has its place. */
void ledger_promote(struct ledger *l);

/* ---- starts ---- */

/* Slots that run jobs of the type or below it */
int ledger_slots(struct ledger *l, int type);
bool ledger_paused(const struct ledger *l, int type);
/* The type's jobs may be started now, in a slot that is empty or (held) has
 * some of it. */
bool ledger_admits(struct ledger *l, int type, bool held);
/* The job is claimed; NULL, or what is wrong with that. */
const char *ledger_claim(struct ledger *l, struct ledger_job *j, int worker,
	int slot, int64_t claim, bool ahead);

/* ---- ends ---- */

struct ledger_end {
	enum outcome outcome;
	enum reason reason;
	int64_t retry_after;	/* ns, -1 none */
	bool company, started;
	int status;
};

void ledger_end(struct ledger *l, struct ledger_job *j,
	const struct ledger_end *e);
/* All that the worker's slot had is taken back. */
void ledger_reap(struct ledger *l, int worker, int slot, int64_t claim);

/* ---- control ---- */

/* held: the slot of a running one has somebody yet */
struct control_result ledger_control(struct ledger *l, enum job_verb verb,
	int priority, int64_t id, bool held);
/* NOBODY: everything */
void ledger_pause(struct ledger *l, int type, int64_t until);
void ledger_resume(struct ledger *l, int type);

/* ---- for its parts ---- */

/* It is pending, now that its parents and its key say so. */
void ledger_place(struct ledger *l, struct ledger_job *j);
/* It has ended for good, or is in quarantine. newer: the one that does its
 * work, 0: none */
void ledger_settle(struct ledger *l, struct ledger_job *j, enum state to,
	enum reason reason, int64_t newer);

#endif
