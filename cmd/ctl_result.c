/* What became of a job that iq-ctl was told of. */
#include "ctl.h"

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

/* Why this verb is refused in this state, and what works instead */
static const char *
why_not(const struct ctl_options *o, enum state from)
{
	bool ended = from == STATE_SUCCEEDED || from == STATE_CANCELLED;

	if (ctl_is(o, "wait"))
		return "it did not succeed";
	if (ctl_is(o, "retry"))
		return why_not_retry(from);
	if (ended)
		return "it has ended";
	if (ctl_is(o, "release"))
		return from == STATE_RUNNING ? "it is to be cancelled" :
		    "it does not run";
	if (ctl_is(o, "cancel"))
		return from == STATE_RUNNING ? "it runs; --kill ends it" :
		    "it is in quarantine; discard ends it";
	if (ctl_is(o, "discard"))
		return from == STATE_RUNNING ?
		    "it runs; cancel --kill ends it" :
		    "it is not in quarantine; cancel ends it";
	if (ctl_is(o, "quarantine") && from == STATE_QUARANTINED)
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
		[CARRIED_BY_NOBODY] = " (its worker is dead: when what it left "
		    "running has ended)",
	};

	return notes[how];
}

static void
print_text(struct ctl *c, const struct ctl_result *r)
{
	buf_addf(&c->line, "%lld  ", (long long)r->id);
	if (!r->found) {
		buf_adds(&c->line, "no such job");
		return;
	}
	buf_adds(&c->line, state_name(r->from));
	if (r->to != r->from || (r->ok && !ctl_is(&c->o, "wait")))
		buf_addf(&c->line, " -> %s%s", state_name(r->to),
		    when(r->how));
	if (!r->ok)
		buf_addf(&c->line, ": %s", why_not(&c->o, r->from));
}

static void
print_json(struct ctl *c, const struct ctl_result *r)
{
	struct json j;

	json_init(&j, &c->line);
	json_begin_object(&j, NULL);
	json_put_int(&j, "id", r->id);
	json_put_string(&j, "verb", c->o.verb);
	json_put_string(&j, "from", r->found ? state_name(r->from) : NULL);
	json_put_string(&j, "to", r->found ? state_name(r->to) : NULL);
	json_put_bool(&j, "ok", r->ok);
	/* else it would look as if that had happened already */
	if (r->how != CARRIED_OUT)
		json_put_bool(&j, "ordered", true);
	json_end_object(&j);
}

void
ctl_print(struct ctl *c, const struct ctl_result *r)
{
	unsigned state = 1u << r->from;

	if (c->report.json)
		print_json(c, r);
	else
		print_text(c, r);
	report_line(&c->line);
	if (!r->found) {
		warn_say("%s %lld: no such job", c->o.verb, (long long)r->id);
		c->unknown = true;
	} else if (!r->ok) {
		/* of thousands of jobs one for each reason is enough */
		if (c->report.json && !(c->explained & state))
			warn_say("%s %lld: %s", c->o.verb, (long long)r->id,
			    why_not(&c->o, r->from));
		c->explained |= state;
		c->refused = true;
	}
}
