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
on_unsayable(void *ctx, struct bytes path)
{
	struct watch *w = ctx;

	w->unsayable++;
	scan_warn_unsayable(path);
}

static void
on_report(void *ctx)
{
	struct buf b = { 0 };
	struct err ignored;

	watch_put_status(ctx, &b);
	fprintf(stderr, "%s\n", b.p);
	buf_release(&b);
	watch_save(ctx, &ignored);
}

static void
on_tell(void *ctx, bool changed)
{
	struct watch_program_state *p = ctx;
	struct err ignored;

	if (changed)
		watch_tell_status(p);
	/* what cannot be stored now can be later */
	watch_save(p, &ignored);
}

/* ---- directories ---- */

static int
take_root(struct watch_program_state *p, size_t i, struct err *err)
{
	struct scan_program *source = &p->source;
	struct watch_root *r = &p->watch.roots[i];
	struct scan_state *state = &p->states[i];
	int code = store_scan_find(source->scan.store, scan_name(source),
	    source->roots[i], state, err);

	if (code == 0)
		code = store_scan_take(source->scan.store, state, source->type,
		    err);
	if (code == 0)
		code = scan_read_patterns(source, source->roots[i], err);
	r->scan = source->scan;
	r->scan.state = state;
	r->scan.policy.created = r->scan.policy.modified = true;
	r->scan.policy.deleted = p->deletions;
	/* what came between two lives was not there already */
	r->scan.policy.silent = p->no_existing && (p->lives == 0 ||
	    state->completed == 0);
	r->scan.unsayable = on_unsayable;
	p->globs[i] = source->globs;
	source->globs = (struct globs){ 0 };
	r->scan.walk.globs = &p->globs[i];
	return code;
}

static int
open_roots(struct watch_program_state *p, struct err *err)
{
	struct scan_program *source = &p->source;
	int code = scan_find_roots(source, err);

	source->scan.walk.ignore_file = ".iqignore";
	source->scan.walk.threads = scan_threads();
	p->watch.roots = mem_zero(source->nroots + 1, sizeof(struct
	    watch_root));
	p->globs = mem_zero(source->nroots + 1, sizeof(*p->globs));
	p->states = mem_zero(source->nroots + 1, sizeof(*p->states));
	for (size_t i = 0; i < source->nroots && code == 0; i++) {
		code = take_root(p, i, err);
		p->watch.nroots = i + 1;
	}
	return code;
}

static void
close_roots(struct watch_program_state *p)
{
	for (size_t i = 0; i < p->watch.nroots; i++) {
		scan_state_release(&p->states[i]);
		globs_release(&p->globs[i]);
	}
	free(p->watch.roots);
	free(p->globs);
	free(p->states);
	scan_close_roots(&p->source);
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
		code = open_roots(p, err);
	return code ? code : watch_join(p, err);
}

static int
run(struct watch_program_state *p, struct err *err)
{
	struct watch *w = &p->watch;
	struct err ignored;
	int code = watch_run(w, STDOUT_FILENO, err);

	watch_save(p, &ignored);
	if (code == 0 && !w->out.out.failed)
		watch_leave(p, &ignored);
	p->failed = w->out.out.failed;
	p->again = p->again && code == 0 && !p->failed && !w->stopped &&
	    !(w->options.once && w->out.tally.batches > 0) &&
	    (p->end_at == 0 || clock_boot(&clock_system) < p->end_at);
	if (p->verbose && !p->again)
		on_report(p);
	p->batches += w->out.tally.batches;
	p->batches_saved -= w->out.tally.batches;
	watch_release(w);
	return code;
}

/* As the settings say now, until they say that it has to look elsewhere */
static int
live(struct watch_program_state *p, struct err *err)
{
	const struct watch begun = p->watch;
	struct watch *w = &p->watch;
	int code;

	p->again = false;
	if (p->end_at)
		w->options.timeout = p->end_at - clock_boot(&clock_system);
	code = open_all(p, err);
	if (code == 0)
		code = run(p, err);
	close_roots(p);
	store_close(p->source.scan.store);
	p->source.scan.store = NULL;
	p->lives++;
	if (p->again) {
		struct watch next = begun;

		next.tally = w->tally;
		next.unsayable = w->unsayable;
		*w = next;
	}
	return code;
}

int
main(int argc, char **argv)
{
	struct watch_program_state p = {
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

	p.watch.ctx = &p;
	watch_parse(&p, argc, argv);
	if (p.watch.options.timeout)
		p.end_at = clock_after(clock_boot(&clock_system),
		    p.watch.options.timeout);
	if (p.status_fd >= 0)
		output_init(&p.status, p.status_fd);
	do
		code = live(&p, &err);
	while (p.again);
	if (code == 0 && p.watch.unsayable)
		code = EX_DATAERR;
	if (err.code && code == err.code)
		warn_say("%s", err.text);
	scan_source_release(&p.source);
	buf_release(&p.choice);
	if (p.failed == EPIPE && !signal_ignored(SIGPIPE))
		signal_die(SIGPIPE);
	code = output_finish(code);
	if (p.watch.stopped && (code == 0 || code == EX_DATAERR))
		signal_die(p.watch.stopped);
	return code;
}
