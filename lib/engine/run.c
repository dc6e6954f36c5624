/* Starting a handler, and what is known when it has ended. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "engine/results.h"
#include "engine/run.h"
#include "engine/usage.h"

#define TELL_READS 2		/* a turn: a pipe full */
#define TELL_LAST_READS 32	/* the largest that a pipe can be made */

void
run_init(struct run *r)
{
	memset(r, 0, sizeof(*r));
	capture_init(&r->out);
	capture_init(&r->err);
	channel_init(&r->tell);
	answer_init(&r->answer);
	r->told = -1;
	r->in = r->directory = r->out_file = r->err_file = -1;
	r->input_bytes = -1;
	usage_none(&r->usage);
}

static struct bytes
copy(struct arena *a, struct bytes b)
{
	return b.p ? arena_copy(a, b) : b;
}

void
run_take(struct run *r, const struct claimed *job)
{
	r->job = *job;
	r->job.type = copy(&r->arena, bytes_of(job->type)).p;
	r->job.path = copy(&r->arena, job->path);
	r->job.key = copy(&r->arena, job->key);
	r->job.payload = copy(&r->arena, job->payload);
	r->job.handler = copy(&r->arena, bytes_of(job->handler)).p;
	r->job.stored.group = copy(&r->arena, job->stored.group);
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* It ends before it has begun. */
static void
refuse(struct run *r, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void
refuse(struct run *r, int status, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	r->status = status;
	r->gone = true;
	r->finished = r->started;
	if (r->err_file >= 0)
		io_write_all(r->err_file, text.p, text.len);
	else
		capture_add(&r->err, text.p, text.len);
	buf_release(&text);
}

/* 75 where the system was short of something; a file that is being written
 * will have been written. */
static int
not_executed(const struct handler *h, int why, struct err *err)
{
	if (err_shortage(why) || why == ETXTBSY) {
		errno = why;
		return err_errno(err, EX_TEMPFAIL, "execute %s", h->file);
	}
	return handler_missing(h->file, why, err);
}

static int64_t
size_of_input(struct bytes path)
{
	struct stat st;

	if (path.p == NULL || path.p[0] != '/' || stat(path.p, &st) != 0 ||
	    !S_ISREG(st.st_mode))
		return -1;
	return st.st_size;
}

int
run_prepare(struct run *r, const struct run_config *c, struct err *err)
{
	struct spawn *s = &r->spawn;
	int code;

	if (r->prepared)
		return 0;
	r->handler = c->handler != NULL ? c->handler :
		handlers_find(c->handlers, r->job.handler, err);
	if (r->handler == NULL)
		return err->code;
	code = run_open_streams(r, c, err);
	if (code)
		return code;
	s->file = r->handler->file;
	s->mask = c->mask;
	s->argv = handler_argv(r->handler, &r->job, &r->arena);
	s->envp = handler_environment(r->handler, &r->job, &r->arena);
	s->confined = r->handler->confined;
	r->input_bytes = size_of_input(r->job.path);
	r->prepared = true;
	return 0;
}

enum run_started
run_start(struct run *r, const struct run_config *c, int lock, uint64_t mark,
	struct err *err)
{
	enum spawned spawned;
	int why;

	if (run_prepare(r, c, err) != 0)
		return RUN_CANNOT;
	r->spawn.lock = lock;
	r->spawn.mark = mark;
	r->spawn.files = c->files;
	r->started = clock_wall(&clock_system);
	r->started_boot = clock_boot(&clock_system);
	if (r->unsayable) {
		refuse(r, RUN_UNSAYABLE, "the path of this job holds a "
			"newline, and --stdin paths gives one a line\n");
		return RUN_FAILED;
	}
	spawned = spawn(&r->spawn, &r->pid);
	why = errno;
	close_fd(&r->in);
	if (spawned == SPAWN_STARTED)
		return RUN_STARTED;
	r->pid = 0;
	/* only this job is so long; what else can be wrong is wrong for all */
	if (spawned == SPAWN_NO_EXEC && why == E2BIG) {
		refuse(r, RUN_TOO_LONG, "%s: %s: the path, key or payload of "
			"this job is longer than an argument or variable may "
			"be\n", r->spawn.file, strerror(why));
		return RUN_FAILED;
	}
	r->started = 0;
	errno = why;
	if (spawned == SPAWN_NO_EXEC)
		not_executed(r->handler, why, err);
	else
		err_errno(err, EX_TEMPFAIL, "start a handler");
	return RUN_CANNOT;
}

int
run_fd(const struct run *r, enum run_pipe which)
{
	return which == RUN_OUT ? r->out.pipe.fd :
		which == RUN_ERR ? r->err.pipe.fd : r->tell.fd;
}

static void
listen_to(struct run *r, const struct run_config *c, int reads)
{
	struct answer_ground ground = { .cwd = c->cwd };
	char chunk[CHANNEL_CHUNK];
	size_t got;

	while (reads-- > 0 && (got = channel_read(&r->tell, chunk)) > 0) {
		ground.now = clock_wall(&clock_system);
		answer_feed(&r->answer, chunk, got, &ground);
	}
}

void
run_read(struct run *r, enum run_pipe which, const struct run_config *c)
{
	if (which == RUN_TELL)
		listen_to(r, c, TELL_READS);
	else
		capture_read(which == RUN_OUT ? &r->out : &r->err);
}

void
run_ended(struct run *r, int wait_status)
{
	int64_t took = clock_boot(&clock_system) - r->started_boot;

	r->gone = true;
	/* whatever happened to the wall clock meanwhile */
	r->finished = r->started + took;
	r->status = WIFSIGNALED(wait_status) ? -WTERMSIG(wait_status) :
		WEXITSTATUS(wait_status);
}

/* The end of a file, as if it had been captured */
static void
take_end(struct capture *c, int fd)
{
	char chunk[4096];
	struct stat st;
	off_t at;
	ssize_t got;

	if (fstat(fd, &st) != 0)
		return;
	c->keep = RUN_TAIL;
	at = st.st_size > RUN_TAIL ? st.st_size - RUN_TAIL : 0;
	while ((got = pread(fd, chunk, sizeof(chunk), at)) > 0) {
		capture_add(c, chunk, (size_t)got);
		at += got;
	}
}

/* What the handler did not say is as with its own job. */
static void
complete_records(struct run *r)
{
	for (size_t i = 0; i < r->answer.n; i++) {
		struct record *record = &r->answer.records[i];

		if (record->type.p == NULL)
			record->type = bytes_of(r->job.type);
		if (record->priority == 0)
			record->priority = r->job.priority;
	}
}

static void
make_then(struct run *r, const char *type)
{
	const struct claimed *job = &r->job;

	record_init(&r->then);
	r->then.type = bytes_of(type);
	r->then.path = job->path;
	r->then.key = job->key;
	r->then.payload = job->payload;
	r->then.event = job->event;
	r->then.priority = job->priority;
}

int
run_finish(struct run *r, const struct run_config *c, struct err *err)
{
	struct answer_ground ground = { c->cwd, r->finished };

	capture_finish(&r->out);
	capture_finish(&r->err);
	listen_to(r, c, TELL_LAST_READS);
	channel_close(&r->tell);
	answer_end(&r->answer, r->status, &ground);
	complete_records(r);
	if (c->then != NULL)
		make_then(r, c->then);
	if (r->directory < 0)
		return 0;
	take_end(&r->err, r->err_file);
	return results_finish(r->directory, r->status, err);
}

/* What it said, else the end of what it printed */
static struct bytes
error_of(const struct run *r)
{
	if (r->answer.error.len > 0)
		return (struct bytes){ r->answer.error.p,
			r->answer.error.len };
	return capture_end(&r->err, RUN_ERROR);
}

void
run_end(const struct run *r, struct attempt_end *e)
{
	const struct answer *a = &r->answer;

	*e = (struct attempt_end){
		.job = &r->job,
		.ending = { .status = r->status, .timed_out = r->timed_out,
			.oom = r->oom, .retry_after = a->retry_after,
			.refined = a->refined, .said = a->outcome,
			.answered = a->answered },
		.started = r->started, .finished = r->finished,
		.usage = r->usage,
		.input_bytes = a->bytes >= 0 ? a->bytes : r->input_bytes,
		.system_cpu_percent = -1, .system_memory_percent = -1,
		.error = error_of(r), .follow = a->records, .nfollow = a->n,
		.then = r->then.type.p != NULL ? &r->then : NULL,
	};
	if (r->directory < 0 && r->err.keep >= RUN_TAIL) {
		e->out = capture_end(&r->out, RUN_TAIL);
		e->errout = capture_end(&r->err, RUN_TAIL);
	}
	e->outcome = outcome_of(&e->ending, &e->reason);
}

void
run_reset(struct run *r)
{
	struct capture out = r->out, errout = r->err;
	struct answer answer = r->answer;
	struct arena arena = r->arena;

	channel_close(&r->tell);
	answer_reset(&answer);
	capture_reset(&out);
	capture_reset(&errout);
	arena_reset(&arena);
	close_fd(&r->in);
	close_fd(&r->directory);
	close_fd(&r->out_file);
	close_fd(&r->err_file);
	run_init(r);
	r->out = out;
	r->err = errout;
	r->answer = answer;
	r->arena = arena;
}

void
run_release(struct run *r)
{
	run_reset(r);
	capture_release(&r->out);
	capture_release(&r->err);
	answer_release(&r->answer);
	arena_release(&r->arena);
}
