#include <string.h>

#include "opt.h"
#include "store/read.h"
#include "wait.h"

/* Until then a worker may be about to start. */
#define TELL_AFTER (2 * NS_PER_S)
#define NOT_STARTED (1u << STATE_READY | 1u << STATE_DELAYED | \
	1u << STATE_WAITING)

static void
tell_unserved(void *ctx, const char *code, const char *sentence)
{
	const struct wait *w = ctx;

	if (strcmp(code, "no_worker") == 0)
		warn_say("%s: %s", w->what, sentence);
}

static int
keep_id(void *ctx, const struct job *j)
{
	*(int64_t *)ctx = j->id;
	return 1;
}

static void
tell(struct store *s, struct wait w)
{
	struct job_filter f = { .ids = w.ids, .nids = w.n,
	    .group = w.group, .states = NOT_STARTED };
	struct err ignored;
	int64_t id = 0;

	store_list(s, &f, keep_id, NULL, &id, &ignored);
	if (id)
		store_why(s, id, tell_unserved, &w, &ignored);
}

int
wait_for(struct store *s, const struct wait *w, enum state *ends,
	size_t *failed, struct err *err)
{
	int64_t now = clock_boot(&clock_system);
	int64_t until = w->timeout ? clock_after(now, w->timeout) : 0;
	bool tells = !w->timeout || w->timeout > TELL_AFTER;
	int code = store_wait(s, w->ids, w->n, w->group, tells ?
	    now + TELL_AFTER : until, ends, failed, err);

	if (code == EX_TEMPFAIL && tells) {
		tell(s, *w);
		code = store_wait(s, w->ids, w->n, w->group, until, ends,
		    failed, err);
	}
	return code;
}
