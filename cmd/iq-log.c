/* Reads the audit log, follows it, and says whether it is what was written. */
#include <stdlib.h>

#include "log.h"

static const struct {
	int (*run)(struct log_program *p, struct err *err);
	enum store_mode opened;
} modes[] = {
	[LOG_READ] = { log_read, STORE_READ },
	[LOG_FOLLOW] = { log_read, STORE_READ },
	[LOG_EXPORT] = { log_read, STORE_READ },
	[LOG_ANCHOR] = { log_anchor, STORE_READ },
	[LOG_SEAL] = { log_seal, STORE_WRITE },
	[LOG_NEW_KEY] = { log_new_key, STORE_WRITE },
	[LOG_VERIFY] = { log_verify, STORE_READ },
	[LOG_REPLAY] = { log_replay, STORE_READ },
	[LOG_PRUNE] = { log_prune, STORE_WRITE },
};

int
log_open_queue(struct log_program *p, enum store_mode mode, struct err *err)
{
	return store_open(&p->store, &(struct store_options){
	    .path = p->args.queue, .mode = mode,
	    .program = p->args.program->name }, err);
}

static int
run(struct log_program *p, struct err *err)
{
	int code;

	if (p->offline)
		return log_verify_offline(p, err);
	code = log_open_queue(p, modes[p->mode].opened, err);
	return code ? code : modes[p->mode].run(p, err);
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
