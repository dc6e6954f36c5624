#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/debouncer.h"

#define READ_SIZE (64 << 10)
/* As iq-enqueue */
#define RECORD_MAX (8 << 20)
#define SAVE_EVERY (5 * NS_PER_S)

enum { AT_IN, AT_OUT, AT_SIGNAL, POLLED };

/* ---- records ---- */

static void
refuse(struct debouncer *d, const char *why)
{
	d->refusals++;
	d->refused(d->ctx, d->number, why);
}

/* Two records are of the same thing when iq-enqueue would say so: a type and
 * a key, which is the path where no other is said. */
static struct bytes
identity_of(struct debouncer *d, const struct record *r)
{
	struct bytes key = r->key.p ? r->key : r->path;
	struct buf *b = &d->identity;

	if (key.p == NULL)
		return BYTES_NONE;
	buf_reset(b);
	if (r->type.p)
		buf_add(b, r->type.p, r->type.n);
	buf_addc(b, '\0');
	buf_add(b, key.p, key.n);
	return (struct bytes){ b->p, b->len };
}

static void
take_json(struct debouncer *d, struct bytes line)
{
	struct record r;
	struct err why;
	bool flush;
	int code;

	if (stage_again(&d->stage, d->now, line))
		return;
	code = record_parse_json(line, &d->arena, clock_system.wall(NULL), &r,
	    &flush, &why);
	if (code)
		refuse(d, why.text);
	else if (flush)
		debounce_flush(&d->stage.held);
	else
		stage_put(&d->stage, d->now, identity_of(d, &r), line);
	d->number -= code == 0 && flush;
	arena_reset(&d->arena);
}

static void
take(struct debouncer *d, struct bytes b)
{
	if (b.n == 0 && d->options.format != STREAM_JSON) {
		debounce_flush(&d->stage.held);
		return;
	}
	d->number++;
	if (d->options.format == STREAM_JSON)
		take_json(d, b);
	else if (memchr(b.p, '\0', b.n))
		refuse(d, "a NUL byte; for NUL-separated input say -0");
	else
		stage_put(&d->stage, d->now, b, BYTES_NONE);
}

static void
take_frames(struct debouncer *d)
{
	enum frame f = FRAME_RECORD;
	struct bytes b;

	while (f != FRAME_NONE && !debounce_full(&d->stage.held)) {
		f = framing_next(&d->framing, d->last, &b);
		if (f == FRAME_RECORD) {
			take(d, b);
		} else if (f == FRAME_TOO_LONG) {
			d->number++;
			refuse(d, "longer than 8 MiB");
		}
	}
	d->dry = f == FRAME_NONE;
}

/* ---- what happens ---- */

static int
read_input(struct debouncer *d, int fd, struct err *err)
{
	char *chunk = mem_alloc(READ_SIZE);
	ssize_t n = read(fd, chunk, READ_SIZE);
	int code = 0;

	if (n < 0 && errno != EINTR && errno != EAGAIN)
		code = err_errno(err, EX_IOERR, "read the input");
	if (n > 0)
		framing_feed(&d->framing, chunk, (size_t)n);
	d->last = n == 0 || code != 0;
	d->ended = d->ended || d->last;
	d->dry = false;
	free(chunk);
	return code;
}

/* A record that was not read whole when the stop came is not ours. */
static void
stop(struct debouncer *d, int number)
{
	if (d->stopped)
		signal_die(number);
	d->stopped = number;
	d->ended = true;
	stage_hurry(&d->stage);
}

static void
hear(struct debouncer *d)
{
	struct signal_heard seen[8];
	size_t n = signals_read(&d->signals, seen, 8);

	for (size_t i = 0; i < n; i++) {
		if (seen[i].number == SIGUSR1)
			debounce_flush(&d->stage.held);
		else if (seen[i].number == SIGUSR2)
			d->report(d->ctx);
		else
			stop(d, seen[i].number);
	}
}

static bool
unsaved(const struct debouncer *d)
{
	return d->store && memcmp(&d->saved, &d->stage.tally,
	    sizeof(d->saved)) != 0;
}

int
debouncer_save(struct debouncer *d, struct err *err)
{
	const struct stage_tally *now = &d->stage.tally;
	struct count v[] = {
		{ METRIC_EVENTS, now->events - d->saved.events },
		{ METRIC_DEDUPLICATED, now->deduplicated -
		    d->saved.deduplicated },
		{ METRIC_BATCHES, now->batches - d->saved.batches },
	};
	int code = 0;

	if (unsaved(d))
		code = store_count(d->store, d->type, v,
		    sizeof(v) / sizeof(v[0]), err);
	if (code == 0)
		d->saved = *now;
	return code;
}

/* The stream does not wait for the counters. */
static void
save_now_and_then(struct debouncer *d)
{
	struct err ignored;

	if (d->now < d->save_at)
		return;
	d->save_at = d->now + SAVE_EVERY;
	debouncer_save(d, &ignored);
}

static void
sleep_until_due(const struct debouncer *d, struct pollfd *p)
{
	int64_t due = stage_due(&d->stage), wait;
	struct timespec limit;

	if (unsaved(d) && d->save_at < due)
		due = d->save_at;
	/* what was read and had no room, and has it now */
	if (!d->dry && !debounce_full(&d->stage.held))
		due = d->now;
	wait = due > d->now ? due - d->now : 0;
	limit.tv_sec = (time_t)(wait / NS_PER_S);
	limit.tv_nsec = (long)(wait % NS_PER_S);
	if (ppoll(p, POLLED, due == INT64_MAX ? NULL : &limit, NULL) < 0)
		for (int i = 0; i < POLLED; i++)
			p[i].revents = 0;
}

/* The reader is watched also while there is nothing for it, so that we end
 * when it does. */
static int
turn(struct debouncer *d, int in, struct err *err)
{
	bool reads = !d->ended && d->dry && !debounce_full(&d->stage.held);
	struct pollfd p[POLLED] = {
		[AT_IN] = { .fd = reads ? in : -1, .events = POLLIN },
		[AT_OUT] = { .fd = d->stage.out.fd,
		    .events = stage_blocked(&d->stage, d->now) ? POLLOUT : 0 },
		[AT_SIGNAL] = { .fd = d->signals.fd, .events = POLLIN },
	};
	int code = 0;

	sleep_until_due(d, p);
	d->now = clock_boot(&clock_system);
	if (p[AT_SIGNAL].revents)
		hear(d);
	if (p[AT_OUT].revents & POLLERR)
		d->stage.out.failed = EPIPE;
	if (p[AT_IN].revents && !d->ended)
		code = read_input(d, in, err);
	if (!d->dry)
		take_frames(d);
	if (d->ended && d->dry)
		debounce_flush(&d->stage.held);
	stage_write(&d->stage, d->now);
	save_now_and_then(d);
	return code;
}

static int
listen_to(struct debouncer *d, struct err *err)
{
	static const int wanted[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1,
	    SIGUSR2 };
	int heard[sizeof(wanted) / sizeof(wanted[0])];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!signal_ignored(wanted[i]))
			heard[n++] = wanted[i];
	return signals_open(&d->signals, heard, n, err);
}

int
debouncer_run(struct debouncer *d, int in, int out, struct err *err)
{
	int code = listen_to(d, err), failed = 0;

	if (code)
		return code;
	stage_init(&d->stage, &d->options, out);
	framing_init(&d->framing, d->options.format == STREAM_NUL ? '\0' :
	    '\n', RECORD_MAX);
	d->dry = true;
	d->now = clock_boot(&clock_system);
	d->save_at = d->now + SAVE_EVERY;
	while (!d->stage.out.failed && !(d->ended && d->dry &&
	    stage_empty(&d->stage))) {
		code = turn(d, in, err);
		if (code)
			failed = code;
	}
	if (d->stage.out.failed && d->stage.out.failed != EPIPE) {
		errno = d->stage.out.failed;
		return err_errno(err, EX_IOERR, "write the output");
	}
	return failed;
}

void
debouncer_release(struct debouncer *d)
{
	stage_release(&d->stage);
	framing_release(&d->framing);
	arena_release(&d->arena);
	buf_release(&d->identity);
	signals_close(&d->signals);
}
