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

/* ---- settings ---- */

static int
read_time(struct watch_program_state *p, enum setting_key key, bool said,
	int64_t *out, struct err *err)
{
	struct setting_value v;
	bool set;
	int code;

	if (said)
		return 0;
	code = store_setting_value(p->source.scan.store, p->source.type, key,
	    &v, &set, err);
	if (code == 0 && set)
		*out = v.i;
	return code;
}

static int
read_times(struct watch_program_state *p, struct err *err)
{
	struct watch_options *o = &p->watch.options;
	int code = read_time(p, SET_DEBOUNCE, p->debounce_said,
	    &o->changes.window, err);

	if (code == 0)
		code = read_time(p, SET_MAX_DELAY, p->max_delay_said,
		    &o->changes.max_delay, err);
	if (code == 0)
		code = read_time(p, SET_SCAN_INTERVAL, p->rescan_said,
		    &o->plan.rescan, err);
	return code;
}

/* A bad setting leaves all as it is. */
static void
on_reload(void *ctx)
{
	struct watch_program_state *p = ctx;
	struct err err;

	if (!store_changed(p->source.scan.store))
		return;
	if (read_times(p, &err))
		warn_say("%s", err.text);
	watch_retime(&p->watch);
}

/* ---- directories ---- */

static int
take_root(struct watch_program_state *p, size_t i, struct err *err)
{
	struct scan_program *source = &p->source;
	struct watch_root *r = &p->watch.roots[i];
	int code = store_scan_find(source->scan.store, scan_name(source),
	    source->roots[i], &p->states[i], err);

	if (code == 0)
		code = store_scan_take(source->scan.store, &p->states[i],
		    source->type, err);
	if (code == 0)
		code = scan_read_patterns(source, source->roots[i], err);
	r->scan = source->scan;
	r->scan.state = &p->states[i];
	r->scan.policy.created = r->scan.policy.modified = true;
	r->scan.policy.deleted = p->deletions;
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
release(struct watch_program_state *p)
{
	for (size_t i = 0; i < p->watch.nroots; i++) {
		scan_state_release(&p->states[i]);
		globs_release(&p->globs[i]);
	}
	free(p->watch.roots);
	free(p->globs);
	free(p->states);
	store_close(p->source.scan.store);
	scan_source_release(&p->source);
}

static int
run(struct watch_program_state *p, struct err *err)
{
	struct err ignored;
	int code;

	if (p->status_fd >= 0)
		output_init(&p->status, p->status_fd);
	code = watch_run(&p->watch, STDOUT_FILENO, err);
	watch_save(p, &ignored);
	if (code == 0 && !p->watch.out.out.failed)
		watch_leave(p, &ignored);
	if (p->verbose)
		on_report(p);
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
			.reload = on_reload,
			.tell = on_tell,
		},
	};
	struct err err = { 0 };
	int code, failed = 0, stopped = 0;

	p.watch.ctx = &p;
	watch_parse(&p, argc, argv);
	code = store_open(&p.source.scan.store, &(struct store_options){
	    .path = p.source.args.queue, .mode = STORE_CREATE,
	    .program = p.source.args.program->name }, &err);
	if (code == 0)
		code = read_times(&p, &err);
	if (code == 0)
		code = open_roots(&p, &err);
	if (code == 0)
		code = watch_join(&p, &err);
	if (code == 0) {
		code = run(&p, &err);
		failed = p.watch.out.out.failed;
		stopped = p.watch.stopped;
		if (code == 0 && p.watch.unsayable)
			code = EX_DATAERR;
		watch_release(&p.watch);
	}
	if (err.code && code == err.code)
		warn_say("%s", err.text);
	release(&p);
	if (failed == EPIPE && !signal_ignored(SIGPIPE))
		signal_die(SIGPIPE);
	code = output_finish(code);
	if (stopped && (code == 0 || code == EX_DATAERR))
		signal_die(stopped);
	return code;
}
