/* Reads the audit log, follows it, and says whether it is what was written. */
#include <stdlib.h>

#include "log.h"

static int (*const modes[])(struct log_program *, struct err *) = {
	[LOG_READ] = log_read,
	[LOG_FOLLOW] = log_read,
	[LOG_EXPORT] = log_read,
	[LOG_ANCHOR] = log_anchor,
	[LOG_VERIFY] = log_verify,
	[LOG_REPLAY] = log_replay,
};

static int
run(struct log_program *p, struct err *err)
{
	int code;

	if (p->offline)
		return log_verify_offline(p, err);
	code = store_open(&p->store, &(struct store_options){
	    .path = p->args.queue, .mode = STORE_READ,
	    .program = p->args.program->name }, err);
	return code ? code : modes[p->mode](p, err);
}

int
main(int argc, char **argv)
{
	struct log_program p = { 0 };
	struct err err = { 0 };
	int code;

	log_options_parse(&p, argc, argv);
	report_init(&p.report, p.form);
	code = run(&p, &err);
	if (err.code)
		warn_say("%s", err.text);
	store_close(p.store);
	free(p.filter.jobs);
	return output_finish(code);
}
