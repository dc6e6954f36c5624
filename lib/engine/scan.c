#include <stdlib.h>

#include "engine/scan_internal.h"

#define SHOW_EVERY (250 * NS_PER_MS)

static bool
is_time_over(struct scan *s)
{
	int64_t boot;

	if (s->progress == NULL && s->deadline == 0)
		return false;
	boot = clock_boot(&clock_system);
	if (s->progress && boot >= s->now->show_at) {
		s->now->show_at = boot + SHOW_EVERY;
		s->progress(s->ctx, &s->tally);
	}
	return s->deadline && boot >= s->deadline;
}

/* No directory is left. */
static int
merge_rest(struct scan *s, bool *ended, struct err *err)
{
	int code = 0;

	if (s->now->asked.of && !s->now->asked.reached)
		return scan_ask_above(s, err);
	if (s->now->asked.of)
		code = scan_ask_dirs(s, BYTES_NONE, err);
	*ended = true;
	return code ? code : scan_pass_rows(s, BYTES_NONE, err);
}

/* However little time there is, a directory is done that the run before had not
 * begun. */
int
scan_step(struct scan *s, bool *ended, struct err *err)
{
	struct scanning *now = s->now;
	struct walk_block b;
	int code;

	*ended = false;
	if (!walk_next(now->walk, &b))
		return merge_rest(s, ended, err);
	now->full = now->full || (is_time_over(s) && now->blocks > 1);
	if (now->full)
		return 0;
	code = scan_take_block(s, &b, err);
	now->blocks += !scan_is_on_way(s);
	return code;
}

/* What was there is known again, or something else has come to be in its place
 * on the same device: from now on it is this one. */
static bool
accept_root(struct scan *s)
{
	struct scanning *now = s->now;
	struct scan_state *state = s->state;

	if (now->other_root && !now->recognised && state->files > 0 &&
	    (state->device != now->device ||
	    s->tally.files == now->files_before))
		return false;
	state->device = now->device;
	state->inode = now->inode;
	return true;
}

static int
finish(struct scan *s, bool ended, struct err *err)
{
	struct scan_state *state = s->state;
	struct scanning *now = s->now;
	bool more = !ended || now->full;
	int code;

	if (*s->stop)
		return 0;
	code = scan_flush(s, err);
	if (code)
		return code;
	/* (a signal may have cut the last records off) */
	if (*s->stop)
		return 0;
	if (s->take == NULL && state->run == s->policy.run)
		code = store_scan_said(s->store, state, err);
	if (code)
		return code;
	if (now->asked.of && now->other_root)
		accept_root(s);
	if (now->asked.of)
		return store_scan_write(s->store, state, NULL, 0, err);
	if (!more && !accept_root(s)) {
		now->path.len = now->levels[0].npath;
		scan_unread(s, bytes_of(""), 0);
	}
	s->tally.more = s->tally.more || more;
	state->finished = clock_wall(&clock_system);
	state->from_key = state->from_name = BYTES_NONE;
	if (more) {
		state->from_key = buf_bytes(&now->last_key);
		if (now->has_last)
			state->from_name = buf_bytes(&now->last_name);
	} else {
		state->completed = state->finished;
		state->same_boot = true;
	}
	code = store_scan_write(s->store, state, NULL, 0, err);
	state->from_key = state->from_name = BYTES_NONE;
	return code;
}

static void
release(struct scan *s)
{
	struct scanning *now = s->now;

	scan_climb(s, 0);
	walk_close(now->walk);
	free(now->levels);
	buf_release(&now->key);
	buf_release(&now->path);
	buf_release(&now->part.first);
	buf_release(&now->part.list);
	buf_release(&now->part.before);
	scan_rows_release(&now->rows);
	buf_release(&now->missing);
	free(now->writes);
	arena_release(&now->arena);
	buf_release(&now->records);
	buf_release(&now->last_key);
	buf_release(&now->last_name);
	buf_release(&now->until);
	buf_release(&now->asked.above_text);
	free(now);
	s->now = NULL;
}

int
scan_start_walk(struct scan *s, struct err *err)
{
	const struct scan_ask *ask = s->now->asked.of;
	struct walk_options walk = s->walk;

	walk.root = bytes_of(directory_name(s->state->root));
	walk.from_key = s->now->from_key;
	walk.from_name = s->now->from_name;
	if (ask) {
		walk.only = ask->names;
		walk.nonly = ask->n;
		walk.threads = 0;
	}
	return walk_open(&s->now->walk, &walk, err);
}

int
scan_begin(struct scan *s, const struct scan_ask *ask, struct err *err)
{
	struct scanning *now = s->now = mem_zero(1, sizeof(*now));
	struct scan_state *state = s->state;
	int code;

	now->files_before = s->tally.files;
	now->asked.of = ask;
	now->from_key = ask ? ask->key : state->from_key;
	now->from_name = ask ? BYTES_NONE : state->from_name;
	s->policy.run = state->run + 1;
	s->policy.acknowledged = state->acknowledged;
	s->policy.same_boot = state->same_boot;
	state->started = clock_wall(&clock_system);
	state->out = io_conduit(s->out);
	now->flush_at = now->show_at = clock_boot(&clock_system) + SHOW_EVERY;
	buf_add(&now->key, "", 0);
	buf_add(&now->path, state->root.p, state->root.n);
	buf_addc(&now->path, '/');
	code = scan_start_walk(s, err);
	if (code)
		return code;
	scan_no_rows(s);
	if (ask == NULL)
		code = scan_read_rows(s, now->from_key.p ? now->from_key :
		    bytes_of(""), bytes_of(""), BYTES_NONE, err);
	return code;
}

int
scan_end(struct scan *s, bool ended, int failed, struct err *err)
{
	int code = failed ? failed : finish(s, ended, err);

	release(s);
	return code;
}

int
scan_run(struct scan *s, struct err *err)
{
	int code = scan_begin(s, NULL, err);
	bool ended = false;

	while (code == 0 && !ended && !s->now->full && !*s->stop)
		code = scan_step(s, &ended, err);
	return scan_end(s, ended, code, err);
}
