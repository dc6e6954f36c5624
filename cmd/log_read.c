/* Printing the log: what there is, and for another place. */
#include <stdio.h>

#include "log.h"
#include "type_option.h"

#define LAST_EVENTS 10		/* that following begins with */

struct reading {
	struct log_program *program;
	struct moves moves;
	struct buf line;
	unsigned char previous[EVENT_HASH_SIZE];	/* hash */
	int code;
	bool any;		/* event was shown */
	struct err *err;
};

static int
print_json(struct reading *r, const struct entry *e)
{
	struct log_program *p = r->program;
	struct json j;
	int code;

	json_init(&j, &r->line);
	log_json(p, e, &r->moves, p->mode == LOG_EXPORT ? r->previous : NULL,
	    &j);
	code = log_paths_json(p, &r->moves, &j, r->err);
	json_end_object(&j);
	if (code == 0)
		report_line(&r->line);
	return code;
}

static int
show(void *ctx, const struct entry *e)
{
	struct reading *r = ctx;
	struct log_program *p = r->program;

	if (log_choose(p, e, &r->moves)) {
		r->any = true;
		r->code = p->report.json ? print_json(r, e) :
		    log_text(p, e, &r->moves, r->err);
	}
	if (e->hash.n == sizeof(r->previous))
		memcpy(r->previous, e->hash.p, e->hash.n);
	return r->code || ferror(stdout);
}

int
log_last_events(struct log_program *p, int64_t *after, struct err *err)
{
	struct log_span span;
	int code = store_log_span(p->store, &span, err);

	if (code)
		return code;
	*after = span.last - LAST_EVENTS < span.first ? span.first - 1 :
	    span.last - LAST_EVENTS;
	/* of an empty log, before the first one there will be */
	if (*after < 0)
		*after = 0;
	return 0;
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
	} else if (p->mode == LOG_FOLLOW) {
		code = log_last_events(p, after, err);
	}
	return code;
}

/* An export has no gaps, also where the clock was set back: what is between its
 * first event and its last one is in it. */
static int
settle_range(struct reading *r, int64_t after, int64_t *last)
{
	struct log_program *p = r->program;
	struct err *err = r->err;
	int code = store_log_before(p->store, after + 1, r->previous, err);

	if (code == 0 && p->filter.until) {
		code = store_log_at(p->store, p->filter.until, last, err);
		--*last;
	}
	p->filter.since = p->filter.until = 0;
	return code ? code : store_settle(p->store, err);
}

/* Nothing at all could be taken for nothing that happened. */
static void
say_none(const struct log_program *p, int64_t first)
{
	const struct log_filter *f = &p->filter;

	if (f->type || f->kinds || f->actor || f->since || f->until)
		warn_say("no event matches");
	else if (first > 1)
		warn_say("the log begins with event %lld, and none of it is "
		    "about what --job selects", (long long)first);
	else
		warn_say("no event is about what --job selects");
}

int
log_read(struct log_program *p, struct err *err)
{
	struct reading r = { .program = p, .err = err };
	int64_t first, last, after;
	int code = first_wanted(p, &after, &last, err);

	if (code)
		return code;
	first = after + 1;
	code = log_redact_init(p, err);
	if (code == 0 && p->filter.type)
		code = type_known(p->store, "--type", p->filter.type, err);
	if (code == 0 && p->mode == LOG_EXPORT)
		code = settle_range(&r, after, &last);
	if (code == 0)
		code = store_log(p->store, &after, last, show, &r, err);
	if (code == 0)
		code = r.code;
	if (code == 0 && p->mode == LOG_READ && p->filter.njobs && !r.any)
		say_none(p, first);
	if (code == 0 && p->mode == LOG_FOLLOW)
		code = log_follow(p, after, show, &r, err);
	if (code == 0)
		code = r.code;
	moves_release(&r.moves);
	buf_release(&r.line);
	return code;
}
