/* What is to be made of an event. */
#include <string.h>

#include "engine/watch_internal.h"

/* Too much waits: it is forgotten, and everything is looked at instead, when
 * the last of it would have been. */
static void
forget(struct watch *w, struct debounce *set)
{
	struct debounce_options o = set->options;
	struct hash_key key = set->key;

	debounce_release(set);
	debounce_init(set, &o, key);
	watch_plan_look_by(&w->plan, clock_after(w->now, o.window));
}

static void
put(struct watch *w, struct debounce *set, struct bytes path,
	struct bytes content)
{
	/* what is going to be looked at anyway need not be remembered */
	if (watch_plan_look_due(&w->plan, w->now))
		return;
	if (debounce_put(set, w->now, path, content) && set == &w->changes)
		w->tally.deduplicated++;
	if (debounce_full(set))
		forget(w, set);
}

void
watch_put_dir(struct watch *w, struct bytes path, int tries, uint64_t mark)
{
	struct watch_wait wait;
	struct buf content = { 0 };

	memset(&wait, 0, sizeof(wait));
	wait.tries = tries;
	wait.mark = mark;
	buf_add(&content, &wait, sizeof(wait));
	buf_add(&content, path.p, path.n);
	put(w, &w->dirs, path, buf_bytes(&content));
	buf_release(&content);
}

void
watch_put_change(struct watch *w, struct bytes path)
{
	put(w, &w->changes, path, BYTES_NONE);
}

void
watch_put_later(struct watch *w, struct bytes path)
{
	put(w, &w->later, path, BYTES_NONE);
}

void
watch_unwitnessed(struct watch *w)
{
	for (size_t i = 0; i < w->nroots; i++)
		w->roots[i].scan.policy.witnessed = 0;
}

/* What an old child missed is not asked for when a new one is starting. */
void
watch_doubt(struct watch *w, const char *why)
{
	watch_unwitnessed(w);
	if (w->plan.starting && !w->hearing_next)
		return;
	watch_plan_doubt(&w->plan, w->now, why);
}

void
watch_put_young(struct watch *w, struct bytes path, int64_t since)
{
	struct buf content = { 0 };
	struct bytes held;
	int64_t before;

	/* another change of it does not make it any younger */
	if (debounce_find(&w->young, path, &held)) {
		memcpy(&before, held.p, sizeof(before));
		since = before < since ? before : since;
	}
	buf_add(&content, &since, sizeof(since));
	buf_add(&content, path.p, path.n);
	put(w, &w->young, path, buf_bytes(&content));
	buf_release(&content);
}

bool
watch_is_root(const struct watch *w, struct bytes path)
{
	for (size_t i = 0; i < w->nroots; i++)
		if (bytes_equal(w->roots[i].scan.state->root, path))
			return true;
	return false;
}

/* Its patterns say what is looked at in its directory.  One that was made may be
 * whole already, as a link to another is, but mostly is still written to. */
static void
hear_patterns(struct watch *w, const struct watch_record *r)
{
	const char *file = w->roots[0].scan.walk.ignore_file;
	struct bytes dir = { r->dir.p, r->dir.n - (r->dir.n > 0) };

	if (file == NULL || !bytes_equal(r->name, bytes_of(file)))
		return;
	if (r->what == WATCH_CREATED)
		watch_put_later(w, dir);
	else if (watch_is_root(w, dir))
		watch_plan_look_by(&w->plan, w->now);
	else
		watch_put_dir(w, dir, 0, 0);
}

static void
hear_name(struct watch *w, const struct watch_record *r, struct bytes path)
{
	unsigned what = r->what;

	if (what & WATCH_DIRECTORY && what & (WATCH_CREATED | WATCH_MOVED_TO |
	    WATCH_CHANGED))
		watch_put_dir(w, path, 0, 0);
	else if (what & WATCH_CHANGED || what == WATCH_CREATED)
		watch_put_later(w, path);
	else
		watch_put_change(w, path);
	hear_patterns(w, r);
}

void
watch_hear(void *watch, const struct watch_record *r)
{
	struct watch *w = watch;
	struct bytes path;

	w->tally.events++;
	if (r->what & WATCH_OVERFLOW) {
		w->tally.overflows++;
		(w->hearing_next ? &w->next : &w->child)->lost = true;
		watch_doubt(w, "events were lost");
		return;
	}
	buf_reset(&w->path);
	buf_add(&w->path, r->dir.p, r->dir.n);
	buf_add(&w->path, r->name.p, r->name.n);
	if (r->name.n == 0)
		w->path.len--;
	path = buf_bytes(&w->path);
	if (w->kind == WATCH_INOTIFYWAIT)
		watch_names_hear(w, r);
	if (r->what & WATCH_UNMOUNTED)
		watch_doubt(w, "something was unmounted");
	else if (r->name.n == 0 && watch_is_root(w, path))
		watch_doubt(w, "a directory is another one");
	else if (r->name.n > 0)
		hear_name(w, r, path);
}
