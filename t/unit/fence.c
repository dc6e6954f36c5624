/* What a worker hands in too late changes nothing, and lanes that were away
 * do not have all turns when they come back. */
#include "hand.h"

/* Somebody else has claimed the job since then, into a slot of that number. */
static void
test_late(enum outcome outcome)
{
	struct store *s = open_queue("late.db");
	struct attempt_end e;
	struct claimed mine;
	struct turn t = { 0 };
	struct hand a, b;
	struct reaped reaped = { 0 };

	set(s, "t", SET_RETRY_BASE, "0s");
	enqueue(s, "t", "/a");
	hire(&a, "late.db");
	is_int((long long)claim(&a, 1, 1), 1, "a worker has the job");
	mine = a.turn.jobs[0];
	mine.type = "t";
	mine.path = mine.key = bytes_of("/a");
	die(&a, true);
	hire(&b, "late.db");
	must(store_reap(b.s, &reaped, &err));
	is_int((long long)reaped.jobs, 1, "it counts as dead");
	is_int((long long)claim(&b, 1, 1), 1, "another has it");
	is_int(b.turn.jobs[0].slot, mine.slot, "in a slot of that number");
	e = end_of(&mine, outcome, 1);
	must(store_turn(b.s, &(struct turn_request){ .worker = a.id,
	    .selection = &everything, .ends = &e, .nends = 1 }, &t, &err));
	ok(t.fates[0].lost, "the first one's end is lost");
	turn_release(&t);
	is_int(job_of(s, 1).state, STATE_RUNNING, "the job runs");
	is_sound(s);
	hand_in(&b, 0, OUTCOME_SUCCESS, 1);
	is_int(job_of(s, 1).state, STATE_SUCCEEDED, "and who has it ends it");
	is_sound(s);
	die(&b, true);
	store_close(s);
}

static void
enqueue_many(struct store *s, const char *type, char first, int n)
{
	for (int i = 0; i < n; i++)
		enqueue(s, type, (char[]){ '/', (char)(first + i), 0 });
}

/* Types of the next jobs, each of which ends before the next: "mmm" */
static const char *
next_types(struct hand *h, size_t n)
{
	static char types[32];

	memset(types, 0, sizeof(types));
	for (size_t i = 0; i < n; i++) {
		types[i] = claim(h, 1, 1) ? h->turn.jobs[0].type[0] : '-';
		if (types[i] != '-')
			hand_in(h, 0, OUTCOME_SUCCESS, 1);
	}
	return types;
}

static void
test_away(void)
{
	struct store *s = open_queue("away.db");
	struct hand a;
	int old = 0;

	enqueue(s, "l", "/l");
	hire(&a, "away.db");
	is_str(next_types(&a, 1), "l", "a lane is served");
	enqueue_many(s, "m", 'a', 20);
	is_str(next_types(&a, 10), "mmmmmmmmmm", "another while it is empty");
	enqueue_many(s, "l", 'a', 8);
	for (const char *p = next_types(&a, 8); *p; p++)
		old += *p == 'm';
	ok(old >= 3, "who comes back does not get all turns (%d of 8)", old);
	is_sound(s);
	die(&a, true);
	store_close(s);
}

int
main(void)
{
	test_late(OUTCOME_SUCCESS);
	test_late(OUTCOME_UNKNOWN);
	test_away();
	return done();
}
