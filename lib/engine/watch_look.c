/* Looking at what may have changed: everything, or a few names. */
#include <stdlib.h>
#include <string.h>

#include "engine/watch_internal.h"

/* How long to wait for a watcher to catch up */
#define CATCH_UP (20 * NS_PER_MS)
/* What is read again from the kernel takes at most one part of the time in */
#define SHARE 5

/* ---- what a scan tells ---- */

static void
on_take(void *ctx, struct bytes path, struct bytes record)
{
	struct watch *w = ctx;

	stage_put(&w->out, w->now, path, w->options.format == STREAM_JSON ?
	    record : BYTES_NONE);
}

static void
on_unsettled(void *ctx, struct bytes path)
{
	struct watch *w = ctx;

	/* (0: it was said) */
	if (w->look_root == w->nroots && w->ask.settle > 0)
		watch_put_young(w, path, w->since);
	else
		watch_put_later(w, path);
}

static void
on_unread(void *ctx, struct bytes path, int why)
{
	struct watch *w = ctx;

	if (why)
		watch_hole_unread(w, path);
	w->unread(w->ctx, path, why);
}

void
watch_look_open(struct watch *w)
{
	const struct watch_options *o = &w->options;
	struct debounce_options set = o->changes;
	struct hash_key key;

	hash_key_draw(&key);
	debounce_init(&w->changes, &set, key);
	set.batch = set.max_records;
	set.window = set.max_delay = CATCH_UP;
	debounce_init(&w->dirs, &set, key);
	set.window = set.max_delay = WATCH_SETTLE;
	debounce_init(&w->young, &set, key);
	set.window = o->settle > WATCH_SETTLE ? o->settle : WATCH_SETTLE;
	set.max_delay = INT64_MAX;
	debounce_init(&w->later, &set, key);
	w->names = mem_zero(WATCH_TOGETHER, sizeof(*w->names));
	w->look_root = w->nroots;
	w->holes_at = w->named_at = INT64_MAX;
	for (size_t i = 0; i < w->nroots; i++) {
		struct scan *s = &w->roots[i].scan;

		s->ctx = w;
		s->take = on_take;
		s->unread = on_unread;
		s->unsettled = on_unsettled;
		s->entered = watch_entered;
		s->stop = &w->stop;
		s->format = o->format;
		s->policy.settle = o->settle;
		s->policy.own = s->state->run + 1;
		s->walk.mark = watch_cover_mark;
		s->walk.mark_ctx = w;
		s->state->from_key = s->state->from_name = BYTES_NONE;
	}
}

/* ---- everything ---- */

void
watch_look_begin(struct watch *w)
{
	watch_plan_looking(&w->plan, w->now);
	watch_cover_read(w);
	watch_holes_begin(w);
	w->look_root = 0;
	w->look_whole = true;
	w->looked_for = w->named_at;
	w->here = 0;
	w->was_abroad = w->abroad;
	w->abroad = false;
	w->tries = 0;
	w->tally.scans++;
	w->tally.fallback_scans += w->options.plan.events &&
	    !watch_plan_covered(&w->plan);
}

static void
end_look(struct watch *w)
{
	watch_holes_end(w);
	w->was_abroad = false;
	watch_cover_judge(w);
	watch_plan_looked(&w->plan, w->now, w->look_whole);
	watch_names_looked(w);
	w->looked = true;
	for (size_t i = 0; i < w->nroots; i++)
		w->roots[i].scan.policy.silent = 0;
}

/* Another directory has taken the place of the root: what was in the old one
 * is gone, as the next look will find. */
static void
end_root(struct watch *w)
{
	const struct scan_state *state = w->scanning->scan.state;

	if ((w->before_device || w->before_inode) &&
	    (state->device != w->before_device ||
	    state->inode != w->before_inode))
		watch_plan_look_by(&w->plan, w->now);
}

/* ---- scans ---- */

static int
begin(struct watch *w, const struct scan_ask *ask, struct err *err)
{
	struct scan *s = &w->scanning->scan;

	buf_reset(&w->last_hole);
	w->before_device = s->state->device;
	w->before_inode = s->state->inode;
	return scan_begin(s, ask, err);
}

/* What is short today may be there tomorrow; a directory that is not there is
 * waited for. */
static int
end(struct watch *w, bool ended, int failed, struct err *err)
{
	int code = scan_end(&w->scanning->scan, ended, failed, err);

	if (code == 0)
		end_root(w);
	w->scanning = NULL;
	if (code == 0)
		return 0;
	if ((code != EX_TEMPFAIL && code != EX_NOINPUT) ||
	    store_moved(w->roots[0].scan.store))
		return code;
	w->look_whole = false;
	if (code == EX_TEMPFAIL)
		w->warn(w->ctx, err->text);
	watch_plan_look_by(&w->plan, clock_after(w->now,
	    w->options.plan.fallback));
	return 0;
}

static bool
choose_set(struct watch *w)
{
	int64_t before;

	if (w->dirs.nreleased > 0) {
		before = w->now;
		watch_cover_read(w);
		w->now = clock_boot(&clock_system);
		w->dirs.options.window = w->dirs.options.max_delay =
		    CATCH_UP + SHARE * (w->now - before);
		watch_take_dirs(w);
	} else if (w->young.nreleased > 0) {
		watch_take_young(w);
	} else if (w->changes.nreleased > 0) {
		watch_take_set(w, &w->changes, true);
	} else if (w->later.nreleased > 0) {
		watch_take_set(w, &w->later, false);
	} else {
		if (w->hurry)
			debounce_flush(&w->out.held);
		w->hurry = false;
		return false;
	}
	return true;
}

/* The next scan; false: there is none. */
static bool
choose(struct watch *w, const struct scan_ask **ask)
{
	*ask = NULL;
	if (w->look_root < w->nroots) {
		w->scanning = &w->roots[w->look_root];
		return true;
	}
	while (w->at == w->nasks)
		if (!choose_set(w))
			return false;
	watch_next_ask(w);
	*ask = &w->ask;
	return true;
}

static void
go_on(struct watch *w)
{
	if (w->look_root < w->nroots && ++w->look_root == w->nroots)
		end_look(w);
	watch_names_idle(w);
}

int
watch_look_step(struct watch *w, bool *busy, struct err *err)
{
	const struct scan_ask *ask;
	bool ended = false;
	int code = 0;

	debounce_advance(&w->dirs, w->now);
	debounce_advance(&w->changes, w->now);
	debounce_advance(&w->later, w->now);
	debounce_advance(&w->young, w->now);
	if (w->holes_at <= w->now)
		watch_holes_ask(w);
	*busy = false;
	if (debounce_full(&w->out.held))
		return 0;
	if (w->scanning == NULL) {
		if (!choose(w, &ask))
			return 0;
		code = begin(w, ask, err);
	}
	*busy = true;
	if (code == 0)
		code = scan_step(&w->scanning->scan, &ended, err);
	if (code == 0 && !ended && !w->stop)
		return 0;
	code = end(w, ended, code, err);
	go_on(w);
	return code;
}

bool
watch_look_idle(const struct watch *w)
{
	return w->scanning == NULL && w->look_root == w->nroots &&
	    w->at == w->nasks && w->changes.nreleased == 0 &&
	    w->dirs.nreleased == 0 && w->later.nreleased == 0 &&
	    w->young.nreleased == 0;
}

int64_t
watch_look_due(const struct watch *w)
{
	int64_t due = w->holes_at, next[] = { debounce_due(&w->dirs),
	    debounce_due(&w->changes), debounce_due(&w->later),
	    debounce_due(&w->young) };

	for (int i = 0; i < 4; i++)
		if (next[i] < due)
			due = next[i];
	if (debounce_full(&w->out.held))
		return INT64_MAX;
	return watch_look_idle(w) ? due : w->now;
}

void
watch_look_close(struct watch *w)
{
	struct err ignored;

	w->stop = 1;
	if (w->scanning)
		scan_end(&w->scanning->scan, false, 0, &ignored);
	w->scanning = NULL;
	debounce_release(&w->changes);
	debounce_release(&w->dirs);
	debounce_release(&w->later);
	debounce_release(&w->young);
	arena_release(&w->arena);
	free(w->asks);
	free(w->names);
	watch_holes_close(w);
	buf_release(&w->moved_to);
}
