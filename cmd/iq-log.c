/* Reads the audit log, follows it, and says whether it is what was written. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "log.h"
#include "type_option.h"

#define LAST_EVENTS 10		/* that following begins with */
#define LOOK_MS 100		/* most changes send no wake-up */

struct reading {
	struct log_program *program;
	struct moves moves;
	struct buf line;
};

static int
show(void *ctx, const struct entry *e)
{
	struct reading *r = ctx;
	struct log_program *p = r->program;

	if (!log_choose(p, e, &r->moves))
		return ferror(stdout);
	if (p->report.json) {
		log_json(p, e, &r->moves, &r->line);
		report_line(&r->line);
	} else {
		log_text(p, e, &r->moves);
	}
	return ferror(stdout);
}

static int
first_wanted(struct log_program *p, int64_t *after, int64_t *last,
	struct err *err)
{
	struct log_span span;
	int code = store_log_span(p->store, &span, err);

	if (code)
		return code;
	*after = span.first - 1;
	*last = span.last;
	if (p->filter.since) {
		code = store_log_at(p->store, p->filter.since, after, err);
		--*after;
	} else if (p->mode == LOG_FOLLOW && span.last - LAST_EVENTS > *after) {
		*after = span.last - LAST_EVENTS;
	}
	return code;
}

/* Until somebody has committed; false when nobody reads what we say */
static bool
wait_for_more(struct store *s)
{
	struct pollfd fds[] = { { .fd = STDOUT_FILENO },
	    { .fd = store_wake_fd(s), .events = POLLIN } };

	while (!store_changed(s)) {
		if (poll(fds, 2, LOOK_MS) > 0 && fds[0].revents & POLLERR)
			return false;
		store_wake_drain(s);
	}
	return true;
}

int
log_read(struct log_program *p, struct err *err)
{
	struct reading r = { .program = p };
	int64_t after, last;
	int code = first_wanted(p, &after, &last, err);

	if (p->filter.type && code == 0)
		code = type_known(p->store, "--type", p->filter.type, err);
	if (code == 0)
		code = store_log(p->store, &after, last, show, &r, err);
	while (p->mode == LOG_FOLLOW && code == 0 && fflush(stdout) == 0 &&
	    wait_for_more(p->store))
		code = store_log(p->store, &after, INT64_MAX, show, &r, err);
	moves_release(&r.moves);
	buf_release(&r.line);
	return code;
}

int
main(int argc, char **argv)
{
	static int (*const modes[])(struct log_program *, struct err *) = {
		[LOG_READ] = log_read, [LOG_FOLLOW] = log_read,
		[LOG_VERIFY] = log_verify, [LOG_REPLAY] = log_replay,
	};
	struct log_program p = { 0 };
	struct err err = { 0 };
	int code;

	log_options_parse(&p, argc, argv);
	report_init(&p.report, p.form);
	code = store_open(&p.store, &(struct store_options){
	    .path = p.args.queue, .mode = STORE_READ,
	    .program = p.args.program->name }, &err);
	if (code == 0)
		code = modes[p.mode](&p, &err);
	if (err.code)
		warn_say("%s", err.text);
	store_close(p.store);
	free(p.filter.jobs);
	return output_finish(code);
}
