/* What the files of the worker share. */
#ifndef IQ_WORKER_STATE_H
#define IQ_WORKER_STATE_H

#include <poll.h>

#include "base/clock.h"
#include "engine/files.h"
#include "engine/handler.h"
#include "engine/output.h"
#include "engine/progress.h"
#include "engine/signals.h"
#include "engine/tree.h"
#include "engine/usage.h"
#include "engine/worker.h"
#include "store/prune.h"

enum stage {
	SLOT_FREE,
	SLOT_CLAIMED,		/* has jobs that wait for their turn to run */
	SLOT_RUNNING,		/* until the whole tree is gone */
	SLOT_IDLE,		/* a co-process without a job */
	SLOT_OVER,		/* the tree is gone; the rest of its output is
				 * taken when the next one has been started */
	SLOT_ENDED,		/* some of its jobs are still to be handed in */
	SLOT_STAGES
};

enum force {
	FORCE_NONE,
	FORCE_TERM,		/* asked to end; KILL follows */
	FORCE_KILL,
};

struct slot {
	int number;
	enum stage stage;
	enum force force;
	enum order order;	/* of all that has not ended and has none of
				 * its own */
	int lock;		/* descriptor, -1: not started yet */
	int64_t lock_offset;
	bool used;		/* what was started there, by whoever had the
				 * number before a restore, too, may have left
				 * somebody who holds the lock */
	int64_t since;		/* boot: when the stage began */
	int64_t next;		/* boot: timeout, KILL or the next round of
				 * it; 0: nothing to come */
	int64_t pause;		/* ns between rounds */
	struct pids orphans;	/* of its handler, children of ours now */
	struct run run;
	size_t held;		/* jobs that have not been handed in */
	int64_t grace;		/* ns, as the type of its jobs says */
	bool wait_leftovers;
	struct slot *after;	/* in the list of claimed ones */
};

struct heard {
	struct slot *slot;
	enum run_pipe pipe;	/* RUN_PIPES: what a co-process reads */
};

struct worker {
	const struct worker_options *o;
	struct store *store;
	int64_t id;
	int64_t now;		/* boot: worker_read_clock */
	int asked;		/* 0: not yet */
	int wanted;		/* -j, the setting or the cores, as far as
				 * files carry that */
	int limit;		/* how many may run now: fewer after trouble,
				 * until that has gone */
	int64_t lease;
	int64_t grace;		/* what the keeper was told; -1: nothing */

	struct files files;
	struct handler handler;	/* COMMAND */
	struct handlers handlers;	/* without one */
	struct selection selection;
	struct buf cwd;
	struct run_config config;
	struct tree tree;
	struct usage_meter meter;
	struct conditions conditions;	/* each second, and at a turn */
	size_t gauge_slot;	/* modulo nslots: to be looked at next */
	int64_t gauge_at;	/* boot: look at none before */
	struct signals signals;
	struct output out, err;
	int joblog;		/* -1: none */
	struct progress progress;

	struct slot **slots;	/* by number */
	size_t nslots;
	size_t count[SLOT_STAGES];
	struct slot *first, *last;	/* claimed, in the order to start */
	struct turn turn;
	struct lots lots;
	size_t waiting;		/* jobs that were claimed and not started */
	struct hand ended;	/* to be handed in */
	int64_t ended_since;	/* boot: the first of them */
	struct attempt_end *ends;	/* theirs, scratch */
	size_t cap_ends;
	struct pids roots;	/* scratch */
	struct pollfd *polled;	/* scratch of worker_wait */
	struct heard *heard;	/* whose these are, after our own */
	size_t cap_polled;

	double mean;		/* ns a handler runs, moving; 0: not known */
	int64_t sampled;	/* handlers in it */
	bool one;		/* the command takes one job at a time */
	int failures;		/* co-processes, one after the other, that
				 * ended without an answer */
	int64_t replace_at;	/* boot: start none before */

	bool deaf;		/* INT was ignored when we started */
	bool look;		/* something may be ready */
	int64_t look_at;	/* boot: look again then; 0: no */
	int64_t next_tick, next_beat, last_look;	/* boot */
	int64_t began;		/* boot */
	int64_t tidy_at;	/* boot: next chunk of retention */
	int64_t tidy_took;	/* ns: this pass of it, so far */
	struct prune prune;
	int64_t next_trust;	/* boot: look whether the queue is trusted */
	int64_t serve_at;	/* boot: do nothing for others before */
	int64_t hold_until;	/* boot: start nothing before, after trouble */
	bool unsynced;
	struct times_told {
		int directly, by_keeper, counted;
	} told_stop[2];		/* by TERM, by INT */
	int stopping;		/* 1 gracefully, 2 now, 3 without grace */
	int code;		/* what to end with */
	bool full;		/* the disk: nothing new is begun */
	bool told_full;		/* so it was said, and not taken back */
	int64_t trouble_since;	/* boot: with the store, 0 none */
	int64_t give_up;	/* boot: handing in, while stopping */
	bool told;		/* that the store is busy */
	struct err broken;	/* and how it is broken */
	int starved;		/* times, one after the other, that there were
				 * no descriptors for a start, and nothing ran */
	bool rejoin;		/* our row is gone */
	bool drained;		/* there was nothing left when it looked last */
	struct worker_tally *tally;
};

/* ---- worker_slot.c ---- */

/* The slot with this number, made when needed */
struct slot *worker_slot(struct worker *w, int number);
void slot_enter(struct worker *w, struct slot *s, enum stage stage);
/* Claimed, not started: to the end of the list, or off its front (NULL) */
void slot_queue(struct worker *w, struct slot *s);
struct slot *slot_unqueue(struct worker *w);
/* The next free slot (NULL: the first) that no leftovers of a handler hold */
struct slot *slot_next_free(struct worker *w, const struct slot *after);
/* Takes the lock of a claimed slot, once.  Its job is safe until then: nothing
 * is taken from a worker that lives.  0 and s->lock -1: held by leftovers. */
int slot_lock(struct worker *w, struct slot *s, struct err *err);
/* The same, for a handler that starts now; says why when it is not to be had. */
bool slot_hold(struct worker *w, struct slot *s);
void slot_free(struct worker *w, struct slot *s);
void slots_release(struct worker *w);

/* ---- worker_reap.c ---- */

/* Waits for who has ended, finds out whose the orphans are, and moves slots
 * whose tree is gone to SLOT_OVER. */
void worker_reap(struct worker *w);
/* Timeouts, KILL after the grace, rounds of KILL: what is due */
void worker_deadlines(struct worker *w);
/* Its handler has ended a job by an answer. */
void slot_end_attempt(struct worker *w, struct slot *s, struct attempt *a);
/* TERM to its tree, and KILL after the grace */
void slot_terminate(struct worker *w, struct slot *s);
int64_t slot_grace(const struct worker *w, const struct slot *s);
/* The timeout that holds for a job, 0: none */
int64_t attempt_timeout(const struct worker *w, const struct attempt *a);
/* Ends the tree of a running slot, and so all of its jobs; what is claimed only
 * is over when its turn comes. */
void slot_stop(struct worker *w, struct slot *s, enum order why);
/* The same for one of its jobs: others go back. */
void slot_order(struct worker *w, struct slot *s, struct attempt *a,
	enum order why);
void slot_kill(struct worker *w, struct slot *s);
/* Tells the keeper the longest grace of what runs; s has just been started. */
void slot_tell_grace(struct worker *w, const struct slot *s);
/* Each second: what was long may have ended. */
void worker_tell_grace(struct worker *w);
/* Takes and prints its output, ends its jobs: to SLOT_ENDED. */
void slot_wrap_up(struct worker *w, struct slot *s);
/* All that are SLOT_OVER */
void worker_wrap_up(struct worker *w);
/* Its handler has said how some of its jobs have ended. */
void slot_take_answers(struct worker *w, struct slot *s);

/* Its first process, while it has not been waited for, and its orphans: into
 * w->roots */
void slot_roots(struct worker *w, const struct slot *s);

/* ---- worker_gauge.c ---- */

/* Each second: how busy the machine is, and what handlers that have run for as
 * long take */
void worker_look_around(struct worker *w);

/* ---- worker_hand.c ---- */

/* Off its slot's hand, or never started: to be handed in */
void attempt_ended(struct worker *w, struct attempt *a);
/* Off its slot's hand: it cannot be said in a line, which is wrong with it. */
void attempt_refuse(struct worker *w, struct attempt *a, const char *why);
/* The last jobs of a claimed slot go back until it has n, and before these what
 * was ordered not to start. */
void slot_keep(struct worker *w, struct slot *s, size_t n);
/* No job of its own is left to start or to run: to SLOT_ENDED, or free. */
void slot_ended(struct worker *w, struct slot *s);
/* Fills w->ends with what is to be handed in; *n of them */
void ends_gather(struct worker *w, size_t *n);
/* They have been: w->turn.fates says what became of them. */
/* Finished jobs of which the queue has not heard */
size_t ends_unrecorded(const struct worker *w);
void ends_take_fates(struct worker *w, size_t n);

/* ---- worker_ask.c ---- */

/* Whether it is time to hand in or to claim */
bool turn_wanted(const struct worker *w);
/* When it will be, at the latest (boot); 0: not by waiting */
int64_t turn_due(const struct worker *w);
/* How many slots that have no job should get some */
size_t ask_places(const struct worker *w);
/* What to ask for: jobs for so many free slots at most, and for co-processes;
 * the caller frees them. */
struct slot_request *ask_for(struct worker *w, size_t places, size_t *asked);
/* Whether all is done, and the last co-process has ended */
bool worker_finished(struct worker *w);

/* ---- worker_turn.c ---- */

int worker_turn(struct worker *w, struct err *err);
/* Starts claimed jobs while there is room. */
void worker_start(struct worker *w);
/* Makes the next ones ready, so that they start without delay. */
void worker_prepare(struct worker *w);
/* Jobs that are claimed but not started go back; of that type, NULL: all. */
void worker_give_back(struct worker *w, const char *type);
/* So do those that co-processes have and do not know of, when it is time, and
 * idle ones end that are too many. */
void worker_take_back(struct worker *w);
/* When they should, at the latest (boot); 0: there are none */
int64_t give_back_at(const struct worker *w);

/* ---- worker_coproc.c ---- */

/* How many jobs it may be given now; 0 when it has enough */
int coproc_room(const struct slot *s);
/* Whether the job is still to be answered, now that it has been listened to */
bool coproc_has(struct worker *w, struct slot *s, const struct attempt *a);
/* One that it does not know of ends. */
void coproc_drop(struct worker *w, struct slot *s, struct attempt *a);
/* It has new jobs, or room for what is to be written. */
void coproc_feed(struct worker *w, struct slot *s);
/* Takes in what it has said. */
void coproc_hear(struct worker *w, struct slot *s);
/* It gets no more, and ends when it has answered. */
void coproc_close(struct worker *w, struct slot *s);
/* A deadline of its has come (s->next). */
void coproc_due(struct worker *w, struct slot *s);
/* Before it is told to end: what it has answered until then counts. */
void coproc_last_words(struct worker *w, struct slot *s);
/* Its tree is gone: ends its jobs. */
void coproc_over(struct worker *w, struct slot *s);
/* Jobs that it does not know of go back, or those for which this is time. */
void coproc_take_back(struct worker *w, struct slot *s);
/* Whether its jobs are so long that the sizes of their files may be asked for;
 * yes where it is no co-process */
bool coproc_looks(const struct slot *s);
/* Whether it is a co-process with jobs of that type */
bool coproc_runs(const struct slot *s, const char *type);
/* When, at the latest (boot); 0: there are none */
int64_t coproc_take_back_at(const struct slot *s);
/* Each job that was answered since the last time gets its part of what was
 * used. */
void coproc_count(struct worker *w, struct slot *s);

/* ---- worker_answers.c ---- */

/* Takes in what has come in so many reads at most. False: it has closed its
 * stdout. */
bool coproc_listen(struct worker *w, struct slot *s, int reads);

/* ---- worker_wait.c ---- */

struct happened {
	bool signal;		/* signals_read has something */
	bool wake;		/* store_wake_drain, too */
};

/* Sleeps until something happens or it is time (boot ns), writes what waits to
 * be written, and takes in what handlers have written. */
void worker_wait(struct worker *w, int64_t until, struct happened *h);
/* Erases the bar, before anything else is printed; draws it when it is time. */
void worker_make_way(struct worker *w);
void worker_draw(struct worker *w);

/* ---- worker_orders.c ---- */

/* The store says no: claims and starts nothing for a second, or stops, as the
 * reason passes or not (code). */
void worker_trouble(struct worker *w, const struct err *err);
/* The disk is: until there is room nothing is begun. */
void worker_full(struct worker *w);
void worker_look_for_room(struct worker *w);
void worker_well(struct worker *w);
/* The same, and no more at once than run now: there were not enough processes
 * or descriptors.  But when our limit of these is too low even for one, and
 * nothing that runs could give some back, there will be none later. */
void worker_run_short(struct worker *w, const struct err *err);
/* Each second: a few more than that */
void worker_recover(struct worker *w);
/* No job can be run any more: stops with err's code. */
void worker_fail(struct worker *w, const struct err *err);
/* This job could not be started, for no fault of its own. */
void worker_cannot(struct worker *w, const struct claimed *job,
	const struct err *err);
/* Each second, without COMMAND: whether what is stored may still be run, and
 * what could not be can be now */
void worker_look_at_handlers(struct worker *w);
/* -j, else the setting `workers`, else the cores; no more than files carry */
void worker_read_limit(struct worker *w);
/* 1: start nothing more; 2: end what runs and give it back; 3: by KILL */
void worker_stop(struct worker *w, int level);
void worker_take_signals(struct worker *w);
/* What the operator wants of single jobs */
void worker_take_orders(struct worker *w);
void worker_obey(struct worker *w, struct orders *orders);

/* ---- worker_tidy.c ---- */

/* When it is time for some housekeeping (boot); 0: not by waiting */
int64_t tidy_at(const struct worker *w);
/* Some of it, when it is time */
void worker_tidy(struct worker *w);
/* Before leaving a drained queue, for a short time */
void worker_tidy_up(struct worker *w);

/* ---- worker_leave.c ---- */

/* Out of the queue, when all is done; 74 where something was not printed */
int worker_leave(struct worker *w, struct err *err);

/* ---- worker_result.c ---- */

/* Each second: the queue is told how far handlers are. */
int worker_tell_progress(struct worker *w, struct err *err);

/* Prints what a handler wrote, in group mode. */
void result_print(struct worker *w, struct slot *s);
/* A line in the job log; without it the worker stops. */
void result_log(struct worker *w, const struct attempt *a);
/* The result object of --json */
void result_object(struct worker *w, const struct attempt_end *e,
	const struct attempt_fate *f);

/* Puts in what was posted, after store_wake_drain; the store's errors */
int worker_serve(struct worker *w, struct err *err);

void worker_say(struct worker *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Once a round, and after what may have taken long */
/* Slots that have a process */
static inline size_t
slots_alive(const struct worker *w)
{
	return w->count[SLOT_RUNNING] + w->count[SLOT_IDLE];
}

/* It has a process. */
static inline bool
slot_lives(const struct slot *s)
{
	return s->stage == SLOT_RUNNING || s->stage == SLOT_IDLE;
}

static inline void
worker_read_clock(struct worker *w)
{
	w->now = clock_boot(&clock_system);
}

#endif
