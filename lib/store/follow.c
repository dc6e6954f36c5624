/* What is enqueued because an attempt has succeeded: in its transaction, so
 * that it is there once when the job has ended, and else not at all. */
#include <stdio.h>
#include <stdlib.h>

#include "store/claim.h"
#include "store/enqueue.h"

static int
enqueue_all(struct store *s, const struct record *v, size_t n, bool no_key,
	struct attempt_fate *fate, struct err *err)
{
	/* A worker that waited for room would be what keeps it from being
	 * made. */
	const struct enqueue_options o = { .max_queue = STORE_UNBOUNDED,
	    .no_key = no_key };
	struct enqueue_result *results = mem_zero(n + 1, sizeof(*results));
	int code = enqueue_records(s, &o, v, &n, results, err);

	for (size_t i = 0; i < n && code == 0; i++) {
		bool circle = results[i].what == ENQUEUED_CIRCLE;

		if (!circle && results[i].what != ENQUEUED_NO_PARENT)
			continue;
		snprintf(fate->refused, sizeof(fate->refused), "enqueue, "
		    "record %zu: it is to run after a job that %s", i + 1,
		    circle ? "waits for it" : "does not exist");
		code = FOLLOW_REFUSED;
	}
	free(results);
	return code;
}

int
follow_up(struct store *s, const struct attempt_end *e,
	struct attempt_fate *fate, struct err *err)
{
	int code = 0;

	if (e->nfollow)
		code = enqueue_all(s, e->follow, e->nfollow, false, fate, err);
	if (code == 0 && e->then)
		code = enqueue_all(s, e->then, 1, e->then->key.p == NULL, fate,
		    err);
	return code;
}
