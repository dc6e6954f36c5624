/* What the long verbs share: they tell how far they are, and a signal that
 * asks to stop ends them. */
#include <signal.h>

#include "db.h"
#include "engine/signals.h"

static volatile sig_atomic_t stop_signal;
static struct store *stoppable;

static void
on_stop(int sig)
{
	stop_signal = sig;
	store_interrupt(stoppable);
}

void
db_long_begin(struct db_program *d, int64_t bytes)
{
	meter_init(&d->meter, d->store, bytes);
	stoppable = d->store;
	signals_stop(on_stop);
}

bool
db_stopped(void)
{
	return stop_signal != 0;
}

int
db_long_end(struct db_program *d, int code)
{
	meter_clear(&d->meter);
	if (code && stop_signal) {
		store_close(d->store);
		signal_die(stop_signal);
	}
	return code;
}
