/*
 * Whose turn it is: which lane the next claim takes from.
 *
 * The highest priority first.  Within a priority types share by weight, with
 * start-time fair queueing (P. Goyal, H. M. Vin, H. Cheng, SIGCOMM 1996): a
 * job starts at S = max(v, F), where F is the virtual time at which the one
 * before it of its type ended and v that at which the last one of its
 * priority started, and ends at S + cost / weight; who has the lowest F is
 * next.  So no type gets more than one job ahead of another, and one that had
 * nothing to do, or could not, gets no credit for it.  v is not kept by
 * itself: it is the latest S of all lanes.
 *
 * A "job" there is all that a slot is given at once, which the one whose turn
 * it is takes ahead of others: S is that of the first.  With the S of the
 * others v would pass those who wait, and they would lose what they are due.
 *
 * The cost of a job is the time for which it keeps a slot, in seconds, of a
 * batch its part.  It is known when the job has ended, so the exponential
 * average of those before it is charged at its start, and the difference when
 * it has ended: of many jobs at once the average would know nothing yet.
 *
 * A priority that ageing has made as urgent as another one competes with it by
 * the age of the first job alone, for virtual times of different priorities
 * have nothing to do with each other.
 *
 * With the scheduler "fair" a type's lanes of small and of large input share
 * its part 3:1; with "simple" they are one queue, in order of id.
 */
#ifndef IQ_TURN_H
#define IQ_TURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of the setting's words */
enum scheduler { SCHEDULER_SIMPLE, SCHEDULER_FAIR };

#define TURN_PRIORITIES 5
#define TURN_CLASSES 2
#define TURN_NOBODY (-1)

/* Size class of an input of that many bytes: 1 from 10 MiB on; negative, not
 * known: 0 */
int turn_class(int64_t bytes);

struct turn_lane {
	int64_t id;
	int priority;		/* 1 first, to TURN_PRIORITIES */
	int level;		/* priority that it counts as: turn_level */
	int64_t eligible;	/* since when its first job could start */
	int large;		/* its size class */
	int sibling;		/* index of the same type's and priority's lane
				 * of the other class, or TURN_NOBODY */
	int64_t ready;		/* jobs that could start */
	double weight;		/* of its type, above 0 */
	double cost;		/* of a job, in s; 0: none has ended yet */
	double vtime;		/* F */
	double start;		/* the last S */
	bool held;		/* paused, capped ...: passed over */
	bool elsewhere;		/* cannot go where we are filling, but could
				 * start: what is less urgent must not go first */
};

struct turn_order {
	struct turn_lane *lanes;
	size_t n;
	enum scheduler scheduler;
	double clock[TURN_PRIORITIES + 1];	/* v of each priority */
	double known;		/* sum of the costs that are known, */
	size_t nknown;		/* and how many that are */
};

/* ---- before the first choice ---- */

/* Of every lane that could be chosen if it had jobs */
void turn_see(struct turn_order *t, int priority, double start, double cost);
/* When all lanes are there, and their siblings are known */
void turn_begin(struct turn_order *t);

/* ---- choosing ---- */

/* Index of the lane to take from, or TURN_NOBODY when all are empty, held or
 * elsewhere.  Ties go to the lower id. */
int turn_choose(const struct turn_order *t);
/* A lane that is elsewhere has to go before the k-th. */
bool turn_outranked(const struct turn_order *t, int k);
/* Takes one job of the k-th lane: its tags move on.  first: of what a slot is
 * given at once.  What it is charged, in s. */
double turn_take(struct turn_order *t, int k, bool first);
/* Virtual time that one of its jobs is */
double turn_charge(const struct turn_order *t, int k);

/* ---- ageing ---- */

/* The priority that a job counts as that has waited so long: one step more
 * urgent for each aging (ns; 0: none) */
int turn_level(int priority, int64_t waited, int64_t aging);

/* ---- costs ---- */

/* What was measured, for an average that is elsewhere: that becomes
 * (1 - forget) * average + add, or first where there was none.  All 0: nothing
 * was. */
struct turn_average {
	double forget, add, first;
};

/* n more jobs, which cost that much each (s) */
void turn_measured(struct turn_average *a, double cost, size_t n);
double turn_average(const struct turn_average *a, double before);

/* ---- starvation ---- */

/* What a lane with ready jobs got */
struct turn_service {
	double share;		/* of all service, that would be fair: 0 to 1 */
	double slots;		/* that serve, all together */
	double waited;		/* s, since it was served last, or since then
				 * had something to do */
	double got;		/* s that it was given then */
	double longest;		/* s that a job costs, of those who had them */
};

/* It got less than a tenth of its fair share, for so long that it is not for
 * jobs that take long. *percent: of its share, at most */
bool turn_starved(const struct turn_service *v, double *percent);

#endif
