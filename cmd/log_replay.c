/*
 * iq-log --replay: the state of each job after all that the log says.  Jobs
 * are kept by id in pages, since ids are given away one after the other.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define PAGE 4096

struct fate {			/* of one job; state NONE: not heard of */
	int32_t type;
	int8_t state;
};

struct replay {
	struct log_program *program;
	struct fate **pages;	/* by id / PAGE; NULL: none heard of */
	size_t npages;
	int64_t unreadable;	/* the event where it ended; 0: none */
};

static struct fate *
page_of(struct replay *r, int64_t id)
{
	size_t n = (size_t)(id / PAGE);

	if (n >= r->npages) {
		size_t more = n + 1 > 2 * r->npages ? n + 1 : 2 * r->npages;

		r->pages = mem_grow(r->pages, more, sizeof(*r->pages));
		memset(r->pages + r->npages, 0,
		    (more - r->npages) * sizeof(*r->pages));
		r->npages = more;
	}
	if (r->pages[n] == NULL)
		r->pages[n] = mem_zero(PAGE, sizeof(**r->pages));
	return r->pages[n];
}

/* A damaged log must not make us fill the memory with jobs there never were */
#define COUNT_MAX INT64_C(10000000)
#define ID_MAX (INT64_C(1) << 36)

static int
take(void *ctx, const struct entry *e)
{
	struct replay *r = ctx;
	size_t at = 0;
	int64_t end = 0;
	struct move m;
	int got;

	if (r->program->filter.until && e->at >= r->program->filter.until)
		return 0;
	while ((got = event_next_move(e->moves, &at, &end, &m)) == 1) {
		if (m.count > COUNT_MAX || m.first > ID_MAX) {
			got = -1;
			break;
		}
		for (int64_t i = m.first; i < m.first + m.count; i++)
			page_of(r, i)[i % PAGE] = (struct fate){
			    (int32_t)m.type, (int8_t)m.to };
	}
	if (got < 0)
		r->unreadable = e->seq;
	return got < 0;
}

static bool
wanted(const struct log_filter *f, int64_t id, const char *type)
{
	size_t i;

	if (f->type && (type == NULL || !type_within(type, f->type)))
		return false;
	for (i = 0; i < f->njobs && f->jobs[i] != id; i++)
		;
	return f->jobs == NULL || i < f->njobs;
}

static void
show(struct log_program *p, struct buf *line, int64_t id,
	const struct fate *f)
{
	const char *type = log_type_name(p, f->type);
	const char *state = state_name((enum state)f->state);
	struct json j;

	if (f->state == STATE_NONE || !wanted(&p->filter, id, type))
		return;
	if (p->report.json) {
		json_init(&j, line);
		json_begin_object(&j, NULL);
		json_put_int(&j, "id", id);
		json_put_string(&j, "type", type);
		json_put_string(&j, "state", state);
		json_end_object(&j);
	} else {
		buf_addf(line, "%" PRId64 "  %s  %s", id, state,
		    type ? type : "?");
	}
	report_line(line);
}

int
log_replay(struct log_program *p, struct err *err)
{
	struct replay r = { .program = p };
	struct buf line = { 0 };
	struct log_span span;
	int64_t after;
	int code = store_log_span(p->store, &span, err);

	after = span.first - 1;
	if (code == 0)
		code = store_log(p->store, &after, span.last, take, &r, err);
	if (r.unreadable)
		code = err_set(err, EX_IOERR, "replay event %" PRId64 ": its "
		    "moves cannot be read; see iq-log --verify", r.unreadable);
	for (size_t n = 0; n < r.npages; n++) {
		for (int64_t i = 0; code == 0 && r.pages[n] && i < PAGE &&
		    !ferror(stdout); i++)
			show(p, &line, (int64_t)n * PAGE + i, &r.pages[n][i]);
		free(r.pages[n]);
	}
	free(r.pages);
	buf_release(&line);
	return code;
}
