#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "engine/intake.h"

#define READ_SIZE (64 * 1024)
/* A batch also closes at this many bytes, to keep memory small. */
#define BATCH_BYTES (2 << 20)
/* A payload of 1 MiB may take six times that when it is written as \u00xx */
#define RECORD_MAX (8 << 20)

int
intake_init(struct intake *in, struct err *err)
{
	char cwd[PATH_MAX];

	if (getcwd(cwd, sizeof(cwd)))
		buf_adds(&in->cwd, cwd);
	else if (!in->raw)
		return err_errno(err, EX_NOINPUT, "find the current "
		    "directory, which relative paths are taken from");
	framing_init(&in->framing, in->format == STREAM_NUL ? '\0' : '\n',
	    RECORD_MAX);
	return 0;
}

void
intake_release(struct intake *in)
{
	arena_release(&in->arena);
	free(in->records);
	free(in->results);
	buf_release(&in->cwd);
	buf_release(&in->path);
	framing_release(&in->framing);
}

static struct record *
new_record(struct intake *in)
{
	if (in->n == in->cap) {
		in->cap = in->cap ? 2 * in->cap : 64;
		in->records = mem_grow(in->records, in->cap,
		    sizeof(*in->records));
		in->results = mem_grow(in->results, in->cap,
		    sizeof(*in->results));
	}
	record_init(&in->records[in->n]);
	return &in->records[in->n];
}

static void
refuse(struct intake *in, const char *why)
{
	in->tally.rejected++;
	in->refused(in->ctx, (uint64_t)in->tally.read, why);
	in->results[in->n] = (struct enqueue_result){ 0, ENQUEUED_REFUSED };
	in->n++;
}

/* What the record does not say is taken from the flags. */
static void
fill_in(const struct intake *in, struct record *r)
{
	const struct record *d = &in->defaults;

	if (r->type.p == NULL)
		r->type = d->type;
	if (r->priority == 0)
		r->priority = d->priority;
	if (r->key.p == NULL)
		r->key = d->key;
	if (r->payload.p == NULL)
		r->payload = d->payload;
	if (r->group.p == NULL)
		r->group = d->group;
	if (r->run_at == RECORD_UNSET && r->delay == RECORD_UNSET) {
		r->run_at = d->run_at;
		r->delay = d->delay;
	}
	if (r->timeout == RECORD_UNSET)
		r->timeout = d->timeout;
	if (r->max_attempts == 0)
		r->max_attempts = d->max_attempts;
	if (r->nafter == 0) {
		r->after = d->after;
		r->nafter = d->nafter;
	}
}

static void
resolve_path(struct intake *in, struct record *r)
{
	struct bytes cwd = { in->cwd.p, in->cwd.len };

	if (in->raw || r->path.p == NULL) {
		if (r->path.p)
			r->path = arena_copy(&in->arena, r->path);
		return;
	}
	buf_reset(&in->path);
	path_resolve(&in->path, cwd, r->path);
	r->path = arena_copy(&in->arena, (struct bytes){ in->path.p,
	    in->path.len });
}

/* The record at records[n] has been read. */
static int
accept_record(struct intake *in, struct err *err)
{
	struct record *r = &in->records[in->n];
	struct err why;

	r->number = (uint64_t)in->tally.read;
	if (in->single && in->tally.read > 1)
		return err_set(err, EX_USAGE, "use --key: one key cannot "
		    "stand for several records; give each its own with -J");
	fill_in(in, r);
	if (r->path.p && r->path.n == 0) {
		refuse(in, "the path is empty");
		return 0;
	}
	if (r->path.p == NULL && r->key.p == NULL && r->payload.p == NULL) {
		refuse(in, "neither a path nor a key nor a payload");
		return 0;
	}
	if (type_check(r->type, &why)) {
		refuse(in, why.text);
		return 0;
	}
	resolve_path(in, r);
	in->results[in->n].id = 0;
	in->results[in->n].what = ENQUEUED_NEW;
	in->n++;
	return 0;
}

static int
take(struct intake *in, struct bytes b, struct err *err)
{
	struct record *r;
	struct err why;
	bool flush = false;

	/* the end of a batch, as iq-debounce --boundaries marks it */
	if (b.n == 0)
		return intake_flush(in, err);
	in->tally.read++;
	r = new_record(in);
	if (in->format != STREAM_JSON) {
		/* a path cannot hold one: somebody forgot -0 */
		if (memchr(b.p, '\0', b.n)) {
			refuse(in, "a NUL byte; for NUL-separated input say -0");
			return 0;
		}
		r->path = b;
		return accept_record(in, err);
	}
	if (record_parse_json(b, &in->arena, clock_system.wall(NULL), r,
	    &flush, &why)) {
		refuse(in, why.text);
		return 0;
	}
	if (flush) {
		in->tally.read--;
		return intake_flush(in, err);
	}
	return accept_record(in, err);
}

int
intake_operand(struct intake *in, const char *operand, struct err *err)
{
	int code;

	in->tally.read++;
	new_record(in)->path = bytes_of(operand);
	code = accept_record(in, err);
	if (code == 0 && in->n >= in->batch)
		code = intake_flush(in, err);
	return code;
}

static bool
batch_is_full(const struct intake *in)
{
	return in->n >= in->batch || arena_used(&in->arena) >= BATCH_BYTES;
}

static int
take_frames(struct intake *in, bool last, struct err *err)
{
	struct bytes b;
	int code = 0;

	while (code == 0) {
		enum frame f = framing_next(&in->framing, last, &b);
		if (f == FRAME_NONE)
			break;
		if (f == FRAME_TOO_LONG) {
			in->tally.read++;
			new_record(in);
			refuse(in, "longer than 8 MiB");
		} else {
			code = take(in, b, err);
		}
		if (code == 0 && batch_is_full(in) && !in->single)
			code = intake_flush(in, err);
	}
	return code;
}

/* 1 readable, 0 silence, -1 interrupted, also where there is something to read
 * by then: it was typed after the interrupt.  Between the look at *stop and the
 * wait no signal may arrive, or it would wait for input all the same. */
static int
wait_for_input(struct intake *in, int fd)
{
	struct timespec wait = { .tv_sec = in->batch_wait / NS_PER_S,
	    .tv_nsec = in->batch_wait % NS_PER_S };
	/* a single key waits for the end: there may be a second record */
	struct timespec *limit = in->n && !in->single ? &wait : NULL;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	sigset_t all, before;
	int got = -1, why = EINTR;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	if (!*in->stop) {
		got = ppoll(&p, 1, limit, &before);
		why = errno;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (*in->stop || (got < 0 && why == EINTR))
		return -1;
	return got < 0 ? 1 : got;
}

int
intake_stream(struct intake *in, int fd, struct err *err)
{
	char *chunk = mem_alloc(READ_SIZE);
	int code = 0;

	while (code == 0 && !*in->stop) {
		int ready = wait_for_input(in, fd);
		ssize_t n;

		if (ready < 0)
			continue;
		if (ready == 0) {
			code = intake_flush(in, err);
			continue;
		}
		n = read(fd, chunk, READ_SIZE);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			code = err_errno(err, EX_IOERR, "read the input");
		else if (n > 0)
			framing_feed(&in->framing, chunk, (size_t)n);
		if (code == 0)
			code = take_frames(in, n == 0, err);
		if (n <= 0)
			break;
	}
	free(chunk);
	return code;
}
