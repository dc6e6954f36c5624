#include "engine/watch_internal.h"

#include <stdlib.h>

#include "tap.h"

/* How many directories are asked for together */
static int64_t
taken(struct watch *w)
{
	watch_take_dirs(w);
	return (int64_t)w->nasks;
}

/* A directory that will never be watched does not take away the patience with
 * those that were made at the same time. */
static void
hopeless(void)
{
	struct debounce_options o = { .batch = 100, .max_records = 100,
	    .max_bytes = 1 << 20 };
	struct scan_state state = { .root = bytes_of("/r") };
	struct watch_root root = { .scan.state = &state };
	struct watch w = { .roots = &root, .nroots = 1,
	    .plan.look_at = INT64_MAX };

	cover_init(&w.cover);
	debounce_init(&w.dirs, &o, (struct hash_key){ 0 });
	watch_put_dir(&w, bytes_of("/r/new"), 0, 0);
	watch_put_dir(&w, bytes_of("/r/new too"), 0, 0);
	watch_put_dir(&w, bytes_of("/r/hole"), WATCH_TRIES, 0);
	watch_put_dir(&w, bytes_of("/r/other hole"), WATCH_TRIES, 0);
	watch_put_dir(&w, bytes_of("/r/late"), 0, 0);
	debounce_flush(&w.dirs);
	is_int(taken(&w), 2, "new directories");
	is_int(w.tries, 0, "have all their tries");
	is_int(taken(&w), 2, "holes");
	is_int(w.tries, WATCH_TRIES, "have none");
	is_int(taken(&w), 1, "another new one");
	is_int(w.tries, 0, "has all of them");
	is_int(taken(&w), 0, "that was all");
	debounce_release(&w.dirs);
	cover_release(&w.cover);
	arena_release(&w.arena);
	free(w.asks);
}

int
main(void)
{
	hopeless();
	return done();
}
