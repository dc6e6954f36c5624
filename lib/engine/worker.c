/* The loop of a worker. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/joblog.h"
#include "engine/keeper.h"
#include "engine/results.h"
#include "engine/worker_state.h"
#include "rules/command.h"

#define TICK NS_PER_S
#define LOOK_ANYWAY (10 * NS_PER_S)	/* even if nobody said a thing */
/* Meanwhile it hears no signal, and ends nothing whose time is over. */
#define TURN_WAIT NS_PER_S
#define NEWS (100 * NS_PER_MS)		/* where nothing wakes us */

/* ---- what time brings ---- */

static int
join(struct worker *w, struct err *err)
{
	struct worker_info info = { .selection = &w->selection,
		.limit = w->wanted, .lease = w->lease };
	int code;

	w->rejoin = false;
	w->look = true;
	w->next_beat = w->now + w->lease / 3;
	for (size_t i = 0; i < w->nslots; i++)
		w->slots[i]->used = true;
	code = store_worker_join(w->store, &info, &w->id, err);
	if (code == 0 && w->o->keeper)
		code = keeper_hold(w->o->keeper, store_worker_lock(w->store),
		    err);
	return code;
}

static int
beat(struct worker *w, struct err *err)
{
	struct orders orders = { 0 };
	int code;

	w->next_beat = w->now + w->lease / 3;
	code = store_worker_beat(w->store, w->id, w->wanted, &orders,
		err);
	if (code == 0)
		worker_obey(w, &orders);
	return code;
}

/* Our own commits wake us too, but are no news. */
static void
look_for_news(struct worker *w)
{
	if (!store_changed(w->store))
		return;
	worker_read_limit(w);
	worker_take_orders(w);
	w->look = true;
}

/* Each second: what others left behind, and our commits to the disk. */
static int
tick(struct worker *w, struct err *err)
{
	struct reaped lost = { .of = &w->selection };
	int code;

	w->next_tick = w->now + TICK;
	worker_recover(w);
	worker_look_for_room(w);
	worker_tell_grace(w);
	worker_look_around(w);
	if (w->o->command == NULL)
		worker_look_at_handlers(w);
	code = store_reap(w->store, &lost, err);
	if (code)
		return code;
	w->tally->failed += (int64_t)lost.failed;
	if (lost.jobs > 0)
		worker_say(w, "%zu job%s taken back from a worker that is gone",
			lost.jobs, lost.jobs == 1 ? " was" : "s were");
	if (lost.jobs > 0 || w->now - w->last_look >= LOOK_ANYWAY)
		w->look = true;
	code = worker_tell_progress(w, err);
	if (code)
		return code;
	look_for_news(w);
	if (!w->unsynced)
		return 0;
	w->unsynced = false;
	return store_sync(w->store, err);
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return b > 0 && b < a ? b : a;
}

static int64_t
next_deadline(const struct worker *w)
{
	int64_t until = sooner(w->next_tick, w->next_beat);

	if (turn_wanted(w))
		return 0;
	for (size_t i = 0; i < w->nslots; i++) {
		const struct slot *s = w->slots[i];

		if (!slot_lives(s))
			continue;
		until = sooner(until, s->next);
		if (s->run.talk != NULL)
			until = sooner(until, coproc_take_back_at(s));
	}
	if (slots_alive(w) > 0 && tree_look_again() > 0)
		until = sooner(until, w->now + tree_look_again());
	if (w->progress.on)
		until = sooner(until, w->progress.next);
	if (store_wake_fd(w->store) < 0)
		until = sooner(until, w->now + NEWS);
	if (w->serve_at > w->now)
		until = sooner(until, w->serve_at);
	if (w->hold_until > w->now)
		return sooner(until, w->hold_until);
	until = sooner(until, tidy_at(w));
	until = sooner(until, give_back_at(w));
	if (w->replace_at > w->now)
		until = sooner(until, w->replace_at);
	until = sooner(until, turn_due(w));
	return sooner(until, w->look_at);
}

/* ---- round and round ---- */

static void
check_output(struct worker *w)
{
	output_flush(&w->err);
	output_flush(&w->out);
	if (!w->out.failed || w->stopping || output_hung_up(&w->out))
		return;
	if (w->out.failed != EPIPE) {
		worker_say(w, "write to stdout: %s", strerror(w->out.failed));
		w->code = EX_IOERR;
	}
	worker_stop(w, 1);
}

static void
step(struct worker *w)
{
	struct err err;
	int code = 0;

	worker_deadlines(w);
	worker_take_back(w);
	if (w->first != NULL && (w->stopping || give_back_at(w) <= w->now))
		worker_give_back(w, NULL);
	if (w->look_at > 0 && w->look_at <= w->now) {
		w->look_at = 0;
		w->look = true;
	}
	if (w->replace_at > 0 && w->replace_at <= w->now) {
		w->replace_at = 0;
		w->look = true;
	}
	worker_start(w);
	worker_wrap_up(w);
	if (turn_wanted(w)) {
		code = worker_turn(w, &err);
		/* what could not be synced must not start */
		if (code == 0) {
			worker_well(w);
			worker_start(w);
		}
	}
	if (code == 0 && w->next_tick <= w->now)
		code = tick(w, &err);
	if (code == 0 && w->next_beat <= w->now)
		code = beat(w, &err);
	if (code == 0 && w->rejoin && slots_alive(w) == 0 &&
	    w->ended.n == 0 && !w->stopping)
		code = join(w, &err);
	if (code)
		worker_trouble(w, &err);
	else
		worker_tidy(w);
	worker_prepare(w);
	worker_draw(w);
	check_output(w);
}

static void
go_round(struct worker *w)
{
	struct happened h;
	struct err err;

	while (!worker_finished(w)) {
		worker_wait(w, next_deadline(w), &h);
		if (h.signal)
			worker_take_signals(w);
		else if (tree_look_again() > 0)
			worker_reap(w);
		if (h.wake)
			store_wake_drain(w->store);
		if (worker_serve(w, &err) != 0)
			worker_trouble(w, &err);
		if (h.wake || store_wake_fd(w->store) < 0)
			look_for_news(w);
		step(w);
	}
}

/* ---- beginning and end ---- */

static int
lease_of(struct worker *w, struct err *err)
{
	struct setting_value v;
	bool set;
	int code;

	w->lease = w->o->lease;
	if (w->lease >= 0)
		return 0;
	code = store_setting_value(w->store, NULL, SET_LEASE, &v, &set, err);
	w->lease = v.i;
	return code;
}

/* Handlers inherit both: an empty stdin, and no core files. */
static int
prepare_process(struct worker *w, struct err *err)
{
	struct rlimit core;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	w->config.null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null < 0 || w->config.null < 0 || dup2(null, STDIN_FILENO) < 0)
		return err_errno(err, EX_TEMPFAIL, "open /dev/null");
	close(null);
	if (getrlimit(RLIMIT_CORE, &core) == 0) {
		core.rlim_cur = 0;
		setrlimit(RLIMIT_CORE, &core);
	}
	tree_adopt();
	return 0;
}

/* What relative paths of handlers are taken from; none where it is gone */
static void
find_directory(struct worker *w)
{
	char cwd[PATH_MAX];

	buf_adds(&w->cwd, getcwd(cwd, sizeof(cwd)) ? cwd : "/");
	w->config.cwd = (struct bytes){ w->cwd.p, w->cwd.len };
}

static int
set_up(struct worker *w, struct err *err)
{
	static const int heard[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	int code = 0;

	worker_read_clock(w);
	w->began = w->now;
	w->deaf = signal_ignored(SIGINT);
	w->selection = *w->o->selection;
	w->handlers.queue = store_path(w->store);
	if (w->o->command != NULL) {
		w->one = command_wants_one(w->o->command);
		code = handler_init(&w->handler, w->o->command,
			store_path(w->store), err);
	}
	/* A fifo waits for its reader: a signal still ends this process. */
	if (code == 0 && w->o->results != NULL)
		code = results_open(w->o->results, &w->config.results, err);
	if (code == 0 && w->o->joblog != NULL)
		code = joblog_open(w->o->joblog, &w->joblog, err);
	if (code == 0)
		code = signals_open(&w->signals, heard,
			sizeof(heard) / sizeof(heard[0]), err);
	if (code == 0)
		code = prepare_process(w, err);
	if (code)
		return code;
	find_directory(w);
	w->config.handler = w->o->command != NULL ? &w->handler : NULL;
	w->config.handlers = &w->handlers;
	w->config.output = w->o->output;
	w->config.quiet_stdout = w->o->json;
	w->config.feed = w->o->feed;
	w->config.then = w->o->then;
	/* what comes that way need not come as an argument as well */
	if (w->o->feed == FEED_PATHS) {
		w->handler.append = false;
		w->handlers.no_path = true;
	}
	w->config.mask = &w->signals.before;
	output_init(&w->out, STDOUT_FILENO);
	output_init(&w->err, STDERR_FILENO);
	progress_init(&w->progress, w->o->progress, w->now);
	tree_open(&w->tree, store_locks(w->store), store_path(w->store));
	usage_open(&w->meter);
	files_init(&w->files);
	worker_read_limit(w);
	code = lease_of(w, err);
	return code ? code : join(w, err);
}

static void
tear_down(struct worker *w)
{
	slots_release(w);
	lots_release(&w->lots);
	turn_release(&w->turn);
	handler_release(&w->handler);
	handlers_release(&w->handlers);
	if (w->signals.fd >= 0)
		signals_close(&w->signals);
	if (w->config.null >= 0)
		close(w->config.null);
	if (w->config.results >= 0)
		close(w->config.results);
	if (w->joblog >= 0)
		close(w->joblog);
	tree_close(&w->tree);
	usage_close(&w->meter);
	output_release(&w->out);
	output_release(&w->err);
	pids_release(&w->roots);
	free(w->ends);
	free(w->polled);
	free(w->heard);
	buf_release(&w->cwd);
}

int
worker_run(const struct worker_options *o, struct worker_tally *tally,
	struct err *err)
{
	struct worker w = { .o = o, .store = o->store, .tally = tally,
		.grace = -1, .joblog = -1, .conditions = CONDITIONS_NONE,
		.signals = { .fd = -1 }, .tree = { .children_fd = -1 },
		.meter = { .fd = -1 },
		.config = { .results = -1, .null = -1 } };
	int code;

	memset(tally, 0, sizeof(*tally));
	err->code = 0;
	code = set_up(&w, err);
	if (code == 0) {
		store_hurry(w.store, TURN_WAIT);
		go_round(&w);
		worker_tidy_up(&w);
		code = worker_leave(&w, err);
		if (code == 0 && w.code != 0) {
			err_set(err, w.code, "%s", "");	/* was said */
			code = w.code;
		}
	}
	if (code != 0 && strcmp(err->text, w.broken.text) == 0)
		err->text[0] = '\0';			/* so was this */
	tear_down(&w);
	return code;
}
