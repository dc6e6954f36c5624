#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "engine/watch_internal.h"

#define TICK NS_PER_S
#define TELL_EVERY (5 * NS_PER_S)
/* Scans go on for so long before others are heard. */
#define SLICE (5 * NS_PER_MS)

enum { AT_OUT, AT_SIGNAL, AT_CHILD, AT_CHILD_SAYS, AT_NEXT, AT_NEXT_SAYS,
	POLLED };

/* ---- how it goes ---- */

static const char *
why(const struct watch *w, bool enough)
{
	if (!enough)
		return w->plan.options.events ? w->plan.why :
		    "there is no watcher";
	if (!w->looked)
		return "starting";
	return watch_has_unread(w) ? "some of it cannot be read" : NULL;
}

static struct watch_health
health_of(const struct watch *w)
{
	bool covered = watch_plan_covered(&w->plan);
	bool by_scan = !w->plan.options.events;
	bool enough = covered || (by_scan && w->options.source ==
	    WATCH_BY_SCAN);

	return (struct watch_health){
		.healthy = w->looked && enough,
		.why = why(w, enough),
		.source = by_scan || w->child.pid == 0 ? "scan" :
		    w->kind == WATCH_FSWATCH ? "fswatch" : "inotifywait",
		.coverage = by_scan || w->child.pid == 0 ? WATCH_NONE :
		    !w->plan.verified ? WATCH_UNVERIFIED : w->nholes ||
		    !covered ? WATCH_PARTIAL : WATCH_VERIFIED,
		.pending = (int64_t)(w->changes.nwaiting +
		    w->changes.nreleased + w->dirs.nwaiting +
		    w->later.nwaiting + w->young.nwaiting +
		    stage_pending(&w->out)),
	};
}

static void
tell(struct watch *w)
{
	struct watch_health now = health_of(w), *was = &w->health;
	bool changed = now.healthy != was->healthy || now.why != was->why ||
	    now.source != was->source || now.coverage != was->coverage;

	if (changed || w->tell_at <= w->now) {
		*was = now;
		w->tell_at = w->now + TELL_EVERY;
		w->tell(w->ctx, changed);
	}
	was->pending = now.pending;
}

/* ---- what happens ---- */

/* What waits is said now. */
static void
release(struct watch *w)
{
	debounce_flush(&w->changes);
	debounce_flush(&w->young);
	w->hurry = true;
}

/* What was heard of is still said; what was not settled is there for the next
 * time. */
void
watch_end(struct watch *w)
{
	if (w->ending)
		return;
	w->ending = true;
	watch_source_read(w);
	watch_source_close(w);
	debounce_flush(&w->dirs);
	release(w);
	w->stop = w->look_root < w->nroots;
	w->look_root = w->stop ? w->nroots - 1 : w->look_root;
	stage_hurry(&w->out);
}

static struct store *
store_of(const struct watch *w)
{
	return w->roots[0].scan.store;
}

static void
hear(struct watch *w)
{
	struct signal_heard seen[8];
	size_t n = signals_read(w->signals, seen, 8);

	for (size_t i = 0; i < n; i++) {
		int number = seen[i].number;

		if (number == SIGUSR1) {
			release(w);
			/* what comes of that follows when it was looked at */
			debounce_flush(&w->out.held);
		} else if (number == SIGUSR2) {
			w->health = health_of(w);
			w->report(w->ctx);
		} else if (number == SIGHUP) {
			w->reload(w->ctx);
			watch_plan_retry(&w->plan, w->now, "asked for");
		} else if (w->stopped) {
			signal_die(number);
		} else {
			w->stopped = number;
			store_interrupt(store_of(w));
			watch_end(w);
		}
	}
}

static int
tick(struct watch *w, struct err *err)
{
	if (w->tick_at > w->now)
		return 0;
	w->tick_at = w->now + TICK;
	w->reload(w->ctx);
	watch_source_check(w);
	return store_still_there(store_of(w), err);
}

static int64_t
do_plan(struct watch *w)
{
	int64_t due;

	for (;;) {
		switch (watch_plan_next(&w->plan, w->now, &due)) {
		case WATCH_WAIT:
			return due;
		case WATCH_START:
			watch_source_start(w);
			break;
		case WATCH_GIVE_UP:
			watch_source_give_up(w);
			break;
		case WATCH_LOOK:
			/* what is being asked for comes first */
			if (!watch_look_idle(w))
				return INT64_MAX;
			watch_look_begin(w);
			break;
		}
	}
}

static int
look(struct watch *w, struct err *err)
{
	int64_t until = w->now + SLICE;
	bool busy = true;
	int code = 0;

	while (code == 0 && busy && w->now < until && !(w->ending &&
	    watch_look_idle(w))) {
		code = watch_look_step(w, &busy, err);
		w->now = clock_boot(&clock_system);
		/* not when the slice is over: somebody waits for it */
		stage_write(&w->out, w->now);
	}
	w->stop = w->ending ? w->stop && w->scanning : 0;
	return code;
}

/* ---- the loop ---- */

static void
sleep_until(struct watch *w, int64_t due, struct pollfd *p)
{
	int64_t wait;
	struct timespec limit;

	if (w->tick_at < due)
		due = w->tick_at;
	wait = due > w->now ? due - w->now : 0;
	limit.tv_sec = (time_t)(wait / NS_PER_S);
	limit.tv_nsec = (long)(wait % NS_PER_S);
	if (ppoll(p, POLLED, &limit, NULL) < 0)
		for (int i = 0; i < POLLED; i++)
			p[i].revents = 0;
	w->now = clock_boot(&clock_system);
}

static int64_t
due_of(struct watch *w)
{
	int64_t due = w->ending ? INT64_MAX : do_plan(w);
	int64_t other[] = { watch_look_due(w), stage_due(&w->out),
	    w->test.dir.len > 0 ? w->test.until : INT64_MAX, w->end_at };

	for (int i = 0; i < 4; i++)
		if (other[i] < due)
			due = other[i];
	return due;
}

static int
turn(struct watch *w, struct err *err)
{
	/* may start a child, which is to be heard as well */
	int64_t due = due_of(w);
	struct pollfd p[POLLED] = {
		[AT_OUT] = { .fd = w->out.out.fd,
		    .events = stage_blocked(&w->out, w->now) ? POLLOUT : 0 },
		[AT_SIGNAL] = { .fd = w->signals->fd, .events = POLLIN },
		[AT_CHILD] = { .fd = w->child.out, .events = POLLIN },
		[AT_CHILD_SAYS] = { .fd = w->child.err, .events = POLLIN },
		[AT_NEXT] = { .fd = w->next.out, .events = POLLIN },
		[AT_NEXT_SAYS] = { .fd = w->next.err, .events = POLLIN },
	};
	int code = 0;

	sleep_until(w, due, p);
	if (p[AT_SIGNAL].revents)
		hear(w);
	if (p[AT_OUT].revents & POLLERR)
		w->out.out.failed = EPIPE;
	if (!w->ending) {
		watch_source_read(w);
		code = tick(w, err);
		if (w->end_at <= w->now)
			watch_end(w);
	}
	if (code == 0)
		code = look(w, err);
	stage_write(&w->out, w->now);
	if (!w->ending)
		tell(w);
	return code;
}

static bool
is_over(struct watch *w)
{
	if (w->out.out.failed)
		return true;
	if (w->options.once && w->out.tally.batches > 0)
		return w->out.out.waiting == 0;
	if (!w->ending || !watch_look_idle(w))
		return false;
	debounce_flush(&w->out.held);
	return stage_empty(&w->out);
}

void
watch_retime(struct watch *w)
{
	w->changes.options.window = w->options.changes.window;
	w->changes.options.max_delay = w->options.changes.max_delay;
	if (!w->plan.options.events && w->options.source != WATCH_BY_SCAN)
		return;		/* looks are all there is */
	watch_plan_rescan(&w->plan, w->now, w->options.plan.rescan);
}

int
watch_open(struct watch *w, int out, struct err *err)
{
	static const int wanted[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1,
	    SIGUSR2 };
	struct stage_options stage = {
		.debounce = w->options.changes,
		.rate = w->options.rate,
		.format = w->options.format,
		.boundaries = w->options.boundaries,
	};
	int heard[sizeof(wanted) / sizeof(wanted[0])];
	size_t n = 0;
	int code;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!signal_ignored(wanted[i]))
			heard[n++] = wanted[i];
	w->now = clock_boot(&clock_system);
	stage.debounce.window = stage.debounce.max_delay =
	    w->options.batch_wait;
	stage_init(&w->out, &stage, out);
	watch_look_open(w);
	code = watch_source_open(w, err);
	if (code == 0 && w->signals->fd < 0)
		code = signals_open(w->signals, heard, n, err);
	if (code == 0)
		store_wake(store_of(w), w->signals->fd);
	w->options.plan.events = w->program != NULL;
	watch_plan_init(&w->plan, &w->options.plan, w->now);
	if (w->program == NULL && w->options.source != WATCH_BY_SCAN)
		watch_plan_without(&w->plan, w->now);
	w->tick_at = w->now + TICK;
	w->end_at = w->options.timeout ? clock_after(w->now,
	    w->options.timeout) : INT64_MAX;
	return code;
}

int
watch_run(struct watch *w, struct err *err)
{
	int code = 0;

	while (code == 0 && !is_over(w))
		code = turn(w, err);
	if (code == 0 && w->out.out.failed && w->out.out.failed != EPIPE) {
		errno = w->out.out.failed;
		code = err_errno(err, EX_IOERR, "write the output");
	}
	return code;
}

void
watch_release(struct watch *w)
{
	watch_look_close(w);
	watch_source_close(w);
	stage_release(&w->out);
	buf_release(&w->path);
}
