/* The end of an attempt, or of a job that does not run. */
#include "store/frozen.h"
#include "store/measures.h"
#include "store/sql_history.h"

static bool
is_final(enum state s)
{
	return s == STATE_SUCCEEDED || s == STATE_CANCELLED;
}

/* How long it ran; -1: when one ended whose worker is dead nobody has seen */
static int64_t
ran_for(const struct attempt_end *e)
{
	return e->outcome == OUTCOME_CRASH ? -1 : e->finished - e->started;
}

/* The moves through the state table that lead from running to the verdict. */
static int
move_running(struct store *s, const struct settlement *t, struct err *err)
{
	const struct frozen *f = t->job;
	const struct attempt_end *e = t->end;
	int64_t took = ran_for(e);
	enum state to = t->verdict.to;
	enum reason why = t->verdict.reason;
	enum verb verb;
	int code;

	switch (t->outcome) {
	case OUTCOME_SUCCESS:
		verb = VERB_SUCCEED;
		break;
	case OUTCOME_CANCELLED:
		verb = VERB_CANCEL;
		break;
	case OUTCOME_CRASH:
		verb = to == STATE_CANCELLED ? VERB_SUPERSEDE : VERB_CRASH;
		break;
	case OUTCOME_RELEASED:
		verb = to == STATE_CANCELLED ? VERB_SUPERSEDE : VERB_RELEASE;
		break;
	default:
		code = tx_move(s, t->event, f->id, f->lane, STATE_RUNNING,
		    VERB_FAIL, STATE_FAILED, why, e->ending.status, took, err);
		if (code)
			return code;
		verb = to == STATE_QUARANTINED ? VERB_GIVE_UP :
		    to == STATE_CANCELLED ? VERB_SUPERSEDE : VERB_RETRY;
		return tx_move(s, t->event, f->id, f->lane, STATE_FAILED,
		    verb, to, why, 0, 0, err);
	}
	return tx_move(s, t->event, f->id, f->lane, STATE_RUNNING, verb, to,
	    why, e->ending.status, took, err);
}

static int64_t
history_id(int64_t job, int64_t attempt)
{
	return job << HISTORY_ATTEMPT_BITS | (attempt < HISTORY_ATTEMPT_MAX ?
	    attempt : HISTORY_ATTEMPT_MAX);
}

static int
write_attempt(struct store *s, const struct settlement *t, struct err *err)
{
	static const struct attempt_end none = { .usage = USAGE_NONE,
	    .input_bytes = -1 };
	static const struct conditions not_known = CONDITIONS_NONE;
	static const struct footprint not_seen = FOOTPRINT_NONE;
	const struct frozen *f = t->job;
	const struct attempt_end *e = t->end ? t->end : &none;
	const struct conditions *u = e->under ? e->under : &not_known;
	const struct footprint *p = e->footprint ? e->footprint : &not_seen;
	bool last = is_final(t->verdict.to);
	/* so that it can be revived */
	bool keep_payload = t->verdict.to == STATE_CANCELLED;
	struct bytes absent = BYTES_NONE;
	int64_t seq = tx_event_seq(s, t->event), source = -1;
	int64_t attempt = f->attempt + (t->end == NULL);

	if (e->usage.cpu >= 0)
		source = (int64_t)e->usage.source |
		    (e->sampled ? SOURCE_PART : 0) |
		    (e->together > 1 ? (int64_t)e->together : 0) *
		    SOURCE_TOGETHER;
	return db_run(&s->db, SQL_HISTORY_ADD, err,
	    "iiiiiiouizzizizoooooooobzbbzzzzzzbxzzzofo",
	    history_id(f->id, attempt), f->id, attempt, f->type,
	    (int64_t)t->verdict.to, (int64_t)t->verdict.reason,
	    t->end ? (int64_t)t->outcome : INT64_C(-1),
	    t->end ? (int64_t)e->ending.status : INT64_MIN,
	    f->created, f->eligible, e->started,
	    t->end ? e->finished : s->tx.now,
	    t->end ? e->job->claim : INT64_C(0), seq, t->worker,
	    e->usage.cpu, e->usage.max_rss, e->usage.read, e->usage.written,
	    e->usage.io_operations, e->input_bytes, (int64_t)u->system_cpu,
	    (int64_t)u->system_memory, e->error,
	    last ? f->lane->id : INT64_C(0), last ? f->key : absent,
	    last ? f->path : absent, last ? (int64_t)f->no_path : INT64_C(0),
	    last ? f->event : INT64_C(0),
	    last ? (int64_t)t->verdict.attempts : INT64_C(0),
	    last ? (int64_t)t->verdict.crashes : INT64_C(0),
	    last ? f->max_attempts : INT64_C(0),
	    last ? f->timeout : INT64_C(0), last ? f->group : absent,
	    keep_payload ? f->payload : absent, t->newer,
	    (int64_t)u->configured, (int64_t)u->effective,
	    source, p->cpu_peak, p->memory_mean);
}

static int
keep_output(struct store *s, const struct settlement *t, struct err *err)
{
	const struct attempt_end *e = t->end;
	struct bytes empty = { "", 0 };

	if (e == NULL)
		return 0;
	/* what an earlier attempt printed is not what this one printed */
	if (e->out.n == 0 && e->errout.n == 0)
		return t->job->reason == REASON_NONE ? 0 :
		    db_run(&s->db, SQL_OUTPUT_DELETE, err, "i", t->job->id);
	return db_run(&s->db, SQL_OUTPUT_SET, err, "ibb", t->job->id,
	    e->out.p ? e->out : empty, e->errout.p ? e->errout : empty);
}

/* One that was not started stays as it was before it was claimed. */
static int
write_row(struct store *s, const struct settlement *t, struct err *err)
{
	const struct frozen *f = t->job;
	const struct attempt_end *e = t->end;
	enum state to = t->verdict.to;
	/* whom others have met with once, they do not meet again */
	bool alone = t->verdict.alone || f->alone;
	int code;

	if (e == NULL)
		return db_run(&s->db, SQL_JOB_UNCLAIM, err, "ii", f->id,
		    (int64_t)to);
	code = db_run(&s->db, SQL_JOB_AGAIN, err, "iizziiziuzzb", f->id,
	    (int64_t)to,
	    to == STATE_DELAYED ? clock_after(s->tx.now, t->verdict.delay) :
	    INT64_C(0),
	    to == STATE_READY ? s->tx.now : INT64_C(0),
	    (int64_t)t->verdict.attempts, (int64_t)t->verdict.crashes,
	    (int64_t)alone, (int64_t)t->verdict.reason,
	    (int64_t)e->ending.status, e->started, e->finished, e->error);

	return code ? code : keep_output(s, t, err);
}

/* The job lives on: again later, or in quarantine. */
static int
keep_row(struct store *s, const struct settlement *t, struct err *err)
{
	int code = write_row(s, t, err);

	return code || t->verdict.to == STATE_QUARANTINED ? code :
	    job_stay_last(s, t->job, err);
}

static int
drop_row(struct store *s, const struct settlement *t, struct err *err)
{
	const struct frozen *f = t->job;
	int code = 0;

	if (!t->deleted)
		code = db_run(&s->db, SQL_JOB_DELETE, err, "i", f->id);
	if (code == 0)
		code = unique_remember(s, f, err);
	/* output is kept after a failed attempt only */
	if (code == 0 && f->reason != REASON_NONE)
		code = db_run(&s->db, SQL_OUTPUT_DELETE, err, "i", f->id);
	return code;
}

/* An attempt did not do what it was to do, and nobody had stopped it. */
static bool
has_failed(const struct settlement *t)
{
	return t->end && t->outcome != OUTCOME_SUCCESS &&
	    t->outcome != OUTCOME_RELEASED && t->outcome != OUTCOME_CANCELLED;
}

static void
sample(struct store *s, const struct settlement *t)
{
	const struct attempt_end *e = t->end;
	int64_t eligible = t->job->eligible;
	bool good = t->outcome == OUTCOME_SUCCESS;
	int64_t took = ran_for(e);

	/* its part of the time, as of all else: what all of a batch add up to
	 * is what the batch took */
	if (took > 0 && e->together > 1)
		took /= (int64_t)e->together;
	tx_sample(s, &(struct sample){ .type = t->job->lane->type->id,
	    .host = e->outcome == OUTCOME_CRASH ? NULL : s->host,
	    .ingested = good && e->input_bytes < 0 && e->usage.read > 0 ?
		e->usage.read : 0, .v = {
	    [METRIC_WAIT] = eligible ? e->started - eligible : -1,
	    [METRIC_DURATION] = took,
	    [METRIC_CPU] = e->usage.cpu,
	    [METRIC_MAX_RSS] = e->usage.max_rss,
	    [METRIC_READ] = e->usage.read,
	    [METRIC_WRITTEN] = e->usage.written,
	    [METRIC_PERMIT_CPU] = -1, [METRIC_PERMIT_IO] = -1,
	    [METRIC_INPUT] = good ? e->input_bytes : -1 } });
}

static void
count(struct store *s, const struct settlement *t)
{
	static const enum metric of_state[STATE_COUNT] = {
	    [STATE_SUCCEEDED] = METRIC_SUCCEEDED,
	    [STATE_CANCELLED] = METRIC_CANCELLED,
	    [STATE_QUARANTINED] = METRIC_QUARANTINED };
	struct type *type = t->job->lane->type;
	const struct attempt_end *e = t->end;

	if (of_state[t->verdict.to])
		tx_count(s, type, of_state[t->verdict.to], 1);
	if (e == NULL)
		return;
	if (t->outcome == OUTCOME_CRASH) {
		tx_count(s, type, METRIC_CRASHED, 1);
	} else if (has_failed(t)) {
		tx_count(s, type, METRIC_FAILED, 1);
		if (!is_final(t->verdict.to) &&
		    t->verdict.to != STATE_QUARANTINED)
			tx_count(s, type, METRIC_RETRIED, 1);
	}
	if (e->started && metrics_detailed(s))
		sample(s, t);
}

int
settle(struct store *s, const struct settlement *t, struct err *err)
{
	const struct frozen *f = t->job;
	int64_t id = f->id, newer = f->newer, older = f->older;
	enum state to = t->verdict.to;
	int code;

	code = t->end ? move_running(s, t, err) : tx_move(s, t->event, id,
	    f->lane, t->from, t->verb, to, t->verdict.reason, 0, 0, err);
	if (code == 0 && (t->end || is_final(to)))
		code = write_attempt(s, t, err);
	if (code == 0)
		code = is_final(to) ? drop_row(s, t, err) :
		    keep_row(s, t, err);
	if (code == 0)
		count(s, t);
	if (code == 0 && has_failed(t))
		code = failure_add(s, t, err);
	if (t->query)
		db_end(t->query);
	if (code == 0 && t->newer)
		code = job_hand_over(s, id, t->newer, err);
	if (code)
		return code;
	if (is_final(to) && (newer || older))
		code = job_unlink(s, newer, older, err);
	else if (newer && to == STATE_QUARANTINED)
		code = job_stopped_running(s, newer, err);
	if (code == 0 && (is_final(to) || to == STATE_QUARANTINED))
		code = job_release_children(s, id, to, err);
	return code;
}

int
settle_pending(struct store *s, int64_t id, const struct farewell *why,
	enum state *from, bool *done, struct err *err)
{
	struct settlement t = { .verb = why->verb, .newer = why->newer,
	    .verdict = { .to = STATE_CANCELLED, .reason = why->reason } };
	struct frozen f;
	struct query q;
	int code, got;

	*done = false;
	*from = STATE_NONE;
	got = db_first(&q, &s->db, SQL_JOB_FIND, err, "i", id);
	if (got <= 0)
		return got < 0 ? err->code : 0;
	code = frozen_read(s, &q, &f, err);
	if (code)
		return code;
	*from = (enum state)db_column_int(&q, FROZEN_COLUMNS);
	if (!state_allows(*from, why->verb, STATE_CANCELLED) ||
	    *from == STATE_RUNNING) {
		db_end(&q);
		return 0;
	}
	*done = true;
	t.job = &f;
	t.from = *from;
	t.verdict.attempts = (int)f.attempts;
	t.verdict.crashes = (int)f.crashes;
	t.event = tx_event(s, why->kind);
	t.query = &q;
	code = settle(s, &t, err);
	return code ? code : db_run(&s->db, SQL_DEPENDENCY_DELETE_JOB, err,
	    "i", id);
}
