/*
 * Ended jobs leave the history.
 *
 * What to take is looked for outside of the turn, and looked at again in it,
 * where a chunk takes two milliseconds, whatever there is to do.  A job goes
 * with all of its attempts, and only when it does not live and nobody waits
 * for it.  Ids are given in the order of time, so the jobs that can be old
 * enough are those below some id; nothing else is kept in order by age.
 *
 * A pass goes through the history once.  It begins anywhere, so that programs
 * that last for one chunk do not all look at the same jobs at its beginning,
 * which may have to stay for long.
 */
#include <bsd/stdlib.h>

#include "store/pruning.h"
#include "store/reading.h"

#define LOOK 512			/* rows looked at in a chunk */
#define IN_TURN (2 * NS_PER_MS)
#define CLOCK_EACH 8			/* jobs between two looks at it */
#define SAMPLES 64			/* of how large a job's history is */
#define PAUSE_MIN NS_PER_S
#define PAUSE_MAX (600 * NS_PER_S)

int
history_since(struct store *s, int64_t time, int64_t end, int64_t *id,
	struct err *err)
{
	int64_t before = 0;

	*id = end;
	while (*id - before > 1) {
		int64_t middle = before + (*id - before) / 2;
		struct query q;
		int got = db_first(&q, &s->db, SQL_HISTORY_AT, err, "i",
		    middle);

		if (got < 0)
			return err->code;
		if (got == 0 || db_column_int(&q, 1) >= time)
			*id = middle;
		else
			before = db_column_int(&q, 0);
		if (got)
			db_end(&q);
	}
	return 0;
}

static bool
too_old(struct chunk *c, int64_t type, int64_t finished)
{
	struct type *t = catalog_type(c->store, type);
	int64_t keep = setting_int(c->store, t, SET_RETENTION, 0);

	return keep && finished < c->now - keep;
}

/* What any type keeps for the shortest time; 0: all for ever */
static int64_t
shortest(struct store *s)
{
	int64_t keep = setting_int(s, NULL, SET_RETENTION, 0), own;

	for (size_t i = 0; i < s->catalog.ntypes; i++) {
		own = setting_int(s, s->catalog.types[i], SET_RETENTION, 0);
		if (own && (keep == 0 || own < keep))
			keep = own;
	}
	return keep;
}

/* How many of the oldest jobs are too many, by what some of them take */
static int
count_excess(struct store *s, int64_t next_job, int64_t *excess,
	struct err *err)
{
	int64_t bound = setting_int(s, NULL, SET_RETENTION_BYTES, 0);
	int64_t jobs, id, bytes, sum = 0, n = 0;
	int code = 0;

	*excess = 0;
	if (bound == 0 || next_job <= 1)
		return 0;
	code = db_int(&s->db, SQL_HISTORY_JOBS, &jobs, 0, err, "");
	for (int i = 0; i < SAMPLES && code == 0; i++) {
		int64_t at = (next_job - 1) * i / SAMPLES;

		code = db_int(&s->db, SQL_HISTORY_NEXT, &id, 0, err, "i", at);
		if (code == 0 && id)
			code = db_int(&s->db, SQL_HISTORY_BYTES, &bytes, 0,
			    err, "i", id);
		if (code == 0 && id) {
			sum += bytes;
			n++;
		}
	}
	if (code == 0 && sum && jobs > bound / (sum / n + 1))
		*excess = jobs - bound / (sum / n + 1);
	return code;
}

/* The beginning of a pass: up to which id it goes, and from where */
static int
begin_history(struct chunk *c, struct err *err)
{
	struct store *s = c->store;
	struct prune *p = c->prune;
	int64_t next_job, keep = shortest(s);
	int code = db_int(&s->db, SQL_NEXT_JOB, &next_job, 1, err, "");

	if (code == 0)
		code = count_excess(s, next_job, &p->excess, err);
	p->limit = next_job;
	if (code == 0 && p->excess == 0)
		code = keep ? history_since(s, c->now - keep, next_job,
		    &p->limit, err) : 0;
	if (p->excess == 0 && keep == 0)
		p->limit = 0;
	p->first = p->whole || p->excess || p->limit < LOOK ? 0 :
	    arc4random_uniform((uint32_t)(p->limit > UINT32_MAX ? UINT32_MAX :
	    p->limit));
	p->job = p->first;
	p->pause = keep / 10 < PAUSE_MIN && keep ? PAUSE_MIN :
	    keep / 10 < PAUSE_MAX && keep ? keep / 10 : PAUSE_MAX;
	p->round = 1;
	return code;
}

/* The jobs among the next rows of which one is old enough, or of the oldest of
 * too many: *ids, at most LOOK, each once; *last is the last that was looked
 * at, 0: there was none any more.  The turn decides. */
static int
look(struct chunk *c, int64_t *ids, size_t *n, int64_t *last, struct err *err)
{
	struct prune *p = c->prune;
	/* the first round ends where there is nothing more, the second one
	 * where the first one began */
	int64_t end = p->round == 1 ? p->limit - 1 : p->first, before = 0;
	int rows = 0, got;
	bool old = false;
	struct query q;
	int code;

	*n = 0;
	*last = 0;
	code = db_start(&q, &c->store->db, SQL_HISTORY_WALK, err, "iii",
	    p->job, end, (int64_t)LOOK);
	if (code)
		return code;
	for (; (got = db_row(&q, err)) == 1; rows++) {
		int64_t id = db_column_int(&q, 0);

		if (id != *last) {
			before = *last;
			*last = id;
			old = false;
		}
		if (old || !db_column_int(&q, 1) || ((int64_t)*n >= p->excess &&
		    !too_old(c, db_column_int(&q, 2), db_column_int(&q, 3))))
			continue;
		old = true;
		ids[(*n)++] = id;
	}
	if (got < 0)
		return err->code;
	/* the rows of the last one may not have been all */
	if (rows == LOOK && before) {
		*last = before;
		*n -= old;
	} else if (rows == LOOK && !old) {
		ids[(*n)++] = *last;
	}
	return 0;
}

/* *rows: how many were there; 0: it lives, or is waited for, or has not ended
 * so long ago, or has gone */
static int
forget_job(struct chunk *c, int64_t id, int64_t *rows, struct err *err)
{
	struct store *s = c->store;
	struct query q;
	enum state state;
	struct lane *lane;
	bool old;
	int got = db_first(&q, &s->db, SQL_FORGETTABLE, err, "i", id);
	int code;

	*rows = 0;
	if (got <= 0)
		return got < 0 ? err->code : 0;
	state = (enum state)db_column_int(&q, 0);
	lane = catalog_lane(s, db_column_or(&q, 1, 0));
	old = c->prune->excess > 0 ||
	    too_old(c, db_column_int(&q, 2), db_column_int(&q, 3));
	db_end(&q);
	if (!old || lane == NULL || !state_accepts(state, VERB_FORGET))
		return 0;
	code = db_run(&s->db, SQL_FORGET, err, "i", id);
	*rows = db_changes(&s->db);
	return code ? code : tx_move(s, tx_event(s, KIND_FORGET), id, lane,
	    state, VERB_FORGET, STATE_NONE, REASON_NONE, 0, 0, err);
}

/* *last: behind which it is to go on */
static int
forget(struct chunk *c, const int64_t *ids, size_t n, int64_t *last,
	struct err *err)
{
	struct prune *p = c->prune;
	int64_t until = clock_boot(&clock_system) + IN_TURN, rows;
	int code = 0;

	for (size_t i = 0; i < n && code == 0; i++) {
		code = forget_job(c, ids[i], &rows, err);
		p->jobs += rows > 0;
		p->attempts += rows;
		p->excess -= rows > 0 && p->excess > 0;
		if (i % CLOCK_EACH == 0 &&
		    clock_boot(&clock_system) > until && i + 1 < n) {
			*last = ids[i];
			break;
		}
	}
	return code;
}

int
prune_history(struct chunk *c, bool *done, struct err *err)
{
	struct store *s = c->store;
	struct prune *p = c->prune;
	struct prune before = *p;
	int64_t ids[LOOK], last = 0;
	size_t n = 0;
	int code = read_begin(s, err);

	if (code == 0 && p->round == 0)
		code = begin_history(c, err);
	if (code == 0)
		code = look(c, ids, &n, &last, err);
	read_end(s);
	if (code == 0 && n) {
		code = tx_begin(s, err);
		if (code == 0)
			code = tx_end(s, forget(c, ids, n, &last, err), err);
	}
	if (code) {
		*p = before;
		return code;
	}
	store_tell(s, "history", last, p->limit);
	p->job = last;
	*done = last == 0 && (p->round == 2 || p->first == 0);
	if (last == 0)
		p->round++;
	return 0;
}
