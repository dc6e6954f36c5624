/* Shows the queue as it is from moment to moment, and does what is wanted of
 * its jobs and types. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/signals.h"
#include "top.h"
#include "top_options.h"

struct watch {
	struct top_options options;
	struct store *store;
	struct stat file;	/* the queue that is open */
	struct top_screen *screen;
	struct signals signals;
	struct top top;
	struct top_page page;
	int64_t began, cost;	/* boot ns: of the last reading */
	bool changed;		/* the queue, since then */
	bool unread, undrawn;
	bool ended;
	int signal;		/* that ends it, or 0 */
};

/* ---- the queue ---- */

static int
open_queue(struct watch *w, struct err *err)
{
	int code = store_open(&w->store, &(struct store_options){
	    .path = w->options.args.queue, .mode = STORE_READ,
	    .program = w->options.args.program->name }, err);

	if (code == 0 && stat(store_path(w->store), &w->file) != 0)
		code = err_errno(err, EX_NOINPUT, "look at the queue");
	return code;
}

/* One that was restored or made anew is another file. */
static int
follow_queue(struct watch *w, struct err *err)
{
	struct stat now;

	if (stat(store_path(w->store), &now) == 0 &&
	    now.st_ino == w->file.st_ino && now.st_dev == w->file.st_dev)
		return 0;
	store_close(w->store);
	w->store = NULL;
	return open_queue(w, err);
}

static int
read_page(struct watch *w, struct err *err)
{
	size_t height;
	int code = follow_queue(w, err);

	if (code)
		return code;
	top_screen_size(w->screen, &w->page.width, &height);
	w->page.ascii = top_screen_ascii(w->screen);
	w->began = clock_boot(&clock_system);
	w->changed = w->unread = false;
	store_changed(w->store);
	code = top_page_read(&w->page, w->store, &w->top, err);
	w->cost = clock_boot(&clock_system) - w->began;
	if (code == EX_TEMPFAIL) {	/* the next time, perhaps */
		buf_reset(&w->top.message);
		buf_adds(&w->top.message, err->text);
		code = 0;
	}
	top_items(&w->top, w->page.items, w->page.n);
	w->undrawn = true;
	return code;
}

/* ---- what comes from outside ---- */

static int
explain(struct watch *w, struct err *err)
{
	struct buf text = { 0 };
	int code = top_job_explain(w->store, w->top.chosen.job, &text, err);

	if (code == EX_NOINPUT) {
		buf_reset(&w->top.message);
		buf_adds(&w->top.message, err->text);
		code = 0;
	} else if (code == 0) {
		top_show(&w->top, &text);
	}
	buf_release(&text);
	return code;
}

static int
do_wanted(struct watch *w, enum top_want want, struct err *err)
{
	w->undrawn = true;
	if (want == TOP_QUIT)
		w->ended = true;
	else if (want == TOP_EXPLAIN)
		return explain(w, err);
	else if (want == TOP_ACT)
		top_act(store_path(w->store), &w->top.action,
		    &w->top.message);
	w->unread |= want == TOP_ACT || want == TOP_READ;
	return 0;
}

static int
take_keys(struct watch *w, struct err *err)
{
	int key, code = 0;

	while (code == 0 && !w->ended &&
	    (key = top_screen_key(w->screen)) != TOP_KEY_NONE) {
		if (w->top.mode == TOP_LIST)
			buf_reset(&w->top.message);
		code = do_wanted(w, top_key(&w->top, key), err);
		/* what is typed next is about what is seen then */
		if (code == 0 && w->unread)
			code = read_page(w, err);
	}
	return code;
}

static void
take_signals(struct watch *w)
{
	struct signal_heard heard[8];
	size_t n = signals_read(&w->signals, heard, 8);

	for (size_t i = 0; i < n; i++) {
		if (heard[i].number == SIGTSTP) {
			top_screen_leave(w->screen);
			signal_stop(SIGTSTP);
			top_screen_return(w->screen);
		} else if (heard[i].number == SIGWINCH) {
			top_screen_resize(w->screen);
		} else {
			w->signal = heard[i].number;
			w->ended = true;
		}
		w->unread = true;
	}
}

static int
wait_for_all(struct watch *w, int64_t timeout, struct err *err)
{
	struct pollfd p[2] = { { w->signals.fd, POLLIN, 0 },
	    { STDIN_FILENO, POLLIN, 0 } };
	int got = poll(p, 2, (int)((timeout + NS_PER_MS - 1) / NS_PER_MS));

	if (got < 0 && errno != EINTR)
		return err_errno(err, EX_IOERR, "wait");
	if (got <= 0)
		return 0;
	if (p[0].revents)
		take_signals(w);
	if (!w->ended && (p[1].revents & (POLLHUP | POLLERR | POLLNVAL)))
		return err_set(err, EX_IOERR, "read the terminal: it is gone");
	return p[1].revents && !w->ended ? take_keys(w, err) : 0;
}

/* ---- all of it ---- */

static int
run(struct watch *w, struct err *err)
{
	int code = read_page(w, err);

	while (code == 0 && !w->ended) {
		int64_t now = clock_boot(&clock_system), next;

		w->changed = store_changed(w->store) || w->changed;
		next = w->unread ? now : top_next(w->began, w->cost,
		    w->options.interval, w->changed);
		if (next <= now)
			code = read_page(w, err);
		if (w->undrawn && top_screen_ready(w->screen)) {
			top_screen_draw(w->screen, &w->top, &w->page);
			w->undrawn = false;
		}
		if (code == 0)
			code = wait_for_all(w, w->options.interval, err);
	}
	return code;
}

static int
hear_signals(struct watch *w, struct err *err)
{
	static const int wanted[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT,
	    SIGTSTP, SIGWINCH };
	int heard[sizeof(wanted) / sizeof(*wanted)];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		if (!signal_ignored(wanted[i]))
			heard[n++] = wanted[i];
	return signals_open(&w->signals, heard, n, err);
}

int
main(int argc, char **argv)
{
	struct watch w = { .signals = { .fd = -1 } };
	struct err err = { 0 };
	int code;

	top_options_parse(&w.options, argc, argv);
	top_init(&w.top, w.options.type);
	code = open_queue(&w, &err);
	if (code == 0)
		code = hear_signals(&w, &err);
	if (code == 0)
		code = top_screen_open(&w.screen, &err);
	if (code == 0)
		code = run(&w, &err);
	top_screen_close(w.screen);
	if (w.signal)
		signal_die(w.signal);
	if (code)
		warn_say("%s", err.text);
	top_page_release(&w.page);
	top_release(&w.top);
	store_close(w.store);
	return output_finish(code);
}
