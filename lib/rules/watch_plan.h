/*
 * When to watch and when to look: the decisions of iq-watch, without its means.
 *
 * A child tells what happens.  As long as it does and nothing speaks against
 * it, everything is covered; then a look at everything now and then is only for
 * safety.  Whatever may have been missed is a doubt, and all doubts end alike:
 * another child is started, and once it watches, everything is looked at.
 *
 *	            start           ready
 *	no child ---------> starting -----> covered
 *	    ^   <---------     ^  |            |
 *	    |      failed      |  | failed     | doubt
 *	    |                  |  v            v
 *	    +---- ended ----- in doubt <-------+
 *
 * A child of which nobody knows what it watches may leave out something without
 * any doubt: the looks for safety are closer together then.
 *
 * While it is not covered, everything is looked at now and then as well.  The
 * first few children follow each other at once; then each waits twice as long
 * as the one before, until one has lasted.
 */
#ifndef IQ_WATCH_PLAN_H
#define IQ_WATCH_PLAN_H

#include <stdbool.h>
#include <stdint.h>

/* What events there are of. The values are stored. */
enum watch_coverage {
	WATCH_NONE = 0,		/* no events */
	WATCH_UNVERIFIED = 1,	/* events, and nobody knows of what */
	WATCH_PARTIAL = 2,	/* not of some directories, which are looked at
				 * now and then */
	WATCH_VERIFIED = 3,	/* of every directory */
};

const char *watch_coverage_name(enum watch_coverage c);

struct watch_plan_options {
	bool events;		/* else there is never a child */
	int64_t rescan;		/* ns between looks when covered; a tenth
				 * when that is not verified */
	int64_t fallback;	/* and when not */
};

/* Times are of one clock that does not go backwards. */
struct watch_plan {
	struct watch_plan_options options;
	bool child;		/* one watches, in doubt or not */
	bool starting;		/* another one is */
	bool verified;		/* what it watches is known */
	bool doubt;
	bool again;		/* of the one that is starting, too */
	const char *why;	/* the doubt; static text */
	int tries;		/* in a row that were not to last */
	int64_t start_at;	/* not before */
	int64_t give_up_at;	/* the one that is starting */
	int64_t ready_at;	/* when it was ready; the last one */
	int64_t look_at;	/* INT64_MAX: not until ready */
	int64_t rest_until;	/* no look before, so that they take their
				 * part of the time only */
	bool urgent;		/* but for the next one */
	int64_t looked_at;	/* when the last one began */
	bool looking;
};

enum watch_step {
	WATCH_WAIT,		/* until *due, or until something happens */
	WATCH_START,		/* a child, now */
	WATCH_GIVE_UP,		/* the one that is starting: it hangs */
	WATCH_LOOK,		/* at everything, now */
};

void watch_plan_init(struct watch_plan *p, const struct watch_plan_options *o,
	int64_t now);
/* What to do now.  The owner does it and says so by one of those below. */
enum watch_step watch_plan_next(const struct watch_plan *p, int64_t now,
	int64_t *due);

/* Something may have been missed. */
void watch_plan_doubt(struct watch_plan *p, int64_t now, const char *why);
/* The same, but what kept children from starting may be over, and nothing rests
 * when there are none. */
void watch_plan_retry(struct watch_plan *p, int64_t now, const char *why);
/* A child is starting, */
void watch_plan_started(struct watch_plan *p, int64_t now);
/* and watches now, instead of the one before; */
void watch_plan_ready(struct watch_plan *p, int64_t now);
/* or it does not, and the one before is ended, too. */
void watch_plan_failed(struct watch_plan *p, int64_t now, const char *why);
/* The one that watched has ended. */
void watch_plan_ended(struct watch_plan *p, int64_t now, const char *why);
/* What it watches is known to be all that is to be watched, or not. */
void watch_plan_verified(struct watch_plan *p, int64_t now, bool verified);
/* Another time between looks for safety */
void watch_plan_rescan(struct watch_plan *p, int64_t now, int64_t rescan);
/* There will be no child any more. */
void watch_plan_without(struct watch_plan *p, int64_t now);
/* A look begins, and has come to its end (or not: another one is due soon). */
void watch_plan_looking(struct watch_plan *p, int64_t now);
void watch_plan_looked(struct watch_plan *p, int64_t now, bool whole);
/* Look at everything, not later than that, unless looks have to rest. */
void watch_plan_look_by(struct watch_plan *p, int64_t at);

/* What happens from now on is told. */
bool watch_plan_covered(const struct watch_plan *p);
/* A look is due, so that nothing else needs to be remembered. */
bool watch_plan_look_due(const struct watch_plan *p, int64_t now);

#endif
