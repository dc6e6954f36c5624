#include "rules/state.h"

#include <stddef.h>
#include <string.h>

#define S(name) (1u << STATE_##name)
#define PLACES (S(READY) | S(DELAYED) | S(WAITING))	/* inside pending */

/* The legal moves: from a state, by a verb, to one of these. */
static const unsigned moves[STATE_COUNT][VERB_COUNT] = {
	[STATE_NONE] = {
		[VERB_ENQUEUE] = PLACES,
	},
	/* DEFER: merged with another record, or replaced by it, which may come
	 * after other jobs */
	[STATE_READY] = {
		[VERB_DEFER] = PLACES,
		[VERB_CLAIM] = S(RUNNING),
		[VERB_SUPERSEDE] = S(CANCELLED),
		[VERB_CANCEL] = S(CANCELLED),
		[VERB_QUARANTINE] = S(QUARANTINED),
	},
	[STATE_DELAYED] = {
		/* it may still have to wait for a parent, or for its key */
		[VERB_DUE] = S(READY) | S(WAITING),
		[VERB_DEFER] = PLACES,
		[VERB_SUPERSEDE] = S(CANCELLED),
		[VERB_CANCEL] = S(CANCELLED),
		[VERB_QUARANTINE] = S(QUARANTINED),
	},
	[STATE_WAITING] = {
		/* its parents have ended, and its time may be yet to come */
		[VERB_DUE] = S(READY) | S(DELAYED),
		[VERB_DEFER] = PLACES,
		[VERB_SUPERSEDE] = S(CANCELLED),
		[VERB_CANCEL] = S(CANCELLED),
		[VERB_QUARANTINE] = S(QUARANTINED),
	},
	[STATE_RUNNING] = {
		[VERB_SUCCEED] = S(SUCCEEDED),
		[VERB_FAIL] = S(FAILED),
		[VERB_SUPERSEDE] = S(CANCELLED),
		[VERB_RELEASE] = PLACES,
		/* at once, or never: no back-off for what was not its fault */
		[VERB_CRASH] = S(READY) | S(WAITING) | S(QUARANTINED),
		[VERB_CANCEL] = S(CANCELLED),
	},
	[STATE_FAILED] = {
		[VERB_RETRY] = PLACES,
		[VERB_GIVE_UP] = S(QUARANTINED),
		[VERB_SUPERSEDE] = S(CANCELLED),
	},
	[STATE_QUARANTINED] = {
		[VERB_SUPERSEDE] = S(CANCELLED),
		[VERB_REVIVE] = S(READY) | S(WAITING),
		[VERB_DISCARD] = S(CANCELLED),
	},
	[STATE_CANCELLED] = {
		[VERB_REVIVE] = S(READY) | S(WAITING),
		[VERB_FORGET] = S(NONE),
	},
	[STATE_SUCCEEDED] = {
		[VERB_FORGET] = S(NONE),
	},
};

int
state_accepts(enum state from, enum verb verb)
{
	if ((unsigned)from >= STATE_COUNT || (unsigned)verb >= VERB_COUNT)
		return 0;
	return moves[from][verb] != 0;
}

int
state_allows(enum state from, enum verb verb, enum state to)
{
	if (!state_accepts(from, verb) || (unsigned)to >= STATE_COUNT)
		return 0;
	return (moves[from][verb] & 1u << to) != 0;
}

static const char *const details[STATE_COUNT] = {
	"none", "ready", "delayed", "waiting", "running", "quarantined",
	"succeeded", "cancelled", "failed",
};

const char *
state_detail(enum state s)
{
	return (unsigned)s < STATE_COUNT ? details[s] : "unknown";
}

const char *
state_name(enum state s)
{
	if (s == STATE_READY || s == STATE_DELAYED || s == STATE_WAITING)
		return "pending";
	return state_detail(s);
}

const char *
verb_name(enum verb v)
{
	static const char *const names[VERB_COUNT] = {
		"enqueue", "due", "defer", "claim", "succeed", "fail", "retry",
		"give_up", "supersede", "release", "crash", "cancel", "revive",
		"quarantine", "discard", "forget",
	};

	return (unsigned)v < VERB_COUNT ? names[v] : "unknown";
}

static const char *const reasons[REASON_COUNT] = {
	NULL, "succeeded", "connector_error", "parse_error",
	"permission_denied", "dependency_failure", "resource_exhausted",
	"rate_limited", "timeout", "transient", "unknown", "max_attempts",
	"crash", "superseded", "discarded", "operator", "released",
	"snoozed",
};

const char *
reason_name(enum reason r)
{
	return (unsigned)r < REASON_COUNT ? reasons[r] : NULL;
}

enum reason
reason_parse(const char *s)
{
	int r;

	for (r = 1; r < REASON_COUNT; r++)
		if (strcmp(s, reasons[r]) == 0)
			return (enum reason)r;
	return REASON_NONE;
}

static const char *const events[EVENT_COUNT] = {
	NULL, "created", "modified", "deleted", "moved", "scan",
};

const char *
file_event_name(enum file_event e)
{
	return (unsigned)e < EVENT_COUNT ? events[e] : NULL;
}

enum file_event
file_event_parse(struct bytes s)
{
	int e;

	for (e = 1; e < EVENT_COUNT; e++)
		if (bytes_equal(s, bytes_of(events[e])))
			return (enum file_event)e;
	return EVENT_NONE;
}
