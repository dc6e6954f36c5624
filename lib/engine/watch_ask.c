/* Names to be looked at: those that were released, by directory. */
#include <stdlib.h>
#include <string.h>

#include "engine/watch_internal.h"

static int
compare_asks(const void *a, const void *b)
{
	const struct watch_ask *x = a, *y = b;
	int order = (x->root > y->root) - (x->root < y->root);

	if (order == 0)
		order = bytes_compare(x->key, y->key);
	return order ? order : bytes_compare(x->name, y->name);
}

static void
add_ask(struct watch *w, size_t root, struct bytes below)
{
	struct bytes copy = arena_copy(&w->arena, below);
	const char *slash = memrchr(copy.p, '/', copy.n);
	size_t n = slash ? (size_t)(slash - copy.p) : 0;
	char *p = (char *)(uintptr_t)copy.p;

	if (w->nasks == w->cap_asks) {
		w->cap_asks = w->cap_asks ? 2 * w->cap_asks : 64;
		w->asks = mem_grow(w->asks, w->cap_asks, sizeof(*w->asks));
	}
	for (size_t i = 0; i < n; i++)
		if (p[i] == '/')
			p[i] = '\0';
	w->asks[w->nasks++] = (struct watch_ask){ root, { copy.p, n },
	    { copy.p + n + (slash != NULL), copy.n - n - (slash != NULL) } };
}

/* Of every root that it is below */
static void
add_asks(struct watch *w, struct bytes path)
{
	for (size_t i = 0; i < w->nroots; i++) {
		struct bytes root = w->roots[i].scan.state->root;

		if (path.n > root.n + 1 && path.p[root.n] == '/' &&
		    memcmp(path.p, root.p, root.n) == 0)
			add_ask(w, i, (struct bytes){ path.p + root.n + 1,
			    path.n - root.n - 1 });
		else if (bytes_equal(path, root))
			watch_plan_look_by(&w->plan, w->now);
	}
}

void
watch_take_set(struct watch *w, struct debounce *set, bool done)
{
	struct bytes content;

	arena_reset(&w->arena);
	w->nasks = w->at = 0;
	w->settle = done ? WATCH_SETTLE : -1;
	w->since = w->now;
	w->tries = 0;
	while (w->nasks < WATCH_TOGETHER && debounce_first(set, &content)) {
		add_asks(w, content);
		debounce_drop(set);
	}
	if (w->nasks > 0)
		qsort(w->asks, w->nasks, sizeof(*w->asks), compare_asks);
}

/* Of one that is known not to be watched there is no point in
 * looking at it before it is, for some time.  Those that are hopeless are looked
 * at by themselves: what is below the others has all of its tries. */
void
watch_take_dirs(struct watch *w)
{
	struct bytes content;
	struct watch_wait wait;
	int tries;

	arena_reset(&w->arena);
	w->nasks = w->at = 0;
	w->settle = -1;
	w->tries = 0;
	for (size_t n = w->dirs.nreleased; n > 0 && w->nasks < WATCH_TOGETHER &&
	    debounce_first(&w->dirs, &content); n--) {
		memcpy(&wait, content.p, sizeof(wait));
		tries = wait.tries < WATCH_TRIES ? 0 : WATCH_TRIES;
		if (w->nasks > 0 && tries != w->tries)
			break;
		content = arena_copy(&w->arena, (struct bytes){
		    content.p + sizeof(wait), content.n - sizeof(wait) });
		debounce_drop(&w->dirs);
		if (wait.mark && tries == 0 &&
		    !cover_has(&w->cover, wait.mark)) {
			watch_put_dir(w, content, wait.tries + w->step,
			    wait.mark);
			continue;
		}
		w->tries = tries;
		add_asks(w, content);
	}
	if (w->nasks > 0)
		qsort(w->asks, w->nasks, sizeof(*w->asks), compare_asks);
}

/* What is never quiet is not waited for without end. */
void
watch_take_young(struct watch *w)
{
	const struct debounce_options *o = &w->changes.options;
	int64_t patience = o->window < o->max_delay ? o->window :
	    o->max_delay;
	struct bytes content;
	int64_t since;

	arena_reset(&w->arena);
	w->nasks = w->at = 0;
	w->since = w->now;
	w->tries = 0;
	while (w->nasks < WATCH_TOGETHER && debounce_first(&w->young,
	    &content)) {
		memcpy(&since, content.p, sizeof(since));
		w->since = since < w->since ? since : w->since;
		add_asks(w, (struct bytes){ content.p + sizeof(since),
		    content.n - sizeof(since) });
		debounce_drop(&w->young);
	}
	w->settle = w->now - w->since < patience ? WATCH_SETTLE : 0;
	if (w->nasks > 0)
		qsort(w->asks, w->nasks, sizeof(*w->asks), compare_asks);
}

/* Those of the same directory, each once */
void
watch_next_ask(struct watch *w)
{
	const struct watch_ask *first = &w->asks[w->at], *a = first;
	const struct watch_ask *end = w->asks + w->nasks;
	size_t n = 0;

	for (; a < end && n < WATCH_TOGETHER && a->root == first->root &&
	    bytes_equal(a->key, first->key); a++)
		if (n == 0 || !bytes_equal(w->names[n - 1], a->name))
			w->names[n++] = a->name;
	w->ask = (struct scan_ask){ first->key, w->names, n, w->settle };
	if (w->settle > 0 && (w->changes.options.window == 0 || w->hurry))
		w->ask.settle = 0;
	w->scanning = &w->roots[first->root];
	w->at = (size_t)(a - w->asks);
}
