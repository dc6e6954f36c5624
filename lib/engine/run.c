/* Starting a handler, and what is known when it has ended. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
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
run_init(struct run *r, int slot)
{
	memset(r, 0, sizeof(*r));
	r->slot = slot;
	capture_init(&r->out);
	capture_init(&r->err);
	channel_init(&r->tell);
	answer_init(&r->answer);
	r->told = -1;
	r->in = r->directory = r->out_file = r->err_file = -1;
	usage_none(&r->usage);
	r->footprint = (struct footprint)FOOTPRINT_NONE;
}

void
run_talk(struct run *r, enum coproc_format format)
{
	r->talk = mem_alloc(sizeof(*r->talk));
	coproc_init(r->talk, format);
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

/* A co-process is told nothing before it has started. */
static void
tell_nothing(struct run *r)
{
	r->spawn.argv = (char **)(uintptr_t)r->handler->argv;
	r->spawn.envp = handler_coprocess(r->handler, r->slot, &r->arena,
		&r->sign);
	r->given = r->hand.n;
}

/* What it is told about its jobs; again when there are fewer. */
static int
tell_jobs(struct run *r, const struct run_config *c, struct err *err)
{
	const struct claimed **jobs;
	size_t n = 0;

	arena_reset(&r->arena);
	jobs = arena_alloc(&r->arena, r->hand.n * sizeof(*jobs));
	for (struct attempt *a = r->hand.first; a != NULL; a = a->next)
		jobs[n++] = &a->job;
	r->spawn.argv = handler_argv(r->handler, jobs, n, &r->arena);
	r->spawn.envp = handler_environment(r->handler, jobs, n, &r->arena,
		&r->sign);
	if (run_open_input(r, c, err) != 0)
		return err->code;
	r->given = n;
	return 0;
}

/* Once, however many of its jobs it can be given */
static int
begin(struct run *r, const struct run_config *c, struct err *err)
{
	r->handler = c->handler != NULL ? c->handler :
		handlers_find(c->handlers, r->hand.first->job.handler, err);
	if (r->handler == NULL)
		return err->code;
	if (run_open_streams(r, c, err) != 0)
		return err->code;
	r->spawn.file = r->handler->file;
	r->spawn.mask = c->mask;
	r->spawn.confined = r->handler->confined;
	r->first = r->hand.first->job.id;
	for (struct attempt *a = r->hand.first; a != NULL; a = a->next)
		attempt_measure(a);
	if (r->talk != NULL)
		tell_nothing(r);
	r->prepared = true;
	return 0;
}

int
run_prepare(struct run *r, const struct run_config *c, struct err *err)
{
	int code = 0;

	if (!r->prepared)
		code = begin(r, c, err);
	if (code == 0 && r->given != r->hand.n && r->talk == NULL)
		code = tell_jobs(r, c, err);
	return code;
}

enum run_started
run_start(struct run *r, const struct run_config *c, int lock, uint64_t mark,
	struct err *err)
{
	enum spawned spawned;
	bool too_long;
	int why;

	if (run_prepare(r, c, err) != 0)
		return RUN_CANNOT;
	r->spawn.lock = lock;
	r->spawn.mark = mark;
	r->spawn.files = c->files;
	r->started = r->since = clock_wall(&clock_system);
	r->started_boot = clock_boot(&clock_system);
	spawned = spawn(&r->spawn, &r->pid);
	why = errno;
	close_fd(&r->in);
	if (r->talk != NULL)
		coproc_started(r->talk);
	if (spawned == SPAWN_STARTED)
		return RUN_STARTED;
	r->pid = 0;
	too_long = spawned == SPAWN_NO_EXEC && why == E2BIG && r->talk == NULL;
	if (too_long && r->given > 1) {
		r->started = 0;
		return RUN_TOO_MANY;
	}
	/* only this job is so long; what else can be wrong is wrong for all */
	if (too_long) {
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
	if (which == RUN_OUT && r->talk != NULL)
		return r->talk->out;
	return which == RUN_OUT ? r->out.pipe.fd :
		which == RUN_ERR ? r->err.pipe.fd : r->tell.fd;
}

/* Whose answer a line is. Who is alone needs no name. */
static struct answer *
answer_of(void *ctx, int64_t id)
{
	struct run *r = ctx;
	struct attempt *a = id > 0 ? hand_find(&r->hand, id) : NULL;

	if (id > 0 && (a == NULL || (a->answer != NULL && a->answer->ended)))
		return NULL;
	return a == NULL || r->given == 1 ? &r->answer : attempt_answer(a);
}

static struct answer_ground
ground_of(struct run *r, const struct run_config *c, int64_t now)
{
	return (struct answer_ground){ .cwd = c->cwd, .now = now,
		.of = answer_of, .ctx = r, .several = r->given > 1 };
}

static void
listen_to(struct run *r, const struct run_config *c, int reads)
{
	struct answer_ground ground = ground_of(r, c, 0);
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

void
run_finish(struct run *r, const struct run_config *c)
{
	struct answer_ground ground = ground_of(r, c, r->finished);

	capture_finish(&r->out);
	capture_finish(&r->err);
	listen_to(r, c, TELL_LAST_READS);
	channel_close(&r->tell);
	r->footprint = gauge_end(&r->gauge, r->started_boot,
		r->finished - r->started, r->usage.cpu);
	answer_end(&r->answer, r->status, &ground);
	if (r->directory >= 0)
		take_end(&r->err, r->err_file);
}

int64_t
run_answers(const struct run *r)
{
	int64_t n = 0;

	for (const struct attempt *a = r->hand.first; a != NULL; a = a->next)
		n += a->answer != NULL && a->answer->ended;
	return n;
}

void
run_reset(struct run *r)
{
	struct capture out = r->out, errout = r->err;
	struct answer answer = r->answer;
	struct coproc *talk = r->talk;
	struct arena arena = r->arena;

	if (talk != NULL)
		coproc_reset(talk);
	channel_close(&r->tell);
	answer_reset(&answer);
	capture_reset(&out);
	capture_reset(&errout);
	arena_reset(&arena);
	close_fd(&r->in);
	close_fd(&r->directory);
	close_fd(&r->out_file);
	close_fd(&r->err_file);
	run_init(r, r->slot);
	r->talk = talk;
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
	if (r->talk != NULL)
		coproc_release(r->talk);
	free(r->talk);
	r->talk = NULL;
	arena_release(&r->arena);
}

double
run_progress(const struct run *r)
{
	const struct attempt *a = r->hand.first;

	if (r->talk == NULL)
		return r->answer.progress;
	return a != NULL && a->answer != NULL ? a->answer->progress : -1;
}
