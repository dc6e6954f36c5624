/*
 * Signals as something to poll for.  While open, the signals that steer a
 * worker are blocked and wait in a descriptor.
 */
#ifndef IQ_SIGNALS_H
#define IQ_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct signals {
	int fd;			/* readable when one has arrived */
	sigset_t heard;
	sigset_t before;	/* the mask as it was: what a handler gets, but
				 * for XFSZ, which the programs themselves
				 * block */
};

struct signal_heard {
	int number;
	bool from_parent;	/* sent by the parent process */
};

/* Hears the n of these numbers; PIPE is blocked too, so that a write to a
 * reader that went away fails with EPIPE. One at a time in a process. */
int signals_open(struct signals *s, const int *numbers, size_t n,
	struct err *err);
/* Those that have arrived, at most max, without waiting */
size_t signals_read(struct signals *s, struct signal_heard *out, size_t max);
/* They are still not delivered: one that comes late must not change how this
 * process ends. */
void signals_close(struct signals *s);

/* Whoever started us ignores it, as nohup(1) does with HUP. */
bool signal_ignored(int number);
/* TERM, INT and HUP, unless ignored, call the handler, each once: a second one
 * has its usual effect. */
void signals_stop(void (*handler)(int));
/* Stops this process by a signal that is heard (TSTP), as if it were not; until
 * it goes on. */
void signal_stop(int number);
/* Ends this process by the signal, as whoever waits for it has to see. */
_Noreturn void signal_die(int number);

/* A process sent it: kill(2), sigqueue(3) or tgkill(2) */
bool signal_by_process(int si_code);

#endif
