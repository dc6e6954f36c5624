/* How a worker leaves its queue. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "engine/worker_state.h"

#define PATIENCE (30 * NS_PER_S)

/* Who is told again does not wait for the turn: whoever comes next takes away
 * the row of a worker that has gone. */
static int
leave_queue(struct worker *w, struct err *err)
{
	int64_t end = w->now + PATIENCE;
	struct happened h;
	int code;

	do {
		code = store_worker_leave(w->store, w->id, err);
		worker_wait(w, 0, &h);
		if (h.signal)
			worker_take_signals(w);
	} while (code == EX_TEMPFAIL && w->stopping < 2 && w->now < end);
	return code == EX_TEMPFAIL && w->stopping >= 2 && w->ended.n == 0 ?
		0 : code;
}

/* Nothing is known of them to who comes after us. why: it could not leave */
static bool
tell_of_losses(struct worker *w, int why)
{
	size_t n = ends_unrecorded(w);

	if (n == 0)
		return false;
	worker_say(w, "%zu finished job%s could not be recorded and will run "
		"again", n, n == 1 ? "" : "s");
	if (w->code == 0)
		w->code = why != 0 ? why : EX_IOERR;
	return true;
}

static int
check_printed(const struct worker *w, struct err *err)
{
	if (w->out.n + w->err.n > 0)
		return err_set(err, EX_IOERR, "write to stdout: stopped, and "
			"%" PRId64 " bytes were not written",
			w->out.waiting + w->err.waiting);
	if (w->code != 0 || !w->out.failed || w->out.failed == EPIPE ||
	    output_hung_up(&w->out))
		return 0;
	errno = w->out.failed;
	return err_errno(err, EX_IOERR, "write to stdout");
}

int
worker_leave(struct worker *w, struct err *err)
{
	int code = leave_queue(w, err);

	/* for the same reason, and that was said */
	if (tell_of_losses(w, code))
		code = 0;
	if (code == 0)
		code = store_sync(w->store, err);
	if (code == 0 && w->o->drain != DRAIN_NO && !w->drained)
		code = store_backlog(w->store, &w->selection,
			&w->tally->left, err);
	if (code == 0)
		code = check_printed(w, err);
	worker_make_way(w);
	return code;
}
