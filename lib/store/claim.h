/* Private to the files that do a worker's part: claiming, finishing, and what
 * follows when a worker dies. */
#ifndef IQ_CLAIM_H
#define IQ_CLAIM_H

#include "base/proc.h"
#include "store/internal.h"

/* What the operator wants of a running job: job.ordered */
enum ordered { ORDERED_NOTHING, ORDERED_KILL, ORDERED_RELEASE };

/* One attempt's end inside the open transaction; its lease stays. */
int finish_attempt(struct store *s, int64_t worker,
	const struct attempt_end *e, struct attempt_fate *fate,
	struct err *err);
/* All that a turn hands in, and their leases */
int finish_attempts(struct store *s, const struct turn_request *r,
	struct attempt_fate *fates, struct err *err);
/* ---- service.c ---- */

/* What the jobs of a lease cost that have ended together */
void service_measure(struct store *s, const struct attempt_end *e,
	const struct attempt_fate *fates, size_t n);
/* A job of the lane was claimed, and goes back unstarted. */
void service_return(struct lane *l);

/* The worker has to look again then, at the latest: turn.c */
void turn_look_at(struct turn *t, int64_t wall);
/* Takes what is to start next: claim.c */
int claim_jobs(struct store *s, const struct turn_request *r, struct turn *t,
	struct err *err);

/* ---- follow.c ---- */

/* What a verb is given up with, to be done anew: the store cannot do what an
 * attempt wants to have enqueued, and its fate says so now. */
#define FOLLOW_REFUSED (-1)

/* Enqueues what is to follow an attempt that has succeeded. */
int follow_up(struct store *s, const struct attempt_end *e,
	struct attempt_fate *fate, struct err *err);

/* Delayed jobs whose time has come, some of them: due.c */
int promote_due(struct store *s, struct err *err);

/* ---- caps.c ---- */

struct holding {		/* a lease */
	int64_t worker, claim, type;
	int slot;
	bool company;
};

struct holdings {
	struct holding *v;	/* by worker, slot and claim */
	size_t n, cap;
};

int holdings_read(struct store *s, struct holdings *h, struct err *err);
/* How many a slot has, and the first of them */
size_t holdings_of(const struct holdings *h, int64_t worker, int slot,
	const struct holding **first);
void holdings_release(struct holdings *h);
/* Running slots of each type and its children into type->running */
void holdings_count(struct store *s, const struct holdings *h);
/* One more, and one less */
void type_runs(struct type *t);
void type_rests(struct type *t);
/* The same from the beginning */
int count_running(struct store *s, struct err *err);
/* Nearest type at or above t whose cap is reached, or NULL. *cap its value. */
struct type *type_capped(struct store *s, struct type *t, int64_t *cap);
/* A cap of its own: not one that it inherits */
bool type_sets_cap(const struct type *t);
/* Whether there is a cap at all */
bool type_has_cap(struct store *s, struct type *t);

/* ---- terms.c ---- */

/* The handler setting, NULL when there is none */
const char *type_handler(struct store *s, struct type *t);

/* What holds for a type */
struct terms {
	const char *handler;	/* NULL: none */
	bool wants_one;		/* job at a time, that is */
	double weight;
	int64_t aging;		/* ns, 0: none */
	int64_t batch;		/* most paths that it takes at once */
	bool capped;		/* itself, or a parent */
	bool limited;		/* in its rate, the same */
};

/* Until the catalogue is read again */
const struct terms *type_terms(struct store *s, struct type *t);

/* ---- lock.c ---- */

/* Before a reading asks for locks: whether ours is the sidecar that they are
 * on.  (A transaction knows from its beginning.) */
int sidecar_look(struct store *s, struct err *err);
/* The lock of a slot is held by its worker or by what its handler started; or
 * that of the worker by its keeper, which still ends what closed the former.
 * Not to be asked on a wrong sidecar: it knows nothing of them. */
bool slot_held(struct store *s, int64_t worker, int slot);
/* This handle is that worker from now on; *taken: nobody else is. */
int worker_lock(struct store *s, int64_t worker, bool *taken,
	struct err *err);
void worker_unlock(struct store *s);
/* Whose byte of the locks' file that is; 0: nobody's */
int64_t worker_of_byte(int64_t offset);
/* A worker that lives, or whose handler does; 0: none of this queue */
int worker_lives_any(struct store *s, int64_t *worker, struct err *err);
/* Whether that worker's handle is open, in whatever process. who: only for
 * where locks cannot be seen. */
bool worker_lives(struct store *s, int64_t worker, const struct proc_id *who);

/* ---- reap.c ---- */

struct lease {
	int64_t worker, claim;
	int slot;
	bool company;		/* see struct slot_request */
	int64_t jobs;		/* how many it still holds */
};

/* Inside a transaction: all that the dead left; counts it up. */
int reap_lost(struct store *s, struct reaped *r, struct err *err);
/* The jobs of a lease that is lost */
int lease_reap(struct store *s, const struct lease *l, struct reaped *r,
	struct err *err);

/* ---- worker.c ---- */

/* One that still has leases stays. how: for the audit log */
int worker_remove(struct store *s, int64_t worker, const char *how,
	struct err *err);
int worker_exists(struct store *s, int64_t worker, bool *there,
	struct err *err);
/* Its columns boot, pid and start, from col on; nobody when they are NULL */
void worker_process(struct query *q, int col, struct proc_id *who);

#endif
