#include "rules/state.h"

#include <stdint.h>
#include <stdlib.h>

#include "tap.h"

/*
 * The legal moves, said a second time and in words: what is not here must be
 * refused.
 */
static const char *const legal[] = {
	"none enqueue ready", "none enqueue delayed", "none enqueue waiting",

	"delayed due ready",		/* its time has come */
	"delayed due waiting",		/* but its key is running */
	"waiting due ready",		/* the last parent has ended */
	"waiting due delayed",		/* but its time is yet to come */

	/* debounce, merge, replace */
	"ready defer ready", "ready defer delayed", "ready defer waiting",
	"delayed defer ready", "delayed defer delayed", "delayed defer waiting",
	"waiting defer ready", "waiting defer delayed", "waiting defer waiting",

	"ready claim running",
	"running succeed succeeded",
	"running fail failed",
	"failed retry ready", "failed retry delayed", "failed retry waiting",
	"failed give_up quarantined",

	"ready supersede cancelled", "delayed supersede cancelled",
	"waiting supersede cancelled", "running supersede cancelled",
	"failed supersede cancelled", "quarantined supersede cancelled",

	"running release ready", "running release delayed",
	"running release waiting",
	"running crash ready", "running crash waiting",
	"running crash quarantined",

	"ready cancel cancelled", "delayed cancel cancelled",
	"waiting cancel cancelled", "running cancel cancelled",

	"quarantined revive ready", "quarantined revive waiting",
	"cancelled revive ready", "cancelled revive waiting",

	"ready quarantine quarantined", "delayed quarantine quarantined",
	"waiting quarantine quarantined",
	"quarantined discard cancelled",

	/* retention */
	"succeeded forget none", "cancelled forget none",
};
#define LEGAL (sizeof(legal) / sizeof(legal[0]))

static bool
listed(const char *move)
{
	size_t i;

	for (i = 0; i < LEGAL; i++)
		if (strcmp(legal[i], move) == 0)
			return true;
	return false;
}

static void
walk(void)
{
	int from, verb, to, allowed = 0;

	for (from = 0; from < STATE_COUNT; from++)
	for (verb = 0; verb < VERB_COUNT; verb++) {
		bool any = false;

		for (to = 0; to < STATE_COUNT; to++) {
			char move[80];
			bool may = state_allows((enum state)from,
				(enum verb)verb, (enum state)to) != 0;

			snprintf(move, sizeof(move), "%s %s %s",
				state_detail((enum state)from),
				verb_name((enum verb)verb),
				state_detail((enum state)to));
			if (may != listed(move))
				ok(false, "%s: %s", move,
					may ? "allowed" : "refused");
			allowed += may;
			any |= may;
		}
		if (any != (state_accepts((enum state)from, (enum verb)verb)
				!= 0))
			ok(false, "state_accepts(%s, %s)",
				state_detail((enum state)from),
				verb_name((enum verb)verb));
	}
	is_int(allowed, LEGAL, "as many moves as are listed");
	ok(tap_failed == 0, "every state, verb, state");
}

/* Every state can be reached, and from every one but the end ones there is a
 * way to an end. */
static void
reach(void)
{
	unsigned seen = 1u << STATE_NONE, ends, before;
	int from, verb, to;

	do {
		before = seen;
		for (from = 0; from < STATE_COUNT; from++)
		for (verb = 0; verb < VERB_COUNT; verb++)
		for (to = 0; to < STATE_COUNT; to++)
			if ((seen & 1u << from) && state_allows(
					(enum state)from, (enum verb)verb,
					(enum state)to))
				seen |= 1u << to;
	} while (seen != before);
	is_int(seen, (1u << STATE_COUNT) - 1, "all states can be reached");

	ends = 1u << STATE_SUCCEEDED;
	do {
		before = ends;
		for (from = 0; from < STATE_COUNT; from++)
		for (verb = 0; verb < VERB_COUNT; verb++)
		for (to = 0; to < STATE_COUNT; to++)
			if ((ends & 1u << to) && state_allows(
					(enum state)from, (enum verb)verb,
					(enum state)to))
				ends |= 1u << from;
	} while (ends != before);
	is_int(ends, (1u << STATE_COUNT) - 1, "all can still succeed");
	for (verb = 0; verb < VERB_COUNT; verb++)
		if (verb != VERB_FORGET && state_accepts(STATE_SUCCEEDED,
				(enum verb)verb))
			break;
	is_int(verb, VERB_COUNT, "what has succeeded can only be forgotten");
}

static void
outside(void)
{
	ok(!state_allows((enum state)-1, VERB_CLAIM, STATE_RUNNING)
		&& !state_allows(STATE_COUNT, VERB_CLAIM, STATE_RUNNING)
		&& !state_allows(STATE_READY, (enum verb)-1, STATE_RUNNING)
		&& !state_allows(STATE_READY, VERB_COUNT, STATE_RUNNING)
		&& !state_allows(STATE_READY, VERB_CLAIM, (enum state)-1)
		&& !state_allows(STATE_READY, VERB_CLAIM, (enum state)36)
		&& !state_accepts((enum state)99, VERB_CLAIM),
		"numbers that are no states or verbs");
	is_str(state_name((enum state)99), "unknown", "no such state");
	is_str(verb_name((enum verb)99), "unknown", "no such verb");
	ok(reason_name((enum reason)99) == NULL, "no such reason");
	ok(file_event_name((enum file_event)99) == NULL, "no such event");
}

static void
names(void)
{
	int i, wrong = 0;

	is_str(state_name(STATE_READY), "pending", "ready is pending");
	is_str(state_name(STATE_DELAYED), "pending", "delayed is pending");
	is_str(state_name(STATE_WAITING), "pending", "waiting is pending");
	is_str(state_name(STATE_RUNNING), "running", "running");
	is_str(state_name(STATE_QUARANTINED), "quarantined", "quarantined");
	is_str(state_name(STATE_SUCCEEDED), "succeeded", "succeeded");
	is_str(state_name(STATE_CANCELLED), "cancelled", "cancelled");
	is_str(state_detail(STATE_DELAYED), "delayed", "the place");

	ok(reason_name(REASON_NONE) == NULL, "no reason has no name");
	for (i = 1; i < REASON_COUNT; i++)
		wrong += reason_name((enum reason)i) == NULL || (int)
			reason_parse(reason_name((enum reason)i)) != i;
	is_int(wrong, 0, "reasons read back");
	is_str(reason_name(REASON_MAX_ATTEMPTS), "max_attempts", "a reason");
	is_int(reason_parse("nonsense"), REASON_NONE, "not a reason");
	is_int(reason_parse(""), REASON_NONE, "nor is nothing");

	for (i = 1; i < EVENT_COUNT; i++)
		wrong += (int)file_event_parse(bytes_of(file_event_name(
			(enum file_event)i))) != i;
	is_int(wrong, 0, "file events read back");
	is_int(file_event_parse(bytes_of("create")), EVENT_NONE, "not one");
	is_int(file_event_parse(BYTES_NONE), EVENT_NONE, "nor is nothing");
}

/* These are in queue files: a new one goes at the end. */
static void
stored_numbers(void)
{
	ok(STATE_READY == 1 && STATE_DELAYED == 2 && STATE_WAITING == 3
		&& STATE_RUNNING == 4 && STATE_QUARANTINED == 5
		&& STATE_SUCCEEDED == 6 && STATE_CANCELLED == 7
		&& STATE_FAILED == 8, "states");
	ok(REASON_SUCCEEDED == 1 && REASON_CONNECTOR_ERROR == 2
		&& REASON_TIMEOUT == 8 && REASON_UNKNOWN == 10
		&& REASON_CRASH == 12 && REASON_RELEASED == 16, "reasons");
	ok(EVENT_CREATED == 1 && EVENT_SCAN == 5, "file events");
}

int
main(void)
{
	walk();
	reach();
	outside();
	names();
	stored_numbers();
	return done();
}
