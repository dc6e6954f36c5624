/*
 * What happens after an attempt: class of the outcome, whether it is charged,
 * and when the next attempt may start.
 */
#ifndef IQ_RETRY_H
#define IQ_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/state.h"

enum retry_strategy {
	RETRY_EXPONENTIAL,
	RETRY_LINEAR,
	RETRY_FIXED,
	RETRY_IMMEDIATE,
	RETRY_NONE,
};

/* The settings of a type that decide; durations in ns */
struct retry_policy {
	enum retry_strategy strategy;
	int max_attempts;		/* 1..100 charged failures */
	int transient_max_attempts;	/* 0: as max_attempts */
	int64_t base, max;
	double multiplier;		/* >= 1 */
	double jitter;			/* 0..1 */
	int64_t rate_limit_delay;
	int crash_limit;		/* >= 1 */
};

enum outcome {
	OUTCOME_SUCCESS,
	OUTCOME_PERMANENT,
	OUTCOME_TRANSIENT,
	OUTCOME_RATE_LIMITED,
	OUTCOME_SNOOZE,
	OUTCOME_UNKNOWN,
	OUTCOME_CRASH,		/* the worker died */
	OUTCOME_RELEASED,	/* stopped by its worker, uncharged */
	OUTCOME_CANCELLED,	/* killed by the operator */
	OUTCOME_COUNT
};

const char *outcome_name(enum outcome o);

/* What a handler said about its end (answer.h) */
enum answered {
	ANSWERED,		/* nothing, or all of it makes sense */
	ANSWERED_WRONG,		/* what it wanted is not known */
	ANSWERED_TOO_MUCH,	/* more than an attempt can say */
};

/* How a handler ended. */
struct ending {
	int status;		/* exit status, or -signal */
	bool timed_out;
	bool oom;		/* evidence of an out-of-memory kill */
	int64_t retry_after;	/* ns; -1 when not said */
	bool refined;		/* it said which kind of failure: */
	enum outcome said;
	enum answered answered;
};

/* The exit table of cli.md, and what the handler said.  *reason is why. */
enum outcome outcome_of(const struct ending *e, enum reason *reason);

/* Delay in ns before the retry that follows the charged-th charged failure
 * (charged >= 1): min(max, base * multiplier^(charged-1)) and then +- jitter.
 * unit: a random number in [0,1). Never negative. */
int64_t retry_delay(const struct retry_policy *p, int charged, double unit);

struct verdict {
	enum state to;		/* DELAYED or READY: again; else where it ends */
	enum reason reason;	/* as stored with the job */
	int64_t delay;		/* ns, when DELAYED */
	int attempts;		/* the new count of charged failures */
	int crashes;		/* the new count of charged crashes */
	bool alone;		/* the next time it is claimed alone: its fault
				 * or not is what that will show */
};

/* attempts, crashes: the counts before; max_attempts: the job's own limit or
 * 0; newer: a newer pending job of the same key exists; alone: it ended by
 * itself (a failure or a crash in company charges nobody: it goes back at
 * once). */
struct verdict retry_decide(const struct retry_policy *p, enum outcome o,
	enum reason reason, const struct ending *e, int attempts, int crashes,
	int max_attempts, bool newer, bool alone, double unit);

#endif
