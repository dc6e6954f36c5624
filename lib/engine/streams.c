/* What a handler's descriptors 0 to 3 are. */
#include <errno.h>
#include <unistd.h>

#include "engine/results.h"
#include "engine/run.h"

/* Nothing to read is what is ours: /dev/null. */
int
run_open_input(struct run *r, const struct run_config *c, struct err *err)
{
	const struct attempt *first = r->hand.first;
	struct buf text = { 0 };
	int code = 0;

	if (r->in >= 0)
		close(r->in);
	r->in = -1;
	for (const struct attempt *a = first; a != NULL; a = a->next)
		feed_say(&text, c->feed, &a->job);
	if (text.len > 0) {
		r->in = feed_open(&text);
		if (r->in < 0)
			code = err_errno(err, err_shortage(errno) ?
				EX_TEMPFAIL : EX_IOERR, "--stdin: make what "
				"job %lld reads", (long long)first->job.id);
	}
	r->spawn.in = r->in;
	buf_release(&text);
	return code;
}

/* Those that could be opened would be opened again. */
static void
close_pipes(struct run *r)
{
	channel_close(&r->tell);
	capture_reset(&r->out);
	if (r->talk != NULL)
		coproc_reset(r->talk);
}

static int
open_output(struct run *r, const struct run_config *c)
{
	if (c->results >= 0 || c->output == RUN_INHERIT)
		return 0;
	if (c->output == RUN_DISCARD)
		return capture_open(&r->err, false, RUN_ERROR);
	if (r->talk == NULL &&
	    capture_open(&r->out, !c->quiet_stdout, RUN_TAIL) != 0)
		return -1;
	return capture_open(&r->err, true, RUN_TAIL);
}

static int
open_pipes(struct run *r, const struct run_config *c, struct err *err)
{
	int rc = r->talk != NULL ? coproc_open(r->talk) :
		channel_open(&r->tell);

	if (rc == 0 && open_output(r, c) == 0)
		return 0;
	err_errno(err, EX_TEMPFAIL, "start a handler");
	close_pipes(r);
	return EX_TEMPFAIL;
}

int
run_open_streams(struct run *r, const struct run_config *c, struct err *err)
{
	const struct claimed *job = &r->hand.first->job;
	struct spawn *s = &r->spawn;
	int code = open_pipes(r, c, err);

	if (code)
		return code;
	s->tell = r->tell.write_end;
	s->out = c->output == RUN_DISCARD ? c->null : r->out.pipe.write_end;
	s->err = r->err.pipe.write_end;
	if (r->talk != NULL) {
		s->in = r->talk->their_in;
		s->out = r->talk->their_out;
	}
	if (c->results < 0)
		return 0;
	code = results_start(c->results, job->id, job->attempt,
		&r->directory, &r->out_file, &r->err_file, err);
	if (code)
		close_pipes(r);
	s->out = r->out_file;
	s->err = r->err_file;
	return code;
}
