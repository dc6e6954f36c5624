/* What workers hold: claims under caps, jobs that go back unstarted, orders of
 * the dead, and how one is known to live. */
#include "hand.h"

/* Who claims ahead under a cap would keep others from running. */
static void
test_caps(void)
{
	struct store *s = open_queue("caps.db");
	struct hand a, b;

	set(s, "capped", SET_MAX_WORKERS, "2");
	for (int i = 0; i < 4; i++)
		enqueue(s, "capped/child", (char[]){ '/', (char)('a' + i), 0 });
	hire(&a, "caps.db");
	hire(&b, "caps.db");
	is_int((long long)claim(&a, 3, 1), 1, "nothing ahead under a cap");
	is_int((long long)claim(&b, 3, 1), 1, "so the other one runs, too");
	hand_in(&a, 0, OUTCOME_SUCCESS, 1);
	enqueue(s, "free", "/x");
	enqueue(s, "free", "/y");
	enqueue(s, "free", "/z");	/* whichever type's turn is first */
	is_int((long long)claim(&a, 3, 1), 3, "ahead of what has no cap");
	is_str(a.turn.jobs[1].type, "free", "only");
	die(&a, true);
	die(&b, true);
	is_sound(s);
	store_close(s);
}

static void
test_unstarted(void)
{
	struct store *s = open_queue("unstarted.db");
	struct hand a;
	struct job before, after;

	enqueue(s, "t", "/a");
	enqueue(s, "t", "/b");
	before = job_of(s, 2);
	hire(&a, "unstarted.db");
	is_int((long long)claim(&a, 2, 1), 2, "one to run, one ahead");
	is_int(job_of(s, 2).attempt, 1, "claimed");
	hand_in(&a, 1, OUTCOME_RELEASED, 0);
	after = job_of(s, 2);
	is_int(after.state, STATE_READY, "given back");
	is_int(after.attempt, 0, "it was never started");
	is_int(after.reason, REASON_NONE, "nothing has happened to it");
	is_int(after.eligible, before.eligible, "and it waits since then");
	is_int(number(s, "SELECT count(*) FROM history"), 0, "no history");
	is_int(number(s, "SELECT sum(n) FROM metric WHERE metric = 36"),
	    1, "one start is counted");
	is_sound(s);
	/* one that has begun is a start, even when it goes back */
	hand_in(&a, 0, OUTCOME_RELEASED, NS_PER_S);
	is_int(job_of(s, 1).attempt, 1, "a start is a start");
	is_int(number(s, "SELECT count(*) FROM history"), 1, "with history");
	/* cancelled before it began: it ended unstarted */
	is_int((long long)claim(&a, 2, 2), 2, "once more");
	hand_in(&a, 1, OUTCOME_CANCELLED, 0);
	after = job_of(s, 2);
	is_int(after.state, STATE_CANCELLED, "cancelled");
	is_int(after.attempt, 0, "without a start");
	is_sound(s);
	die(&a, true);
	store_close(s);
}

static void
test_alive(void)
{
	struct store *s = open_queue("alive.db");
	struct stats st;
	struct hand a;
	struct reaped reaped = { 0 };

	hire(&a, "alive.db");
	/* a process of another PID namespace has a number that says nothing */
	must(db_exec(&s->db, "UPDATE worker SET pid = 99999999", &err));
	must(store_reap(s, &reaped, &err));
	is_int(number(s, "SELECT count(*) FROM worker"), 1,
	    "who has the queue open lives, whatever its number");
	must(store_stats(s, &(struct stats_request){ 0 }, &st, &err));
	ok(st.workers[0].alive && !st.workers[0].overdue, "and so it is said");
	stats_release(&st);
	must(db_exec(&s->db, "UPDATE worker SET heartbeat_boot ="
	    " heartbeat_boot - 61000000000", &err));
	must(store_stats(s, &(struct stats_request){ 0 }, &st, &err));
	ok(st.workers[0].alive && st.workers[0].overdue,
	    "silent for longer than its lease: overdue");
	stats_release(&st);
	must(db_exec(&s->db, "UPDATE worker SET pid = 1, start = 0", &err));
	die(&a, true);
	must(store_stats(s, &(struct stats_request){ 0 }, &st, &err));
	ok(!st.workers[0].alive && !st.workers[0].overdue, "dead");
	stats_release(&st);
	must(store_reap(s, &reaped, &err));
	is_int(number(s, "SELECT count(*) FROM worker"), 0,
	    "who is gone is dead, whoever has its number");
	is_sound(s);
	store_close(s);
}

/* A job is claimed before the lock of its slot is taken. */
static void
test_not_locked(void)
{
	struct store *s = open_queue("unlocked.db");
	struct slot_request one = { .slot = 0, .jobs = 1 };
	struct hand a;
	struct reaped reaped = { 0 };

	enqueue(s, "t", "/a");
	hire(&a, "unlocked.db");
	must(store_turn(a.s, &(struct turn_request){ .worker = a.id,
	    .selection = &everything, .slots = &one, .nslots = 1 }, &a.turn,
	    &err));
	is_int((long long)a.turn.njobs, 1, "claimed, and not started");
	must(store_reap(s, &reaped, &err));
	is_int((long long)reaped.jobs, 0, "it is safe while its worker lives");
	ok(!store_slot_held(a.s, a.id, 0), "the slot is free");
	must(store_slot_lock(a.s, a.id, 0, &a.locks[0], &err));
	ok(store_slot_held(a.s, a.id, 0), "until it is locked");
	die(&a, false);
	must(store_reap(s, &reaped, &err));
	is_int((long long)reaped.jobs, 0, "then it is its handler's");
	close(a.locks[0]);
	must(store_reap(s, &reaped, &err));
	is_int((long long)reaped.jobs, 1, "until that has ended as well");
	is_sound(s);
	store_close(s);
}

static void
test_gone(void)
{
	struct store *s = open_queue("gone.db");
	struct orders orders;
	struct hand a;
	int64_t was;
	struct reaped reaped = { 0 };

	enqueue(s, "t", "/a");
	hire(&a, "gone.db");
	must(db_exec(&s->db, "DELETE FROM worker", &err));
	is_int((long long)claim(&a, 1, 1), 0, "a worker that is not there");
	ok(a.turn.gone, "gets nothing, and is told");
	must(store_worker_beat(a.s, a.id, 1, &orders, &err));
	ok(orders.gone, "by its heartbeat as well");
	orders_release(&orders);
	close(a.locks[0]);
	a.locks[0] = -1;
	was = a.id;
	must(store_worker_join(a.s, &(struct worker_info){ &everything, 1,
	    60 * NS_PER_S }, &a.id, &err));
	ok(a.id != was, "it joins anew");
	is_int((long long)claim(&a, 1, 1), 1, "and works");
	/* a lease that is nobody's is found all the same */
	must(db_exec(&s->db, "DELETE FROM worker", &err));
	must(store_reap(s, &reaped, &err));
	is_int((long long)reaped.jobs, 0, "its handler lives");
	die(&a, true);
	must(store_reap(s, &reaped, &err));
	is_int((long long)reaped.jobs, 1, "and does not");
	is_int(job_of(s, 1).state, STATE_READY, "the job can start again");
	is_sound(s);
	store_close(s);
}

/* One job that a worker has claimed, and what the operator orders then */
static struct store *
one_ordered(const char *path, struct hand *a, enum job_verb verb,
	struct control_result *r)
{
	struct store *s = open_queue(path);
	int64_t id = 1;

	enqueue(s, "t", "/a");
	hire(a, path);
	claim(a, 1, 1);
	must(store_control(s, verb, 0, &id, 1, r, &err));
	return s;
}

static void
test_orders(void)
{
	struct control_result r;
	struct store *s;
	struct hand a;
	struct job j;
	struct reaped reaped = { 0 };

	s = one_ordered("kill.db", &a, JOB_KILL, &r);
	ok(r.ok && r.how == CARRIED_BY_WORKER, "a worker that lives is told");
	die(&a, true);
	must(store_reap(s, &reaped, &err));
	j = job_of(s, 1);
	is_int(j.state, STATE_CANCELLED, "kill: also when the worker died");
	is_int(j.reason, REASON_OPERATOR, "by the operator");
	is_sound(s);
	store_close(s);

	s = one_ordered("release.db", &a, JOB_RELEASE, &r);
	die(&a, true);
	must(store_reap(s, &reaped, &err));
	j = job_of(s, 1);
	is_int(j.state, STATE_READY, "release: also when the worker died");
	is_int(j.crashes, 0, "which charges nobody");
	is_int(j.reason, REASON_RELEASED, "released");
	is_sound(s);
	store_close(s);

	/* it failed before it heard of it */
	s = one_ordered("failed.db", &a, JOB_KILL, &r);
	hand_in(&a, 0, OUTCOME_UNKNOWN, 1);
	is_int(job_of(s, 1).state, STATE_CANCELLED,
	    "kill: it is not tried again");
	die(&a, true);
	store_close(s);

	s = one_ordered("won.db", &a, JOB_KILL, &r);
	hand_in(&a, 0, OUTCOME_SUCCESS, 1);
	is_int(job_of(s, 1).state, STATE_SUCCEEDED, "success came first");
	die(&a, true);
	is_sound(s);
	store_close(s);
}

static void
test_dead(enum job_verb verb, enum state state)
{
	const char *path = verb == JOB_KILL ? "dead1.db" : "dead2.db";
	struct store *s = open_queue(path);
	struct control_result r;
	int64_t id = 1;
	struct hand a;
	struct reaped reaped = { 0 };

	enqueue(s, "t", "/a");
	enqueue(s, "t", "/b");
	hire(&a, path);
	claim(&a, 2, 2);
	close(a.locks[0]);
	die(&a, false);		/* the second handler lives on */
	must(store_control(s, verb, 0, &id, 1, &r, &err));
	ok(r.ok && r.how == CARRIED_OUT && r.to == state,
	    "nothing of it runs: it is done at once");
	is_int(job_of(s, 1).state, state, "indeed");
	id = 2;
	must(store_control(s, verb, 0, &id, 1, &r, &err));
	ok(r.ok && r.how == CARRIED_BY_NOBODY, "the worker is dead, and "
	    "what it left is not");
	is_int(job_of(s, 2).state, STATE_RUNNING, "it goes on");
	close(a.locks[1]);
	must(store_reap(s, &reaped, &err));
	is_int(job_of(s, 2).state, state, "until it has ended");
	is_int(job_of(s, 2).crashes, 0, "uncharged");
	is_sound(s);
	store_close(s);
}

int
main(void)
{
	test_caps();
	test_unstarted();
	test_alive();
	test_not_locked();
	test_gone();
	test_orders();
	test_dead(JOB_KILL, STATE_CANCELLED);
	test_dead(JOB_RELEASE, STATE_READY);
	return done();
}
