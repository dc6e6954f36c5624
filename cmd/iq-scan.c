/* Prints what is new, changed and gone since the last scan. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "engine/signals.h"
#include "scan.h"

static volatile sig_atomic_t stop_signal;
static struct store *to_interrupt;

static void
on_stop(int sig)
{
	stop_signal = sig;
	store_interrupt(to_interrupt);
}

static void
on_unread(void *ctx, struct bytes path, int why)
{
	struct scan_program *p = ctx;

	meter_clear(&p->meter);
	scan_warn_unread(path, why);
}

static void
on_unsayable(void *ctx, struct bytes path)
{
	struct scan_program *p = ctx;

	meter_clear(&p->meter);
	scan_warn_unsayable(path);
}

static void
on_progress(void *ctx, const struct scan_tally *t)
{
	struct scan_program *p = ctx;
	struct buf line = { 0 };

	buf_addf(&line, "%lld files in %lld directories, %lld found",
	    (long long)t->files, (long long)t->directories,
	    (long long)(t->created + t->modified + t->deleted));
	meter_put(&p->meter, &line);
	buf_release(&line);
}

/* The directory is there: what is known of one that is not must not be made
 * nor changed. */
static int
check_root(struct bytes root, struct err *err)
{
	const char *path = directory_name(root);
	struct file f;

	if (file_look(AT_FDCWD, path, true, &f) == 0) {
		if (f.kind == FILE_DIRECTORY)
			return 0;
		errno = ENOTDIR;
	}
	return errno == ENAMETOOLONG ? 0 : err_errno(err, EX_NOINPUT,
	    "open %s", path);
}

static int
scan_one(struct scan_program *p, struct scan_state *state, struct err *err)
{
	struct scan *s = &p->scan;
	int64_t said = s->tally.created + s->tally.modified +
	    s->tally.deleted + s->tally.unchanged;
	int64_t limit = s->limit;
	int code = scan_read_patterns(p, state->root, err);

	if (code)
		return code;
	s->state = state;
	s->limit = limit ? limit - said : 0;
	code = scan_run(s, err);
	s->limit = limit;
	return code;
}

static int
do_one(struct scan_program *p, struct bytes root, struct err *err)
{
	struct store *store = p->scan.store;
	struct scan_state state = { 0 };
	int code = p->mode == SCAN_RUN ? check_root(root, err) : 0;

	if (code == 0)
		code = store_scan_find(store, scan_name(p), root, &state, err);
	if (code == 0 && state.id == 0 && p->mode != SCAN_RUN)
		code = err_set(err, EX_NOINPUT, "no scan of %s has been made",
		    directory_name(root));
	if (code == 0)
		code = store_scan_take(store, &state, p->type, err);
	if (code == 0 && p->mode == SCAN_RUN)
		code = scan_one(p, &state, err);
	else if (code == 0 && p->mode == SCAN_ACK)
		code = store_scan_acknowledge(store, &state, err);
	else if (code == 0)
		code = store_scan_forget(store, &state, err);
	scan_state_release(&state);
	return code;
}

/* A directory that is not there does not keep the others from being looked
 * at. */
static int
do_all(struct scan_program *p, struct err *err)
{
	int missing = 0, code = 0;

	for (size_t i = 0; i < p->nroots && code == 0 && !stop_signal &&
	    !p->scan.tally.more; i++) {
		code = do_one(p, p->roots[i], err);
		if (code == EX_NOINPUT && i + 1 < p->nroots) {
			warn_say("%s", err->text);
			*err = (struct err){ 0 };
			missing = code;
			code = 0;
		}
	}
	return code ? code : missing;
}

static int
run(struct scan_program *p, struct err *err)
{
	struct scan *s = &p->scan;
	int64_t started = clock_system.boot(NULL);
	int code;

	to_interrupt = s->store;
	signals_stop(on_stop);
	s->walk.globs = &p->globs;
	s->walk.threads = scan_threads();
	if (p->max_time)
		s->deadline = clock_after(started, p->max_time);
	if (p->mode == SCAN_RUN && isatty(STDERR_FILENO) &&
	    !isatty(STDOUT_FILENO))
		s->progress = on_progress;
	code = do_all(p, err);
	meter_clear(&p->meter);
	if (p->verbose)
		scan_print_summary(p, started);
	else
		scan_tell_unsettled(p);
	if (code == 0 && s->tally.unsayable)
		code = EX_DATAERR;
	if (code == 0 && s->tally.unread)
		code = 1;
	return code;
}

int
main(int argc, char **argv)
{
	static const enum store_mode access[] = { [SCAN_RUN] = STORE_CREATE,
	    [SCAN_ACK] = STORE_WRITE, [SCAN_RESET] = STORE_WRITE,
	    [SCAN_STATUS] = STORE_READ };
	struct scan_program p = { .scan = {
		.policy.settle = 2 * NS_PER_S,
		.walk.ignore_file = ".iqignore",
		.out = STDOUT_FILENO,
		.stop = &stop_signal,
		.unread = on_unread,
		.unsayable = on_unsayable,
	} };
	struct err err = { 0 };
	int code;

	p.scan.ctx = &p;
	scan_options(&p, argc, argv);
	code = store_open(&p.scan.store, &(struct store_options){
	    .path = p.args.queue, .mode = access[p.mode],
	    .program = p.args.program->name }, &err);
	if (code == 0)
		code = scan_find_roots(&p, &err);
	if (code == 0)
		code = p.mode == SCAN_STATUS ? scan_status(&p, &err) :
		    run(&p, &err);
	if (p.scan.failed == EPIPE)
		code = 0;
	else if (err.code && code == err.code && !stop_signal)
		warn_say("%s", err.text);
	store_close(p.scan.store);
	scan_source_release(&p);
	code = output_finish(code);
	if (stop_signal)
		signal_die(stop_signal);
	return code;
}
