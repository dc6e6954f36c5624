/* The catalogue: types and lanes, as they are kept in memory while the queue is
 * open, and what a transaction notes of each. */
#ifndef IQ_CATALOG_H
#define IQ_CATALOG_H

#include "rules/breaker.h"
#include "rules/turn.h"
#include "store/read.h"
#include "store/store.h"

struct sum {			/* additions to one row of metric */
	int64_t n, sum, min, max;
};

struct effective {		/* a setting as it holds for one type */
	bool known;		/* looked up since the catalogue was read */
	bool set;		/* value holds */
	enum origin origin;
	const char *text;	/* NULL: unset */
	struct setting_value value;
};

struct throttle {
	struct breaker breaker;
	int64_t expected;	/* of its rate limit (rules/rate.h) */
	bool stored, changed;
};

struct terms;

struct type {
	int64_t id;
	char *name;
	struct type *parent;	/* nearest ancestor that exists, or NULL */
	bool paused;
	int64_t paused_until;	/* 0: for ever */
	int64_t remember;
	char *set[SET_COUNT];	/* stored here, or NULL */
	struct effective *effective;	/* SET_COUNT, or NULL: none known */
	struct terms *terms;	/* the same: type_terms */
	int64_t pending;	/* jobs, of the children too: while enqueueing */
	int64_t running;	/* slots, of the children too: while claiming */
	int64_t slots;		/* of this very type: the same */
	struct throttle throttle;	/* throttles_read */
	struct sum sums[METRIC_END];
	bool touched;		/* sums has something */
	struct lane *lanes[TURN_CLASSES][TURN_PRIORITIES];	/* or NULL */
};

struct service {		/* what a transaction gives a lane */
	double served;		/* addition to vtime */
	double start;		/* vstart by now, 0: as it was */
	double claimed;		/* cost of what was claimed, s */
	double owed;		/* additions to those of struct lane */
	int64_t nowed;
	struct turn_average cost;	/* what was measured */
};

struct standing {		/* of a lane */
	int64_t ready;
	double vtime, start;	/* F and S of rules/turn.h */
	double cost;		/* of a job, s; 0: not known */
};

struct lane {
	int64_t id;
	struct type *type;
	int class;
	int priority;
	int64_t delta[STATE_COUNT];
	struct service service;
	bool touched;
	size_t place;		/* while claiming: its index there */
	/* These outlast a transaction, */
	struct standing stands;	/* in the queue: standing_read */
	int64_t head_eligible;	/* of its first job, when that was looked at, */
	int64_t head_seen;	/* wall; 0: it was not */
	/* and these the catalogue as well: see catalog_refresh */
	double rate;		/* virtual time of a s of its last job */
	bool joined;		/* then one queue with the other class */
	double owed;		/* s that our jobs were charged which have not */
	int64_t nowed;		/* ended, and how many these are, as committed */
};

struct queue_row {
	bool there;
	int64_t next_job, next_worker;
	int64_t generation;
	int64_t inode;		/* of the sidecars that are in use, */
	char boot[40];		/* since that boot */
	bool paused;
	int64_t paused_until;
};

struct catalog {
	struct type **types;	/* pointers stay valid until forgotten */
	size_t ntypes;
	struct lane **lanes;
	size_t nlanes;
	char *global[SET_COUNT];
	struct effective *effective;	/* of the queue as a whole */
	bool paused;		/* the whole queue */
	int64_t paused_until;
	int64_t generation;	/* of the queue when this was read */
	bool loaded;
	bool standing;		/* lanes stand as they say */
	int64_t standing_at;	/* data version that this is of */
};

/* ---- catalog.c ---- */

/* Reads types, lanes, settings and pauses again if they are not those of this
 * row; inside the transaction or reading in which it was read.  What jobs were
 * charged that this handle has claimed stays known. */
int catalog_refresh(struct store *s, const struct queue_row *row,
	struct err *err);
void catalog_release(struct catalog *c);
struct type *catalog_type(struct store *s, int64_t id);
struct lane *catalog_lane(struct store *s, int64_t id);
/* Existing, or NULL */
struct type *catalog_find(struct store *s, const char *name, size_t n);
/* Existing or made (with its parents) in the open transaction */
int catalog_make_type(struct store *s, struct bytes name, struct type **out,
	struct err *err);
int catalog_make_lane(struct store *s, struct type *t, int class,
	int priority, struct lane **out, struct err *err);
/* Paused itself, by a parent or as a whole, at this time */
bool catalog_paused(struct store *s, const struct type *t, int64_t now);
/* When the next pause ends by itself, 0: none does */
int64_t catalog_pause_end(struct store *s, int64_t now);

/* ---- standing.c ---- */

/* Inside a transaction: how all lanes stand, if that is not known. */
int standing_read(struct store *s, struct err *err);
/* With what the open transaction adds */
struct standing standing_now(const struct lane *l);
/* For tx.c: whether they still do, and what it added, to what is owed as well */
void standing_begin(struct store *s);
void standing_commit(struct store *s);

#endif
