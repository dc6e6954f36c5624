/* Random operations on a queue, and on the reference that it is compared
 * with. */
#ifndef IQ_ACT_H
#define IQ_ACT_H

#include "dice.h"
#include "ledger.h"
#include "store/work.h"

#define ACT_TYPES 8
#define ACT_WORKERS 3
#define ACT_SLOTS 4
#define ACT_SLOT_JOBS 6		/* at most in one slot */

/* A worker with a handle of its own, as if it were another process */
struct act_worker {
	struct store *store;	/* NULL: it is dead */
	int64_t id;		/* of the last one; 0: there was none */
	int locks[ACT_SLOTS];	/* -1: not held. Of a dead one: something
				 * that it started lives */
	struct claimed jobs[ACT_SLOTS][ACT_SLOT_JOBS];
	size_t n[ACT_SLOTS];
	struct arena words[ACT_SLOTS];	/* of their jobs */
	struct turn turn;
};

struct trial {
	uint64_t seed;
	struct dice dice;
	struct ledger ledger;
	struct ledger_type types[ACT_TYPES];
	struct store *store;	/* who enqueues and steers */
	struct act_worker workers[ACT_WORKERS];
	struct clock clock;
	bool went_back;		/* the clock */
	size_t keys;		/* so many are used */
	size_t used_types;	/* types, from the first on */
	size_t slow;		/* turns that a slot keeps its jobs, about */
	long each;		/* operations between two comparisons */
	long operation;
	char doing[200];
	struct {
		long jobs, starts, crashes, comparisons;
	} tally;
};

/* A new queue; and its end */
void trial_begin(struct trial *p);
void trial_end(struct trial *p);
/* One operation.  Ends the program when the store does something else than
 * the reference. */
void act(struct trial *p);
/* The same when any job or count differs, or the queue is not sound */
void compare_jobs(struct trial *p);

/* ---- for its parts ---- */

#define DOING(p, ...) snprintf((p)->doing, sizeof((p)->doing), __VA_ARGS__)

/* There is a difference. */
__attribute__((format(printf, 2, 3), noreturn))
void differs(struct trial *p, const char *fmt, ...);
/* The store failed, where it must not. */
void trial_must(struct trial *p, int code, const struct err *e);
struct store *trial_open(struct trial *p);

/* act_enqueue.c */
void act_enqueue(struct trial *p);
/* act_work.c: a turn of a worker; one dies; is looked after; comes, goes */
void act_turn(struct trial *p);
void act_die(struct trial *p);
void act_reap(struct trial *p);
void act_leave(struct trial *p);
void act_hire(struct trial *p, struct act_worker *w);
/* Forgets what its slot had. */
void act_forget_slot(struct act_worker *w, int slot);
/* act_control.c */
void act_control(struct trial *p);
void act_pause(struct trial *p);
void act_tune(struct trial *p);
void act_prune(struct trial *p);

#endif
