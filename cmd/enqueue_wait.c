/* --wait of iq-enqueue. */
#include <string.h>

#include "enqueue_wait.h"
#include "opt.h"
#include "store/read.h"

/* Until then a worker may be about to start. */
#define TELL_AFTER (2 * NS_PER_S)

static void
tell_unserved(void *ctx, const char *code, const char *sentence)
{
	(void)ctx;
	if (strcmp(code, "no_worker") == 0)
		warn_say("--wait: %s", sentence);
}

int
enqueue_wait(struct store *s, const int64_t *ids, size_t n, int64_t timeout,
	struct err *err)
{
	int64_t now = clock_boot(&clock_system);
	int64_t until = timeout ? clock_after(now, timeout) : 0;
	bool tells = !timeout || timeout > TELL_AFTER;
	struct err why;
	size_t failed = 0;
	int code = store_wait(s, ids, n, BYTES_NONE, tells ? now + TELL_AFTER :
	    until, NULL, &failed, err);

	if (code == EX_TEMPFAIL && tells) {
		store_why(s, ids[n - 1], tell_unserved, NULL, &why);
		code = store_wait(s, ids, n, BYTES_NONE, until, NULL, &failed,
		    err);
	}
	return code ? code : failed ? 1 : 0;
}
