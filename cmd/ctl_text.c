/* What became of a job that somebody wanted something of, in words. */
#include "ctl_text.h"

#include <stdbool.h>
#include <string.h>

static bool
is(const char *verb, const char *other)
{
	return strcmp(verb, other) == 0;
}

static const char *
why_not_retry(enum state from)
{
	if (from == STATE_RUNNING)
		return "it runs";
	if (from == STATE_SUCCEEDED)
		return "it has succeeded; enqueue it again";
	if (from == STATE_CANCELLED)
		return "a newer job of its key does its work";
	return "it is pending already";
}

const char *
ctl_why_not(const char *verb, enum state from)
{
	bool ended = from == STATE_SUCCEEDED || from == STATE_CANCELLED;

	if (is(verb, "wait"))
		return "it did not succeed";
	if (is(verb, "retry"))
		return why_not_retry(from);
	if (ended)
		return "it has ended";
	if (is(verb, "release"))
		return from == STATE_RUNNING ? "it is to be cancelled" :
		    "it does not run";
	if (is(verb, "cancel"))
		return from == STATE_RUNNING ? "it runs; --kill ends it" :
		    "it is in quarantine; discard ends it";
	if (is(verb, "discard"))
		return from == STATE_RUNNING ?
		    "it runs; cancel --kill ends it" :
		    "it is not in quarantine; cancel ends it";
	if (is(verb, "quarantine") && from == STATE_QUARANTINED)
		return "it is there already";
	return "it runs";
}

/* When it is done that a running job is to be ended */
static const char *
when(enum carried_out how)
{
	static const char *const notes[] = {
		[CARRIED_OUT] = "",
		[CARRIED_BY_WORKER] = " (its worker was told)",
		[CARRIED_BY_NOBODY] = (" (its worker is dead: when what it "
		    "left running has ended)"),
	};

	return notes[how];
}

void
ctl_result_text(struct buf *b, const char *verb, const struct ctl_result *r)
{
	buf_addf(b, "%lld  ", (long long)r->id);
	if (!r->found) {
		buf_adds(b, "no such job");
		return;
	}
	buf_adds(b, state_name(r->from));
	if (r->to != r->from || (r->ok && !is(verb, "wait")))
		buf_addf(b, " -> %s%s", state_name(r->to), when(r->how));
	if (!r->ok)
		buf_addf(b, ": %s", ctl_why_not(verb, r->from));
}
