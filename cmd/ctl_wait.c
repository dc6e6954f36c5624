/* iq-ctl wait. */
#include "ctl.h"

#include <stdlib.h>

#include "wait.h"

struct states {
	const int64_t *ids;
	enum state *v;		/* of the ids, NONE: no such job */
	size_t n, at;
};

static int
keep_state(void *ctx, const struct job *j)
{
	struct states *s = ctx;

	/* they come in the order of the ids */
	while (s->at < s->n && s->ids[s->at] != j->id)
		s->at++;
	if (s->at < s->n)
		s->v[s->at++] = j->state;
	return 0;
}

static int
read_states(struct ctl *c, enum state *v, struct err *err)
{
	struct job_filter f = { .ids = c->ids, .nids = c->n };
	struct states s = { c->ids, v, c->n, 0 };

	return store_list(c->store, &f, keep_state, NULL, &s, err);
}

static int
wait_for_jobs(struct ctl *c, struct err *err)
{
	struct wait w = { .what = "wait", .ids = c->ids, .n = c->n,
	    .timeout = c->o.timeout };
	enum state *from, *to;
	size_t failed;
	int code;

	if (c->n == 0)
		return 0;
	from = mem_zero(c->n, sizeof(*from));
	to = mem_zero(c->n, sizeof(*to));
	code = read_states(c, from, err);
	if (code == 0)
		code = wait_for(c->store, &w, to, &failed, err);
	for (size_t i = 0; i < c->n && code == 0; i++)
		ctl_print(c, &(struct ctl_result){ c->ids[i],
		    from[i] ? from[i] : to[i], to[i], true, to[i] == STATE_SUCCEEDED, CARRIED_OUT });
	free(from);
	free(to);
	return code;
}

static int
wait_for_group(struct ctl *c, struct err *err)
{
	struct wait w = { .what = "wait", .group = bytes_of(c->o.group),
	    .timeout = c->o.timeout };
	size_t failed = 0;
	int code = wait_for(c->store, &w, NULL, &failed, err);

	if (failed)
		warn_say("wait: %zu of group %s did not succeed", failed,
		    c->o.group);
	c->refused = failed > 0;
	return code;
}

int
ctl_wait(struct ctl *c, struct err *err)
{
	return c->o.group ? wait_for_group(c, err) : wait_for_jobs(c, err);
}
