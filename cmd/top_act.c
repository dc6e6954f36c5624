/* What was asked for is done, and said. */
#include <string.h>

#include "ctl_text.h"
#include "top.h"

#define PATIENCE (3 * NS_PER_S)	/* somebody is waiting at the keyboard */

static const struct {
	enum job_verb verb;
	const char *name;	/* as iq-ctl has it */
} job_verbs[] = {
	[TOP_RETRY] = { JOB_RETRY, "retry" },
	[TOP_CANCEL] = { JOB_CANCEL, "cancel" },
	[TOP_KILL] = { JOB_KILL, "cancel" },
	[TOP_RELEASE] = { JOB_RELEASE, "release" },
	[TOP_QUARANTINE] = { JOB_QUARANTINE, "quarantine" },
	[TOP_DISCARD] = { JOB_DISCARD, "discard" },
};

static int
act_on_job(struct store *s, const struct top_action *a, struct buf *b,
	struct err *err)
{
	struct control_result r;
	int code = store_control(s, job_verbs[a->verb].verb, 0, &a->of.job, 1,
	    &r, err);

	if (code == 0)
		ctl_result_text(b, job_verbs[a->verb].name,
		    &(struct ctl_result){ r.id, r.from, r.to, r.found, r.ok,
		    r.how });
	return code;
}

static int
set_limit(struct store *s, const struct top_action *a, struct buf *b,
	struct err *err)
{
	struct setting_change change = { a->of.type, SET_MAX_WORKERS,
	    a->text[0] ? a->text : NULL };
	int code = store_settings_change(s, &change, 1, err);

	if (code == 0 && a->text[0])
		buf_addf(b, "%s: max_workers=%s", a->of.type, a->text);
	else if (code == 0)
		buf_addf(b, "%s: max_workers is not set here any more",
		    a->of.type);
	return code;
}

static int
act_on_type(struct store *s, const struct top_action *a, struct buf *b,
	struct err *err)
{
	const char *type = a->of.type[0] ? a->of.type : NULL;
	int code;

	if (a->verb == TOP_SET_LIMIT)
		return set_limit(s, a, b, err);
	code = a->verb == TOP_PAUSE ? store_pause(s, type, NULL, 0, err) :
	    store_resume(s, type, err);
	if (code == 0)
		buf_addf(b, "%s %s", type ? type : "everything",
		    a->verb == TOP_PAUSE ? "is paused" : "is resumed");
	return code;
}

void
top_act(const char *queue, const struct top_action *a, struct buf *b)
{
	struct store *s;
	struct err err = { 0 };
	int code = store_open(&s, &(struct store_options){ .path = queue,
	    .mode = STORE_WRITE, .program = "iq-top", .deadline = PATIENCE },
	    &err);

	buf_reset(b);
	if (code == 0)
		code = a->verb <= TOP_SET_LIMIT ? act_on_type(s, a, b, &err) :
		    act_on_job(s, a, b, &err);
	if (code) {
		buf_reset(b);
		buf_adds(b, err.text);
	}
	store_close(s);
}
