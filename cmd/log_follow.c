/* Following: what comes, also when the queue becomes another one. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "log.h"

#define LOOK_MS 100		/* most changes send no wake-up */

/* A while, or until a worker would be woken; false when nobody reads what we
 * say */
static bool
rest(struct store *s)
{
	struct pollfd fds[] = { { .fd = STDOUT_FILENO },
	    { .fd = s ? store_wake_fd(s) : -1, .events = POLLIN } };

	if (poll(fds, 2, LOOK_MS) > 0 && fds[0].revents & POLLERR)
		return false;
	if (s)
		store_wake_drain(s);
	return true;
}

/* Until there is a queue in the place again */
static int
open_again(struct log_program *p, bool *read, struct err *err)
{
	int code;

	store_close(p->store);
	p->store = NULL;
	do
		code = log_open_queue(p, STORE_READ, err);
	while (code == EX_NOINPUT && (*read = rest(NULL)));
	if (code == EX_NOINPUT)
		code = err->code = 0;
	return code;
}

/* Until somebody has committed, or there is another queue; *read becomes false
 * when nobody reads what we say. */
static int
wait_for_more(struct log_program *p, bool *read, struct err *err)
{
	*read = true;
	while (*read && !store_changed(p->store)) {
		if (store_moved(p->store))
			return open_again(p, read, err);
		*read = rest(p->store);
	}
	return 0;
}

/* What was followed has never been: from the restoring on, or else from the
 * last events on. */
static int
begin_again(struct log_program *p, struct log_anchor *from, struct err *err)
{
	struct buf path = { 0 };
	struct err unknown;
	int64_t seq;
	int code = store_log_restored(p->store, &seq, err);

	if (code == 0 && seq)
		from->seq = seq - 1;
	else if (code == 0)
		code = log_last_events(p, &from->seq, err);
	if (code)
		return code;
	store_log_before(p->store, from->seq + 1, from->hash, &unknown);
	text_escape(&path, bytes_of(store_path(p->store)));
	warn_say("%s: what followed was never in this log; it goes on with "
	    "event %" PRId64, path.p, from->seq + 1);
	buf_release(&path);
	return 0;
}

static int
read_on(struct log_program *p, struct log_anchor *from, log_fn *fn, void *ctx,
	struct err *err)
{
	bool other = false;
	int code = store_log_on(p->store, from, &other, fn, ctx, err);

	while (code == 0 && other) {
		code = begin_again(p, from, err);
		if (code == 0)
			code = store_log_on(p->store, from, &other, fn, ctx,
			    err);
	}
	if (code == EX_NOINPUT && store_moved(p->store))
		code = err->code = 0;
	return code;
}

int
log_follow(struct log_program *p, int64_t after, log_fn *fn, void *ctx,
	struct err *err)
{
	struct log_anchor from = { .seq = after };
	struct err unknown;
	bool read = true;
	int code = 0;

	store_log_before(p->store, after + 1, from.hash, &unknown);
	while (code == 0 && fflush(stdout) == 0 && !ferror(stdout)) {
		code = wait_for_more(p, &read, err);
		if (!read)
			break;
		if (code == 0)
			code = read_on(p, &from, fn, ctx, err);
	}
	return code;
}
