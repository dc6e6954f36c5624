/* What became of a job that iq-ctl was told of. */
#include "ctl.h"

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
		ctl_result_text(&c->line, c->o.verb, r);
	report_line(&c->line);
	if (!r->found) {
		warn_say("%s %lld: no such job", c->o.verb, (long long)r->id);
		c->unknown = true;
	} else if (!r->ok) {
		/* of thousands of jobs one for each reason is enough */
		if (c->report.json && !(c->explained & state))
			warn_say("%s %lld: %s", c->o.verb, (long long)r->id,
			    ctl_why_not(c->o.verb, r->from));
		c->explained |= state;
		c->refused = true;
	}
}
