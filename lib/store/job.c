/*
 * Jobs that wait for others.
 *
 * The live jobs of one key form a list from the oldest to the newest (columns
 * older and newer); the unique index is over its last member.  All before the
 * last run or are in quarantine: one that becomes pending again is the last of
 * them then.  A member that ends for good is taken out of the list; a pending
 * one starts only when none before it runs.
 */
#include "store/frozen.h"

/* One member of a list; *state NONE: there is no such job. */
static int
read_links(struct store *s, int64_t job, enum state *state, int64_t *newer,
	int64_t *older, struct err *err)
{
	struct query q;
	int got = db_first(&q, &s->db, SQL_JOB_LINKS, err, "i", job);

	*state = STATE_NONE;
	*newer = *older = 0;
	if (got <= 0)
		return got < 0 ? err->code : 0;
	*state = (enum state)db_column_int(&q, 0);
	*newer = db_column_or(&q, 1, 0);
	*older = db_column_or(&q, 2, 0);
	db_end(&q);
	return 0;
}

/* Where a walk along a list has been.  In a damaged queue it may lead into a
 * circle; so each place of which the number is a power of two is kept, until
 * the walk comes back to it (R. P. Brent, BIT 20, 1980). */
struct walk {
	int64_t kept, steps, most;
};

static bool
comes_back(struct walk *w, int64_t job)
{
	if (job == w->kept)
		return true;
	if (w->steps++ < w->most)
		return false;
	w->kept = job;
	w->most = 2 * w->most + 1;
	w->steps = 0;
	return false;
}

int
job_older_runs(struct store *s, int64_t older, int64_t *running,
	struct err *err)
{
	struct walk walk = { 0 };
	enum state state;
	int64_t newer, next;
	int code = 0;

	*running = 0;
	for (; older && !*running && code == 0 && !comes_back(&walk, older);
	    older = next) {
		code = read_links(s, older, &state, &newer, &next, err);
		if (state == STATE_RUNNING)
			*running = older;
	}
	return code;
}

int
job_newer_pending(struct store *s, int64_t newer, int64_t *pending,
	struct err *err)
{
	struct walk walk = { 0 };
	enum state state;
	int64_t next, older;
	int code = 0;

	*pending = 0;
	while (newer && !*pending && code == 0 && !comes_back(&walk, newer)) {
		code = read_links(s, newer, &state, &next, &older, err);
		if (state >= STATE_READY && state <= STATE_WAITING)
			*pending = newer;
		newer = next;
	}
	return code;
}

int
job_place(struct store *s, int64_t job, int64_t older, int64_t run_at,
	bool depends, enum state *out, struct err *err)
{
	int64_t any = 0, running = 0;
	int code = 0;

	*out = run_at > s->tx.now ? STATE_DELAYED : STATE_READY;
	if (depends)
		code = db_int(&s->db, SQL_DEPENDENCY_ANY, &any, 0, err, "i",
		    job);
	if (code == 0 && any == 0 && older)
		code = job_older_runs(s, older, &running, err);
	if (any || running)
		*out = STATE_WAITING;
	return code;
}

int
job_let_go(struct store *s, int64_t job, struct err *err)
{
	struct query q;
	struct lane *lane;
	enum state from, to;
	int64_t run_at, older;
	int got = db_first(&q, &s->db, SQL_JOB_FREE, err, "i", job);
	int code;

	if (got <= 0)
		return got < 0 ? err->code : 0;
	lane = catalog_lane(s, db_column_int(&q, 0));
	from = (enum state)db_column_int(&q, 1);
	run_at = db_column_or(&q, 2, 0);
	older = db_column_or(&q, 3, 0);
	db_end(&q);
	if (from != STATE_WAITING || lane == NULL)
		return 0;
	code = job_place(s, job, older, run_at, true, &to, err);
	if (code || to == STATE_WAITING)
		return code;
	code = tx_move(s, NULL, job, lane, from, VERB_DUE, to, REASON_NONE, 0,
	    0, err);
	return code ? code : db_run(&s->db, SQL_JOB_PLACE, err, "iiz", job,
	    (int64_t)to, to == STATE_READY ? s->tx.now : INT64_C(0));
}

int
job_hand_over(struct store *s, int64_t job, int64_t newer, struct err *err)
{
	/* nobody waits for himself */
	int code = db_run(&s->db, SQL_CHILD_DONE, err, "ii", job, newer);

	if (code == 0)
		code = db_run(&s->db, SQL_DEPENDENCY_MOVE, err, "ii", job,
		    newer);
	/* left is who waited for both */
	return code ? code : db_run(&s->db, SQL_DEPENDENCY_DELETE_PARENT, err,
	    "i", job);
}

int
job_stopped_running(struct store *s, int64_t newer, struct err *err)
{
	int64_t pending;
	int code = job_newer_pending(s, newer, &pending, err);

	return code || pending == 0 ? code : job_let_go(s, pending, err);
}

int
job_unlink(struct store *s, int64_t newer, int64_t older, struct err *err)
{
	int code = 0;

	/* First the newer one: only one may be the last of its key. */
	if (newer)
		code = db_run(&s->db, SQL_JOB_OLDER, err, "iz", newer, older);
	if (code == 0 && older)
		code = db_run(&s->db, SQL_JOB_NEWER, err, "iz", older, newer);
	return code ? code : job_stopped_running(s, newer, err);
}

int
job_rejoin(struct store *s, const struct frozen *f, int64_t *older,
	int64_t *newer, struct err *err)
{
	struct query q;
	int64_t last = 0;
	enum state state = STATE_NONE;
	int code = 0, got;

	*older = f->older;
	*newer = 0;
	if (f->key.p == NULL)
		return 0;
	got = db_first(&q, &s->db, SQL_JOB_BY_KEY, err, "ib", f->type,
	    f->key);
	if (got < 0)
		return err->code;
	if (got == 1) {
		last = db_column_int(&q, 0);
		state = (enum state)db_column_int(&q, 2);
		db_end(&q);
	}
	if (last == 0 || last == f->id)
		return 0;
	if (state <= STATE_WAITING) {
		*newer = last;
		return 0;
	}
	if (f->newer || f->older)
		code = job_unlink(s, f->newer, f->older, err);
	*older = last;
	return code ? code : db_run(&s->db, SQL_JOB_NEWER, err, "iz", last,
	    f->id);
}

int
job_stay_last(struct store *s, const struct frozen *f, struct err *err)
{
	int64_t older, newer;
	int code;

	if (f->newer == 0)
		return 0;
	code = job_rejoin(s, f, &older, &newer, err);
	return code ? code : db_run(&s->db, SQL_JOB_LAST, err, "iz", f->id,
	    older);
}
