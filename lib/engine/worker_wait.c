/* Where a worker sleeps. */
#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "base/buf.h"
#include "engine/worker_state.h"

#define FEW_MS 50

/* Positions of our own descriptors among those that are polled */
enum { AT_SIGNAL, AT_WAKE, AT_OUT, AT_ERR, AT_HANDLERS };

static void
make_room(struct worker *w)
{
	size_t need = AT_HANDLERS + (RUN_PIPES + 1) * slots_alive(w);

	if (w->cap_polled >= need)
		return;
	w->cap_polled = need + 64;
	w->polled = mem_grow(w->polled, w->cap_polled, sizeof(*w->polled));
	w->heard = mem_grow(w->heard, w->cap_polled, sizeof(*w->heard));
}

static void
add_pipes(struct worker *w, struct slot *s, size_t *n)
{
	for (int i = 0; i < RUN_PIPES; i++) {
		int fd = run_fd(&s->run, (enum run_pipe)i);

		if (fd < 0)
			continue;
		w->polled[*n] = (struct pollfd){ .fd = fd, .events = POLLIN };
		w->heard[(*n)++] = (struct heard){ s, (enum run_pipe)i };
	}
	if (s->run.talk != NULL && coproc_has_to_write(s->run.talk)) {
		w->polled[*n] = (struct pollfd){ .fd = s->run.talk->in,
			.events = POLLOUT };
		w->heard[(*n)++] = (struct heard){ s, RUN_PIPES };
	}
}

/* poll(2) passes over descriptors below zero. */
static size_t
gather(struct worker *w)
{
	size_t n = AT_HANDLERS;
	struct pollfd *p;

	make_room(w);
	p = w->polled;
	p[AT_SIGNAL] = (struct pollfd){ w->signals.fd, POLLIN, 0 };
	p[AT_WAKE] = (struct pollfd){ store_wake_fd(w->store), POLLIN, 0 };
	p[AT_OUT] = (struct pollfd){ w->out.n ? w->out.fd : -1, POLLOUT, 0 };
	p[AT_ERR] = (struct pollfd){ w->err.n ? w->err.fd : -1, POLLOUT, 0 };
	for (size_t i = 0; i < w->nslots; i++) {
		struct slot *s = w->slots[i];

		if (slot_lives(s))
			add_pipes(w, s, &n);
	}
	return n;
}

static int
columns_of(int fd)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col < 20)
		return 80;
	return size.ws_col;
}

/* Whatever is printed stands where the bar is now. */
void
worker_make_way(struct worker *w)
{
	struct buf erase = { 0 };

	if (!w->progress.shown)
		return;
	progress_erase(&w->progress, &erase);
	output_add(&w->err, erase.p, erase.len);
	output_flush(&w->err);
	buf_release(&erase);
}

static void
show_bar(struct worker *w)
{
	struct buf line = { 0 };

	if (w->err.n > 0)
		return;
	progress_line(&w->progress, columns_of(w->err.fd), &line);
	output_add(&w->err, line.p, line.len);
	output_flush(&w->err);
	buf_release(&line);
}

/* Jobs' worth of what the running ones have done */
static double
under_way(const struct worker *w)
{
	double sum = 0;

	for (size_t i = 0; i < w->nslots; i++) {
		const struct slot *s = w->slots[i];

		if (slot_lives(s) && run_progress(&s->run) > 0)
			sum += run_progress(&s->run);
	}
	return sum;
}

void
worker_draw(struct worker *w)
{
	struct backlog b = { 0 };
	struct err err;

	if (!progress_due(&w->progress, w->now) ||
	    store_backlog(w->store, &w->selection, &b, &err) != 0)
		return;
	progress_update(&w->progress, w->now, w->tally->succeeded,
		w->tally->failed, b.ready + b.delayed + b.waiting + b.running,
		under_way(w));
	show_bar(w);
}

static int
milliseconds(const struct worker *w, int64_t until)
{
	int64_t left = until - w->now;

	if (left <= 0)
		return 0;
	/* rounded up: too early would mean going round again */
	left = (left + NS_PER_MS - 1) / NS_PER_MS;
	return left < 60000 ? (int)left : 60000;
}

/* poll(2) takes no more than the limit of open files, which somebody may have
 * lowered since: only our own then, and handlers are read without asking. */
static int
poll_few(struct worker *w, size_t n, int ms)
{
	int got = poll(w->polled, AT_HANDLERS, ms < FEW_MS ? ms : FEW_MS);

	if (got < 0)
		return got;
	for (size_t i = AT_HANDLERS; i < n; i++)
		w->polled[i].revents = POLLIN;
	return (int)n;
}

static void
hear(struct worker *w, struct slot *s, enum run_pipe pipe)
{
	if (s->run.talk != NULL && pipe == RUN_PIPES) {
		coproc_feed(w, s);
		return;
	}
	if (s->run.talk != NULL && pipe != RUN_TELL) {
		coproc_hear(w, s);
		return;
	}
	run_read(&s->run, pipe, &w->config);
	if (pipe == RUN_TELL)
		slot_take_answers(w, s);
}

void
worker_wait(struct worker *w, int64_t until, struct happened *h)
{
	size_t n = gather(w);
	int ms = milliseconds(w, until);
	int got = poll(w->polled, (nfds_t)n, ms);

	if (got < 0 && errno == EINVAL)
		got = poll_few(w, n, ms);
	worker_read_clock(w);
	*h = (struct happened){ false, false };
	if (got <= 0)
		return;
	if (w->polled[AT_OUT].revents != 0)
		output_flush(&w->out);
	if (w->polled[AT_ERR].revents != 0)
		output_flush(&w->err);
	h->signal = w->polled[AT_SIGNAL].revents != 0;
	h->wake = w->polled[AT_WAKE].revents != 0;
	for (size_t i = AT_HANDLERS; i < n; i++) {
		if (w->polled[i].revents != 0)
			hear(w, w->heard[i].slot, w->heard[i].pipe);
	}
}
