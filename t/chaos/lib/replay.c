/* The audit log, and whether the queue is what it tells. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "inspecting.h"
#include "store/sql_history.h"

#define FORGOTTEN 255		/* it left the history, and is nowhere */

struct replay {			/* states of jobs, as the log tells them */
	unsigned char *states;
	size_t n;
	struct counted counted;
};

static enum state
pending(enum state s)
{
	return s == STATE_DELAYED || s == STATE_WAITING ? STATE_READY : s;
}

static void
replay_move(struct replay *r, const struct move *m, int64_t seq,
	struct findings *f)
{
	for (int64_t i = 0; i < m->count; i++) {
		int64_t id = m->first + i;
		enum state from = pending(m->from), to = pending(m->to);

		if (id < 0 || (size_t)id >= r->n) {
			finding(f, &f->wrong, "event %" PRId64 " moves job %"
			    PRId64 ", which never was", seq, id);
			return;
		}
		/* where in pending a job stands is not the log's matter */
		if (from == STATE_READY && to == STATE_READY)
			continue;
		if (r->states[id] != from && from != to)
			finding(f, &f->wrong, "event %" PRId64 " moves job %"
			    PRId64 " from %s, but it was %s", seq, id,
			    state_detail(from),
			    state_detail((enum state)r->states[id]));
		r->states[id] = to == STATE_NONE ? FORGOTTEN :
		    (unsigned char)to;
	}
}

static void
replay_event(struct replay *r, struct bytes moves, int64_t seq,
	struct findings *f)
{
	struct move m;
	int64_t end = 0;
	size_t pos = 0;
	int got;

	while ((got = event_next_move(moves, &pos, &end, &m)) == 1) {
		replay_move(r, &m, seq, f);
		counted_move(&r->counted, &m);
	}
	if (got < 0)
		finding(f, &f->wrong, "event %" PRId64 " is malformed", seq);
}

static void
read_log(sqlite3 *db, struct replay *r, struct findings *f)
{
	sqlite3_stmt *st = query(db, "SELECT seq, at, kind, actor, moves,"
	    " detail, hash FROM event ORDER BY seq", f);
	unsigned char hash[EVENT_HASH_SIZE] = { 0 };
	int64_t last = 0;

	while (st && sqlite3_step(st) == SQLITE_ROW) {
		int64_t seq = sqlite3_column_int64(st, 0);
		struct bytes moves = query_bytes(st, 4);
		struct bytes stored = query_bytes(st, 6);

		if (seq != last + 1)
			finding(f, &f->wrong, "event %" PRId64 " follows %"
			    PRId64, seq, last);
		last = seq;
		event_hash(hash, seq, sqlite3_column_int64(st, 1),
		    sqlite3_column_int(st, 2), query_bytes(st, 3), moves,
		    query_bytes(st, 5), hash);
		if (stored.n != sizeof(hash) ||
		    memcmp(stored.p, hash, sizeof(hash)) != 0) {
			finding(f, &f->wrong, "the chain breaks at event %"
			    PRId64, seq);
			break;
		}
		replay_event(r, moves, seq, f);
	}
	sqlite3_finalize(st);
}

static void
compare_states(sqlite3 *db, const struct replay *r, struct findings *f)
{
	sqlite3_stmt *st = query(db, "SELECT id, state FROM job UNION ALL"
	    " SELECT job, state FROM history a WHERE id ="
	    " (SELECT max(id) FROM history WHERE " OF_JOB("a.job") ")"
	    " AND NOT EXISTS(SELECT 1 FROM job WHERE id = a.job)", f);
	unsigned char *seen = mem_zero(r->n + 1, 1);

	while (st && sqlite3_step(st) == SQLITE_ROW) {
		int64_t id = sqlite3_column_int64(st, 0);
		enum state is = pending((enum state)sqlite3_column_int(st,
		    1));

		if (id < 0 || (size_t)id >= r->n)
			continue;
		seen[id] = 1;
		if (r->states[id] != is)
			finding(f, &f->wrong, "job %" PRId64 " is %s, the log "
			    "says %s", id, state_detail(is),
			    state_detail((enum state)r->states[id]));
	}
	sqlite3_finalize(st);
	for (size_t id = 1; id < r->n; id++)
		if (!seen[id] && r->states[id] != FORGOTTEN)
			finding(f, &f->wrong, "job %zu is nowhere, the log "
			    "says %s", id, state_detail((enum state)r->states[id]));
	free(seen);
}

void
replay_check(sqlite3 *db, struct findings *f)
{
	struct replay r = { .n = (size_t)query_int(db,
	    "SELECT next_job FROM queue", f) };

	r.states = mem_zero(r.n + 1, 1);
	read_log(db, &r, f);
	compare_states(db, &r, f);
	counted_check(db, &r.counted, f);
	counted_release(&r.counted);
	free(r.states);
}
