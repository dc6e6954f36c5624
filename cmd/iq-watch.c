/* Emits changes of files as they settle. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "watch.h"

/* What is held in each set: so many bytes at most */
#define HELD_BYTES ((size_t)64 << 20)

static void
on_warn(void *ctx, const char *sentence)
{
	(void)ctx;
	warn_say("%s", sentence);
}

/* Once: what cannot be read stays so at the next look. */
static void
on_unread(void *ctx, struct bytes path, int why)
{
	const struct watch_program_state *p = ctx;

	if (!p->watch.looked)
		scan_warn_unread(path, why);
}

static void
on_report(void *ctx)
{
	struct buf b = { 0 };
	struct err ignored;

	watch_put_status(ctx, &b);
	buf_addc(&b, '\n');
	watch_say(ctx, buf_bytes(&b));
	buf_release(&b);
	watch_save(ctx, &ignored);
}

static void
on_tell(void *ctx, bool changed)
{
	struct watch_program_state *p = ctx;
	struct err ignored;

	output_flush(&p->says);
	if (changed)
		watch_tell_status(p);
	/* what cannot be stored now can be later */
	watch_save(p, &ignored);
}

/* ---- lives ---- */

static int
open_all(struct watch_program_state *p, struct err *err)
{
	int code = store_open(&p->source.scan.store, &(struct store_options){
	    .path = p->source.args.queue, .mode = STORE_CREATE,
	    .program = p->source.args.program->name }, err);

	if (code == 0)
		code = watch_read_settings(p, err);
	if (code == 0)
		code = watch_find(p, &p->found, err);
	return code;
}

static bool
goes_on(struct watch_program_state *p)
{
	const struct watch *w = &p->watch;

	return p->again && !w->out.out.failed && !w->stopped &&
	    !(w->options.once && w->out.tally.batches > 0) &&
	    (p->end_at == 0 || clock_boot(&clock_system) < p->end_at);
}

/* Until its settings say that it has to look elsewhere */
static int
live(struct watch_program_state *p, bool first, struct err *err)
{
	struct watch *w = &p->watch;
	struct err ignored;
	int code;

	w->roots = p->found.roots;
	w->nroots = p->found.n;
	if (p->end_at)
		w->options.timeout = p->end_at > clock_boot(&clock_system) ?
		    p->end_at - clock_boot(&clock_system) : 1;
	p->again = false;
	code = watch_open(w, STDOUT_FILENO, err);
	/* what cannot be begun is nothing that has died */
	if (code == 0 && first)
		code = watch_join(p, err);
	if (code == 0) {
		code = watch_run(w, err);
		watch_save(p, &ignored);
	}
	if (code == 0 && !w->out.out.failed)
		watch_leave(p, &ignored);
	p->again = code == 0 && goes_on(p);
	p->failed = w->out.out.failed;
	if (p->verbose && !p->again)
		on_report(p);
	p->batches += w->out.tally.batches;
	p->batches_saved -= w->out.tally.batches;
	watch_release(w);
	return code;
}

static int
live_on(struct watch_program_state *p, struct err *err)
{
	const struct watch begun = p->watch;
	int code = live(p, true, err);

	while (p->again) {
		struct watch next = begun;

		next.tally = p->watch.tally;
		next.unsayable = p->watch.unsayable;
		p->watch = next;
		code = watch_move(p, err);
		p->again = false;
		if (code == 0)
			code = live(p, false, err);
	}
	return code;
}

static int
run(struct watch_program_state *p, struct err *err)
{
	int code = open_all(p, err);

	if (code == 0)
		code = live_on(p, err);
	watch_lose(p, &p->found, NULL);
	watch_lose(p, &p->next, NULL);
	store_close(p->source.scan.store);
	signals_close(&p->signals);
	return code;
}

int
main(int argc, char **argv)
{
	struct watch_program_state p = {
		.source.scan.out = STDOUT_FILENO,
		.deletions = true,
		.status_fd = -1,
		.watch = {
			.options = {
				.changes = {
					.window = NS_PER_S / 2,
					.max_delay = 60 * NS_PER_S,
					.batch = 500,
					.max_records = 100000,
					.max_bytes = HELD_BYTES,
				},
				.settle = 2 * NS_PER_S,
				.plan = { .rescan = 900 * NS_PER_S,
				    .fallback = 10 * NS_PER_S },
			},
			.warn = on_warn,
			.unread = on_unread,
			.report = on_report,
			.reload = watch_reload,
			.tell = on_tell,
		},
	};
	struct err err = { 0 };
	int code;

	hash_key_draw(&p.key);
	p.signals.fd = -1;
	p.watch.signals = &p.signals;
	p.watch.ctx = &p;
	watch_parse(&p, argc, argv);
	if (p.watch.options.timeout)
		p.end_at = clock_after(clock_boot(&clock_system),
		    p.watch.options.timeout);
	if (p.status_fd >= 0)
		output_init(&p.status, p.status_fd);
	output_init(&p.says, STDERR_FILENO);
	warn_through(watch_say, &p);
	code = run(&p, &err);
	if (code == 0 && p.watch.unsayable)
		code = EX_DATAERR;
	if (err.code && code == err.code)
		warn_say("%s", err.text);
	watch_say_rest(&p);
	warn_through(NULL, NULL);
	scan_source_release(&p.source);
	buf_release(&p.choice);
	output_release(&p.status);
	output_release(&p.says);
	if (p.failed == EPIPE && !signal_ignored(SIGPIPE))
		signal_die(SIGPIPE);
	code = output_finish(code);
	if (p.watch.stopped && (code == 0 || code == EX_DATAERR))
		signal_die(p.watch.stopped);
	return code;
}
