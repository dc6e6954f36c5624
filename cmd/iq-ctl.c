/* What an operator does to jobs and types. */
#include <stdio.h>
#include <stdlib.h>

#include "ctl.h"
#include "type_option.h"

int
ctl_flush(struct ctl *c, struct err *err)
{
	struct control_result *r;
	int code;

	if (c->n == 0 || ctl_is(&c->o, "wait"))
		return 0;
	r = mem_zero(c->n, sizeof(*r));
	code = store_control(c->store, c->o.job_verb, c->o.priority, c->ids,
	    c->n, r, err);
	for (size_t i = 0; i < c->n && code == 0; i++)
		ctl_print(c, &(struct ctl_result){ r[i].id, r[i].from, r[i].to,
		    r[i].found, r[i].ok, r[i].how });
	if (code == 0)
		fflush(stdout);
	c->n = 0;
	free(r);
	return code;
}

static int
control_types(struct ctl *c, struct err *err)
{
	int64_t until = c->o.pause_for ? clock_after(clock_wall(&clock_system),
	    c->o.pause_for) : 0;
	int code = 0;

	if (!ctl_is(&c->o, "pause"))
		return store_resume(c->store, c->o.type, err);
	if (c->o.type)
		code = type_known(c->store, "pause", c->o.type, err);
	return code ? code : store_pause(c->store, c->o.type, c->o.reason,
	    until, err);
}

static int
control_jobs(struct ctl *c, struct err *err)
{
	int code = c->o.group ? 0 : ctl_read_ids(c, err);

	if (code == 0 && ctl_is(&c->o, "wait"))
		code = ctl_wait(c, err);
	if (code)
		return code;
	return c->bad_input ? EX_DATAERR : c->unknown ? EX_NOINPUT :
	    c->refused ? 1 : 0;
}

int
main(int argc, char **argv)
{
	struct ctl c = { 0 };
	struct ctl_options *o = &c.o;
	struct err err = { 0 };
	int code;

	ctl_options_parse(o, argc, argv);
	report_init(&c.report, o->form);
	code = store_open(&c.store, &(struct store_options){
	    .path = o->args.queue, .mode = ctl_is(o, "wait") ? STORE_READ :
	    ctl_is(o, "pause") ? STORE_CREATE : STORE_WRITE,
	    .program = o->args.program->name }, &err);
	if (code == 0)
		code = o->types ? control_types(&c, &err) :
		    control_jobs(&c, &err);
	if (err.code && code == err.code)
		warn_say("%s", err.text);
	store_close(c.store);
	buf_release(&c.line);
	free(c.ids);
	return output_finish(code);
}
