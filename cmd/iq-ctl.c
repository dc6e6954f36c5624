/* What an operator does to jobs and types. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl_options.h"
#include "report.h"
#include "rules/job_ref.h"
#include "rules/record.h"

#define AT_ONCE 1000		/* jobs in a transaction */
#define LINE_MAX_BYTES (8 << 20)	/* a job object with a payload */

struct ctl {
	struct ctl_options o;
	struct report report;
	struct store *store;
	int64_t ids[AT_ONCE];
	size_t n;
	int64_t *all;			/* wait: of all of them */
	size_t nall;
	bool bad_input, unknown, refused;
	struct buf line;
};

/* ---- results ---- */

static void
print_result(struct ctl *c, int64_t id, enum state from, enum state to,
	bool found, bool ok, const char *note)
{
	struct json j;

	if (!c->report.json) {
		buf_addf(&c->line, "%lld  ", (long long)id);
		if (!found)
			buf_adds(&c->line, "no such job");
		else if (ok)
			buf_addf(&c->line, "%s -> %s%s", state_name(from),
			    state_name(to), note);
		else
			buf_addf(&c->line, "%s: no %s in this state",
			    state_name(from), c->o.verb);
	} else {
		json_init(&j, &c->line);
		json_begin_object(&j, NULL);
		json_put_int(&j, "id", id);
		json_put_string(&j, "verb", c->o.verb);
		json_put_string(&j, "from", found ? state_name(from) : NULL);
		json_put_string(&j, "to", found ? state_name(to) : NULL);
		json_put_bool(&j, "ok", ok);
		json_end_object(&j);
	}
	report_line(&c->line);
}

static int
flush_ids(struct ctl *c, struct err *err)
{
	struct control_result *r;
	int code;

	if (c->n == 0)
		return 0;
	r = mem_zero(c->n, sizeof(*r));
	code = store_control(c->store, c->o.job_verb, c->o.priority, c->ids, c->n,
	    r, err);
	for (size_t i = 0; i < c->n && code == 0; i++) {
		print_result(c, r[i].id, r[i].from, r[i].to, r[i].found,
		    r[i].ok, r[i].ordered ? " (its worker was told)" : "");
		if (!r[i].found) {
			warn_say("%s %lld: no such job", c->o.verb,
			    (long long)r[i].id);
			c->unknown = true;
		} else if (!r[i].ok) {
			c->refused = true;
		}
	}
	if (code == 0)
		fflush(stdout);
	c->n = 0;
	free(r);
	return code;
}

/* ---- ids ---- */

static int
take_id(struct ctl *c, int64_t id, struct err *err)
{
	if (ctl_is(&c->o, "wait")) {
		c->all = mem_grow(c->all, c->nall + 1, sizeof(*c->all));
		c->all[c->nall++] = id;
		return 0;
	}
	c->ids[c->n++] = id;
	return c->n == AT_ONCE ? flush_ids(c, err) : 0;
}

static int
take_line(struct ctl *c, enum frame frame, struct bytes line, uint64_t number,
	struct err *err)
{
	struct err why = { 0 };
	int64_t id = 0;

	if (frame == FRAME_TOO_LONG)
		err_set(&why, EX_DATAERR, "over 8 MiB");
	else
		job_ref_parse(line, &id, &why);
	if (why.code) {
		warn_say("line %llu: %s", (unsigned long long)number,
		    why.text);
		c->bad_input = true;
	}
	return id ? take_id(c, id, err) : 0;
}

/* What has come is done before more is waited for. */
static int
read_stdin(struct ctl *c, struct err *err)
{
	struct framing f;
	struct bytes line;
	enum frame frame;
	uint64_t number = 0;
	ssize_t got;
	int code = 0;

	framing_init(&f, '\n', LINE_MAX_BYTES);
	do {
		char chunk[1 << 16];

		got = read(STDIN_FILENO, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			code = err_errno(err, EX_IOERR, "read standard input");
			break;
		}
		framing_feed(&f, chunk, (size_t)got);
		while (code == 0 && (frame = framing_next(&f, got == 0,
		    &line)) != FRAME_NONE)
			code = take_line(c, frame, line, ++number, err);
		if (code == 0)
			code = flush_ids(c, err);
	} while (code == 0 && got != 0);
	framing_release(&f);
	return code;
}

static int
take_operands(struct ctl *c, char **operands, int n, struct err *err)
{
	int code = 0;

	/* a wrong one is seen before anything is done */
	for (int i = 0; i < n; i++)
		arg_int("ID", operands[i], 1, INT64_MAX);
	for (int i = 0; i < n && code == 0; i++)
		code = take_id(c, arg_int("ID", operands[i], 1, INT64_MAX),
		    err);
	return code ? code : flush_ids(c, err);
}

/* ---- wait ---- */

static int
keep_state(void *ctx, const struct job *j)
{
	enum state **at = ctx;

	*(*at)++ = j->state;
	return 0;
}

static int
states_of(struct ctl *c, enum state *states, struct err *err)
{
	struct job_filter f = { .ids = c->all, .nids = c->nall };
	size_t missing;
	int code = store_list(c->store, &f, keep_state, &states, &missing,
	    err);

	if (code == 0 && missing)
		code = err_set(err, EX_NOINPUT, "wait: %zu of these jobs %s "
		    "not exist", missing, missing == 1 ? "does" : "do");
	return code;
}

static int
wait_for(struct ctl *c, struct err *err)
{
	int64_t until = c->o.timeout ? clock_system.boot(NULL) + c->o.timeout : 0;
	enum state *from = mem_zero(c->nall + 1, sizeof(*from));
	enum state *to = mem_zero(c->nall + 1, sizeof(*to));
	size_t failed = 0;
	int code = c->o.group ? 0 : states_of(c, from, err);

	if (code == 0)
		code = store_wait(c->store, c->o.group ? NULL : c->all, c->nall,
		    bytes_of(c->o.group), until, &failed, err);
	if (code == 0 && !c->o.group)
		code = states_of(c, to, err);
	for (size_t i = 0; i < c->nall && code == 0; i++)
		print_result(c, c->all[i], from[i], to[i], true,
		    to[i] == STATE_SUCCEEDED, "");
	c->refused = failed > 0;
	free(from);
	free(to);
	return code;
}

static int
control_types(struct ctl *c, struct err *err)
{
	int64_t until = c->o.pause_for ? clock_system.wall(NULL) + c->o.pause_for :
	    0;

	if (ctl_is(&c->o, "pause"))
		return store_pause(c->store, c->o.type, c->o.reason, until, err);
	return store_resume(c->store, c->o.type, err);
}

static int
control_jobs(struct ctl *c, struct err *err)
{
	const struct args *a = &c->o.args;
	int n = a->argc - c->o.first, code = 0;

	if (n)
		code = take_operands(c, a->argv + c->o.first, n, err);
	else if (c->o.group == NULL)
		code = read_stdin(c, err);
	if (code == 0 && ctl_is(&c->o, "wait"))
		code = wait_for(c, err);
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
	free(c.all);
	return output_finish(code);
}
