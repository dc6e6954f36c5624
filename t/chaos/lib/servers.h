/* Workers that only put in what others have posted; they are killed and
 * stopped, and their keepers end with them. */
#ifndef IQ_SERVERS_H
#define IQ_SERVERS_H

#include <stdbool.h>
#include <stdint.h>

#include "child.h"
#include "dice.h"

#define SERVERS_MAX 8

struct servers {
	long n;			/* set by the owner */
	long kills, stops;
	struct server {		/* an iq-work and its keeper */
		struct child child;
		pid_t stopped;	/* the worker, 0: none is */
		int64_t until;	/* boot */
	} v[SERVERS_MAX];
};

/* Of queue.db, in the current directory; errors go to work.err. */
void servers_start(struct servers *s);
/* Kills or stops one of them; false: it found none. */
bool servers_hit(struct servers *s, struct dice *d);
/* Those whose stop is over go on. */
void servers_go_on(struct servers *s, int64_t now);
/* This child has ended; again: another one takes its place. */
void servers_bury(struct servers *s, pid_t pid, bool again);
/* Asks them to end; how many have not. */
long servers_end(struct servers *s);

#endif
