/* --unique-for on a type with a long history. */
#include "hand.h"

#define HISTORY 20000
#define HOUR (3600 * NS_PER_S)

/* Ended jobs of the types 1 and 2 in turns; their keys are k1, k2, ... */
static void
make_history(struct store *s)
{
	char sql[700];

	enqueue(s, "t", "/t");
	enqueue(s, "u", "/u");
	snprintf(sql, sizeof(sql), "WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL"
	    " SELECT i + 1 FROM n WHERE i < %d) INSERT INTO history(id,"
	    " job, attempt, type, state, reason, created_at, finished_at,"
	    " finish, lane, key) SELECT i << 20 | 1, i, 1, i %% 2 + 1, 6, 1,"
	    " %lld + i, 1, 1, i %% 2 + 1, CAST('k' || i AS BLOB) FROM n;"
	    "UPDATE queue SET next_job = %d", HISTORY,
	    (long long)(clock_wall(&clock_system) - HOUR), HISTORY + 1);
	must(db_exec(&s->db, sql, &err));
}

static struct enqueue_result
enqueue_unique(struct store *s, const char *key, int64_t span)
{
	struct enqueue_options o = { .on_full = FULL_SETTING,
	    .on_duplicate = DUPLICATE_SKIP, .unique_for = span };
	struct enqueue_result result;
	struct record r;
	size_t taken;

	record_init(&r);
	r.type = bytes_of("u");
	r.path = r.key = bytes_of(key);
	r.priority = 3;
	must(store_enqueue(s, &o, &r, 1, &result, &taken, &err));
	return result;
}

static void
test_parts(void)
{
	struct store *s = open_queue("long.db");
	struct enqueue_result r;
	int64_t before;

	make_history(s);
	before = s->transactions;
	r = enqueue_unique(s, "k77", 2 * HOUR);
	is_int(r.what, ENQUEUED_MERGED, "a job that has ended answers");
	is_int(r.id, 77, "the one of that key");
	ok(s->transactions - before > 4, "found in several transactions");
	is_int(number(s, "SELECT count(*) FROM seen"), HISTORY / 2 - 1,
	    "all of the type are remembered");
	before = s->transactions;
	r = enqueue_unique(s, "k19999", 2 * HOUR);
	is_int(r.id, 19999, "and so is another");
	is_int(s->transactions - before, 1, "without looking again");
	r = enqueue_unique(s, "k78", 2 * HOUR);
	is_int(r.what, ENQUEUED_NEW, "that of another type does not count");
	store_close(s);
}

/* Somebody was killed while he looked through the history. */
static void
test_killed(void)
{
	struct store *s = open_queue("half.db");
	struct enqueue_result r;
	struct hand a;

	make_history(s);
	must(db_exec(&s->db, "UPDATE type SET remember = -7200000000000"
	    " WHERE name = 'u'; UPDATE queue SET generation = generation + 1",
	    &err));
	hire(&a, "half.db");
	is_int((long long)claim(&a, 2, 2), 2, "jobs run meanwhile");
	hand_in(&a, 0, OUTCOME_SUCCESS, 1);
	hand_in(&a, 1, OUTCOME_SUCCESS, 1);
	is_int(number(s, "SELECT count(*) FROM seen"), 1,
	    "what ends is remembered already");
	r = enqueue_unique(s, "/u", HOUR / 2);
	is_int(r.id, 2, "and answers");
	r = enqueue_unique(s, "k77", 2 * HOUR);
	is_int(r.id, 77, "the history was looked through anew");
	is_int(number(s, "SELECT remember / 1000000000 FROM type"
	    " WHERE name = 'u'"), 7200, "as long as the first one wanted");
	die(&a, true);
	store_close(s);
}

int
main(void)
{
	test_parts();
	test_killed();
	return done();
}
