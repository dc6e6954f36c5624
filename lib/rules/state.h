/*
 * The life of a job, as data.  Everything that changes a job's state asks
 * state_next(); the table in state.c is the only list of legal moves, and
 * t/unit walks every state x verb pair.
 */
#ifndef IQ_STATE_H
#define IQ_STATE_H

#include "base/bytes.h"

/* Stored in job.state: never renumber.  READY, DELAYED and WAITING are
 * "pending" to a user. */
enum state {
	STATE_NONE = 0,		/* before it exists, and when it is forgotten */
	STATE_READY = 1,	/* pending: may start as soon as there is room */
	STATE_DELAYED = 2,	/* pending: run_at is in the future */
	STATE_WAITING = 3,	/* pending: a parent (--after) has not ended, or
				 * a job of its key is running */
	STATE_RUNNING = 4,
	STATE_QUARANTINED = 5,
	STATE_SUCCEEDED = 6,	/* final, and so is the next */
	STATE_CANCELLED = 7,
	STATE_FAILED = 8,	/* passed through inside one transaction */
	STATE_COUNT
};

/* What happens to a job. */
enum verb {
	VERB_ENQUEUE,		/* it appears */
	VERB_DUE,		/* its time has come, its parents have ended */
	VERB_DEFER,		/* its time or parents are others now (debounce,
				 * merge, replace) */
	VERB_CLAIM,
	VERB_SUCCEED,
	VERB_FAIL,
	VERB_RETRY,		/* after a failure: again later */
	VERB_GIVE_UP,		/* after a failure: quarantine */
	VERB_SUPERSEDE,		/* a newer job of its key covers it */
	VERB_RELEASE,		/* running, back to pending, uncharged */
	VERB_CRASH,		/* its worker died: back to pending, or out */
	VERB_CANCEL,		/* operator */
	VERB_REVIVE,		/* operator's retry */
	VERB_QUARANTINE,	/* operator */
	VERB_DISCARD,		/* operator: quarantined to cancelled */
	VERB_FORGET,		/* it leaves the history */
	VERB_COUNT
};

/* Nonzero when verb may move a job from one state to the other. */
int state_allows(enum state from, enum verb verb, enum state to);
/* Nonzero when the verb is possible at all in this state. */
int state_accepts(enum state from, enum verb verb);

/* "pending" for READY, DELAYED and WAITING, else the state's name */
const char *state_name(enum state s);
/* "ready" "delayed" "waiting" ...: the placement inside pending */
const char *state_detail(enum state s);
const char *verb_name(enum verb v);

/* Why a job is where it is; printed as `reason`, and stored: never
 * renumber. */
enum reason {
	REASON_NONE = 0,
	REASON_SUCCEEDED,
	REASON_CONNECTOR_ERROR,
	REASON_PARSE_ERROR,
	REASON_PERMISSION_DENIED,
	REASON_DEPENDENCY_FAILURE,
	REASON_RESOURCE_EXHAUSTED,
	REASON_RATE_LIMITED,
	REASON_TIMEOUT,
	REASON_TRANSIENT,	/* a transient exit without a better word */
	REASON_UNKNOWN,
	REASON_MAX_ATTEMPTS,
	REASON_CRASH,
	REASON_SUPERSEDED,
	REASON_DISCARDED,
	REASON_OPERATOR,
	REASON_RELEASED,	/* a worker stopped before the job ended */
	REASON_SNOOZED,		/* its handler wants it to be run later */
	REASON_COUNT
};

const char *reason_name(enum reason r);	/* "max_attempts"; NULL for NONE */
enum reason reason_parse(const char *s);	/* REASON_NONE when unknown */

/* What the file-system saw, as a hint to the handler. Stored: never
 * renumber. */
enum file_event {
	EVENT_NONE = 0,
	EVENT_CREATED,
	EVENT_MODIFIED,
	EVENT_DELETED,
	EVENT_MOVED,
	EVENT_SCAN,
	EVENT_COUNT
};

const char *file_event_name(enum file_event e);	/* NULL for NONE */
enum file_event file_event_parse(struct bytes s);	/* NONE when unknown */

#endif
