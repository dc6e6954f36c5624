/* The programs of a storm: who puts jobs in, and workers with each kind of
 * handler for the jobs of type storm and for those that follow them.  All work
 * in the current directory. */
#ifndef IQ_CREW_H
#define IQ_CREW_H

#include "child.h"
#include "dice.h"

/* Takes JSON records of that type and prints their ids; errors go to
 * enqueue.err. */
void crew_enqueuer(struct child *c, const char *type);
/* after: for what follows.  cap: of type storm, 0: none.  Errors go to
 * work.err. */
void crew_worker(struct child *c, bool after, long cap, struct dice *dice);
/* Runs all that is left, then what follows it: 0, or what a worker exited
 * with.  Errors go to last.err. */
int crew_work_off(long cap);

#endif
