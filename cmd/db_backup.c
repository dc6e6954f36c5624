/* Copies a queue; a copy that is interrupted leaves nothing. */
#include <signal.h>

#include "db.h"
#include "meter.h"

static volatile sig_atomic_t stop_signal;
static struct store *stoppable;

static void
on_stop(int sig)
{
	stop_signal = sig;
	store_interrupt(stoppable);
}

/* A second one has its usual effect; what nohup(1) or the shell ignores for us
 * stays ignored. */
static void
catch_stops(struct store *s)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction now, sa = { .sa_handler = on_stop,
	    .sa_flags = SA_RESETHAND };

	stoppable = s;
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN)
			sigaction(signals[i], &sa, NULL);
}

int
db_backup(struct db_program *d, struct err *err)
{
	struct meter m;
	int code;

	meter_init(&m, d->store);
	catch_stops(d->store);
	code = store_backup(d->store, d->args.argv[1], err);
	meter_clear(&m);
	if (code && stop_signal) {
		store_close(d->store);
		signal(stop_signal, SIG_DFL);
		raise(stop_signal);
	}
	return code;
}
