/* Copies a queue; a copy that is interrupted leaves nothing. */
#include <signal.h>

#include "db.h"
#include "engine/signals.h"
#include "meter.h"

static volatile sig_atomic_t stop_signal;
static struct store *stoppable;

static void
on_stop(int sig)
{
	stop_signal = sig;
	store_interrupt(stoppable);
}

int
db_backup(struct db_program *d, struct err *err)
{
	struct meter m;
	int code;

	meter_init(&m, d->store);
	stoppable = d->store;
	signals_stop(on_stop);
	code = store_backup(d->store, d->args.argv[1], err);
	meter_clear(&m);
	if (code && stop_signal) {
		store_close(d->store);
		signal_die(stop_signal);
	}
	return code;
}
