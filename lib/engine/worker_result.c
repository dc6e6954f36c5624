/* What a worker prints. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/joblog.h"
#include "engine/worker_state.h"
#include "rules/json.h"

void
worker_say(struct worker *w, const char *fmt, ...)
{
	char text[640];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	worker_make_way(w);
	w->o->say(w->o->ctx, text);
}

static void
print_stream(struct worker *w, struct slot *s, struct capture *c,
	struct output *to, const char *name)
{
	if (c->failed)
		worker_say(w, "job %" PRId64 ": only the end of its %s could "
			"be kept: %s", s->run.first, name,
			strerror(c->failed));
	if (c->file >= 0 && !c->failed) {
		output_add_file(to, c->file, c->total);
		c->file = -1;
	} else {
		output_add(to, c->memory.p, c->memory.len);
	}
}

void
result_print(struct worker *w, struct slot *s)
{
	if (w->o->output != RUN_GROUP || w->config.results >= 0)
		return;
	if (s->run.out.total > 0 || s->run.err.total > 0)
		worker_make_way(w);
	if (!w->config.quiet_stdout)
		print_stream(w, s, &s->run.out, &w->out, "stdout");
	print_stream(w, s, &s->run.err, &w->err, "stderr");
}

static void
count_or_null(struct json *j, const char *name, int64_t v)
{
	if (v < 0)
		json_put_null(j, name);
	else
		json_put_int(j, name, v);
}

static void
usage_fields(struct json *j, const struct usage *u)
{
	json_put_seconds(j, "cpu_seconds", u->cpu);
	count_or_null(j, "max_rss_bytes", u->max_rss);
	count_or_null(j, "read_bytes", u->read);
	count_or_null(j, "written_bytes", u->written);
	count_or_null(j, "io_operations", u->io_operations);
}

void
result_log(struct worker *w, const struct attempt *a)
{
	struct err err;

	if (w->joblog < 0 || joblog_write(w->joblog, &a->slot->run, a,
	    &err) == 0)
		return;
	worker_fail(w, &err);
	close(w->joblog);
	w->joblog = -1;
}

void
result_object(struct worker *w, const struct attempt_end *e,
	const struct attempt_fate *f)
{
	const struct claimed *job = e->job;
	struct buf line = { 0 };
	struct json j;

	json_init(&j, &line);
	json_begin_object(&j, NULL);
	json_put_int(&j, "id", job->id);
	json_put_string(&j, "type", job->type);
	json_put_path(&j, "path", job->path);
	json_put_string(&j, "event", file_event_name(job->event));
	json_put_path(&j, "key", job->key);
	json_put_string(&j, "state", f->lost ? NULL : state_name(f->state));
	json_put_int(&j, "attempt", job->attempt);
	json_put_int(&j, "attempts", f->attempts);
	json_put_int(&j, "exit", e->ending.status);
	json_put_string(&j, "outcome", f->lost ? "lost" :
		outcome_name(f->outcome));
	json_put_string(&j, "reason", f->lost ? NULL : reason_name(f->reason));
	json_put_time(&j, "created_at", job->created);
	json_put_time(&j, "started_at", e->started);
	json_put_time(&j, "finished_at", e->finished);
	json_put_time(&j, "next_run_at", f->run_at);
	json_put_seconds(&j, "wait_seconds", job->eligible > 0 ?
		e->started - job->eligible : -1);
	json_put_seconds(&j, "duration_seconds", e->finished - e->started);
	usage_fields(&j, &e->usage);
	json_put_bool(&j, "sampled", e->sampled);
	count_or_null(&j, "size_bytes", e->input_bytes);
	json_put_bytes(&j, "error", f->refused[0] ? bytes_of(f->refused) :
		e->error);
	json_end_object(&j);
	buf_addc(&line, '\n');
	worker_make_way(w);
	output_add(&w->out, line.p, line.len);
	buf_release(&line);
}

int
worker_tell_progress(struct worker *w, struct err *err)
{
	struct slot_progress *v;
	size_t n = 0;
	int code = 0;

	v = mem_alloc((slots_alive(w) + 1) * sizeof(*v));
	for (size_t i = 0; i < w->nslots; i++) {
		struct run *r = &w->slots[i]->run;
		const struct attempt *a = r->hand.first;

		/* of several it would not be known which one is so far */
		if (!slot_lives(w->slots[i]) || a == NULL ||
		    run_progress(r) == r->told ||
		    (r->talk != NULL && r->hand.n > 1))
			continue;
		r->told = run_progress(r);
		v[n++] = (struct slot_progress){ a->job.claim, a->job.slot,
			r->told };
	}
	if (n > 0)
		code = store_progress(w->store, v, n, err);
	free(v);
	return code;
}
