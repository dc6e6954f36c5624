/* Slots that have many jobs at once: batches, windows, and what becomes of
 * those that end together. */
#include "hand.h"

/* A job for each letter */
static void
fill(struct store *s, const char *type, const char *names)
{
	for (; *names; names++)
		enqueue(s, type, (char[]){ '/', *names, 0 });
}

static struct store *
queue_of(const char *path, const char *type, const char *names)
{
	struct store *s = open_queue(path);

	fill(s, type, names);
	return s;
}

static size_t
take(struct hand *h, int slot, int jobs)
{
	return claim_for(h, &(struct slot_request){ .slot = slot,
	    .jobs = jobs }, 1);
}

/* The last claim, out of the way of the next one */
static struct turn
keep_turn(struct hand *h)
{
	struct turn t = h->turn;

	h->turn = (struct turn){ 0 };
	return t;
}

/* What the last claim got, in its order: "abc" */
static const char *
got(const struct hand *h)
{
	static char names[32];
	size_t n = 0;

	for (; n < h->turn.njobs; n++)
		names[n] = h->turn.jobs[n].path.p[1];
	names[n] = '\0';
	return names;
}

static size_t
reap(struct store *s)
{
	struct reaped reaped = { 0 };

	must(store_reap(s, &reaped, &err));
	return reaped.jobs;
}

static void
end_with(struct hand *h, struct store *s)
{
	die(h, true);
	is_sound(s);
	store_close(s);
}

static void
test_batch(void)
{
	struct store *s = queue_of("batch.db", "t", "abcde");
	struct attempt_end e[4];
	struct hand a;

	enqueue(s, "other", "/x");
	hire(&a, "batch.db");
	is_int((long long)take(&a, 0, 4), 4, "as many as it takes");
	is_str(got(&a), "abcd", "in their order");
	is_int(number(s, "SELECT jobs FROM lease"), 4, "under one lease");
	is_sound(s);
	for (int i = 0; i < 4; i++)
		e[i] = end_of(&a.turn.jobs[i], OUTCOME_SUCCESS, 1);
	is_int((long long)hand_in_all(&a, e, 3), 0, "three have ended");
	is_int(number(s, "SELECT jobs FROM lease"), 1, "it lives for the last");
	is_sound(s);
	is_int((long long)hand_in_all(&a, e, 4), 3, "who ended before is lost");
	is_int(number(s, "SELECT count(*) FROM lease"), 0, "and then ends");
	is_int((long long)take(&a, 0, 4), 1, "no more than there are of a type");
	is_str(got(&a), "x", "whose turn it is");
	end_with(&a, s);
}

/* Long enough for a statement that takes many jobs at once */
static void
test_long_batch(void)
{
	struct store *s = queue_of("long.db", "t", "abcdefghijklmnopqrstuvwxyz");
	struct attempt_end e[26];
	struct hand a;
	size_t n;

	/* not what lies between them */
	must(db_exec(&s->db, "UPDATE job SET path = x'2F48' WHERE id = 8", &err));
	is_int(store_control(s, JOB_PRIORITY, 5, &(int64_t){ 8 }, 1,
	    &(struct control_result){ 0 }, &err), 0, "one is less urgent");
	hire(&a, "long.db");
	n = take(&a, 3, 40);
	is_int((long long)n, 26, "all of a type");
	is_str(got(&a), "abcdefgijklmnopqrstuvwxyzH", "the urgent ones first");
	is_int(number(s, "SELECT count(DISTINCT claim) FROM job"
	    " WHERE slot = 3 AND attempt = 1"), 1, "in one claim");
	ok(number(s, "SELECT ids = '[[1,7],[9,26],[8,8]]' FROM lease") == 1,
	    "and those that follow each other are one pair");
	is_sound(s);
	for (size_t i = 0; i < n; i++)
		e[i] = end_of(&a.turn.jobs[i], OUTCOME_SUCCESS, 1);
	/* one of them goes otherwise, and one has become somebody else's */
	e[5].outcome = OUTCOME_RELEASED;
	must(db_exec(&s->db, "UPDATE job SET claim = 1 WHERE id = 20;"
	    "UPDATE lease SET jobs = jobs - 1", &err));
	is_int((long long)hand_in_all(&a, e, n), 1, "one was not ours");
	is_int(number(s, "SELECT count(*) FROM history WHERE state = 6"), 24,
	    "the others have ended");
	is_int(job_of(s, 6).state, STATE_READY, "each in its way");
	is_int(job_of(s, 20).state, STATE_RUNNING, "and that one runs");
	is_int(number(s, "SELECT count(*) FROM lease"), 0, "without us");
	die(&a, true);
	store_close(s);
}

#define OTHERS 5000

/* Between two of them are thousands of others. */
static void
test_apart(void)
{
	struct store *s = queue_of("apart.db", "t", "abcdefghij");
	struct attempt_end e[20];
	int work = 0;
	struct hand a;

	must(db_exec(&s->db, "WITH RECURSIVE n(i) AS (SELECT 11 UNION ALL"
	    " SELECT i + 1 FROM n WHERE i < 5010) INSERT INTO job(id, type,"
	    " lane, state, created_at) SELECT i, 1, 1, 5, 1 FROM n;"
	    "UPDATE queue SET next_job = 5011;"
	    "UPDATE lane SET quarantined = 5000", &err));
	store_close(s);
	s = open_again("apart.db");
	fill(s, "t", "klmnopqrst");
	hire(&a, "apart.db");
	is_int((long long)take(&a, 0, 20), 20, "all but what lies between");
	ok(number(s, "SELECT ids = '[[1,10],[5011,5020]]' FROM lease") == 1,
	    "that was not given");
	for (int i = 0; i < 20; i++)
		e[i] = end_of(&a.turn.jobs[i], OUTCOME_SUCCESS, 1);
	count_work(a.s, &work);
	is_int((long long)hand_in_all(&a, e, 20), 0, "they have ended");
	count_work(a.s, NULL);
	ok(work < OTHERS / WORK_STEPS, "and nothing has looked at the others");
	is_int(number(s, "SELECT count(*) FROM lease"), 0, "nothing is left");
	die(&a, true);
	store_close(s);
}

/* Among many that are handed in at once: one that a newer one waits for, one
 * that another is to run after, and one that had failed before */
static void
test_ties(void)
{
	struct store *s = queue_of("ties.db", "t", "abcdefghij");
	struct attempt_end e[10];
	struct enqueue_result result;
	int64_t parent = 4;
	struct record r;
	struct hand a;
	size_t taken;

	hire(&a, "ties.db");
	take(&a, 0, 10);
	enqueue(s, "t", "/c");
	record_init(&r);
	r.type = bytes_of("t");
	r.path = bytes_of("/child");
	r.priority = 3;
	r.after = &parent;
	r.nafter = 1;
	must(store_enqueue(s, &(struct enqueue_options){ 0 }, &r, 1, &result,
	    &taken, &err));
	must(db_exec(&s->db, "UPDATE job SET reason = 10 WHERE id = 6;"
	    "INSERT INTO output(job, out, errout) VALUES(6, x'', x'')", &err));
	is_int(job_of(s, 11).state, STATE_WAITING, "for its key");
	is_int(job_of(s, 12).state, STATE_WAITING, "for its parent");
	for (int i = 0; i < 10; i++)
		e[i] = end_of(&a.turn.jobs[i], OUTCOME_SUCCESS, 1);
	is_int((long long)hand_in_all(&a, e, 10), 0, "all have ended");
	is_int(job_of(s, 11).state, STATE_READY, "the key is free");
	is_int(job_of(s, 12).state, STATE_READY, "the parent has succeeded");
	is_int(number(s, "SELECT count(*) FROM output"), 0,
	    "what a failure left behind is gone");
	end_with(&a, s);
}

/* One enqueues what is to run after another of those that end with it. */
static void
test_follow(void)
{
	struct store *s = queue_of("follow.db", "t", "abcdefghij");
	struct attempt_end e[10];
	int64_t parent = 9;
	struct record r;
	struct hand a;

	hire(&a, "follow.db");
	take(&a, 0, 10);
	record_init(&r);
	r.type = bytes_of("t");
	r.path = bytes_of("/follow");
	r.priority = 3;
	r.after = &parent;
	r.nafter = 1;
	for (int i = 0; i < 10; i++)
		e[i] = end_of(&a.turn.jobs[i], OUTCOME_SUCCESS, 1);
	e[0].follow = &r;
	e[0].nfollow = 1;
	hand_in_all(&a, e, 10);
	is_int(number(s, "SELECT count(*) FROM history WHERE state = 6"), 10,
	    "all have succeeded");
	is_int(job_of(s, 11).state, STATE_READY, "and what follows may start");
	end_with(&a, s);
}

/* What the worker keeps of a job says the same as its row. */
static void
test_history(void)
{
	struct store *s = open_queue("history.db");
	struct enqueue_result results[2];
	struct attempt_end e[2];
	struct record r[2];
	struct hand a;
	size_t taken;

	for (int i = 0; i < 2; i++) {
		record_init(&r[i]);
		r[i].type = bytes_of("t");
		r[i].path = bytes_of("/in/file");
		r[i].key = bytes_of(i ? "one" : "two");
		r[i].priority = 2;
		r[i].event = EVENT_MODIFIED;
		r[i].group = bytes_of("g");
		r[i].max_attempts = 7;
		r[i].timeout = NS_PER_S;
		r[i].payload = bytes_of("{}");
	}
	must(store_enqueue(s, &(struct enqueue_options){ 0 }, r, 2, results,
	    &taken, &err));
	must(db_exec(&s->db, "UPDATE job SET attempt = 4, attempts = 2,"
	    " crashes = 1", &err));
	hire(&a, "history.db");
	take(&a, 0, 2);
	/* that one's is read */
	must(db_exec(&s->db, "UPDATE job SET reason = 10 WHERE id = 2", &err));
	for (int i = 0; i < 2; i++)
		e[i] = end_of(&a.turn.jobs[i], OUTCOME_SUCCESS, 1);
	e[1].started = e[0].started;
	e[1].finished = e[0].finished;
	hand_in_all(&a, e, 2);
	is_int(number(s, "SELECT count(DISTINCT json_array(attempt, type,"
	    " state, reason, outcome, exit, created_at, eligible_at,"
	    " started_at, finished_at, claim, finish, worker, lane,"
	    " length(key), hex(path), no_path, event, attempts, crashes,"
	    " max_attempts, timeout, hex(\"group\"), payload, newer))"
	    " FROM history WHERE attempt = 5 AND attempts = 2"
	    " AND crashes = 1 AND max_attempts = 7 AND path IS NOT NULL"), 1,
	    "the same is written of both");
	is_int(number(s, "SELECT count(*) FROM history WHERE state = 6"), 2,
	    "each");
	end_with(&a, s);
}

static void
test_window(void)
{
	struct store *s = queue_of("window.db", "t", "abc");
	struct attempt_end e;
	struct hand a, b;
	struct turn first;

	fill(s, "u", "xyz");
	set(s, "t", SET_MAX_WORKERS, "1");
	hire(&a, "window.db");
	hire(&b, "window.db");
	is_int((long long)claim_for(&a, &(struct slot_request){ .slot = 0,
	    .jobs = 1, .type = "t" }, 1), 1, "of the type that it asked for");
	is_str(got(&a), "a", "the first");
	first = keep_turn(&a);
	is_int((long long)claim_for(&b, &(struct slot_request){ .slot = 0,
	    .jobs = 1, .type = "t" }, 1), 0, "the cap holds others back");
	must(db_exec(&s->db, "UPDATE lane SET vtime = 9 WHERE vtime = 0", &err));
	is_int((long long)take(&a, 0, 5), 2, "not who is counted already");
	is_str(got(&a), "bc", "and it gets more of its type only");
	is_int(number(s, "SELECT count(*) FROM lease"), 2, "two leases");
	is_sound(s);
	e = end_of(&first.jobs[0], OUTCOME_SUCCESS, 1);
	hand_in_all(&a, &e, 1);
	is_int((long long)claim_for(&b, &(struct slot_request){ .slot = 0,
	    .jobs = 1, .type = "t" }, 1), 0, "the slot still counts as one");
	hand_in(&a, 0, OUTCOME_SUCCESS, 1);
	hand_in(&a, 1, OUTCOME_SUCCESS, 1);
	is_int((long long)take(&a, 0, 2), 2, "who is empty takes any type");
	is_str(got(&a), "xy", "of one kind");
	is_int((long long)claim_for(&b, &(struct slot_request){ .slot = 0,
	    .jobs = 2, .type = "none" }, 1), 0, "a type without jobs");
	turn_release(&first);
	die(&b, true);
	end_with(&a, s);
}

/* A slot that could have more gets it when its type has its turn. */
static void
test_turns(void)
{
	struct store *s = queue_of("turns.db", "a/t", "abcdef");
	struct attempt_end e[3];
	struct hand a;
	struct turn first;

	fill(s, "a/u", "x");
	hire(&a, "turns.db");
	is_int((long long)take(&a, 0, 2), 2, "a window");
	first = keep_turn(&a);
	is_int((long long)take(&a, 0, 2), 0, "it is the other's turn");
	set(s, "a", SET_MAX_WORKERS, "1");
	is_int((long long)take(&a, 0, 2), 0, "also where only this one may run");
	is_int((long long)take(&a, 1, 2), 0, "and so no other");
	set(s, "a/u", SET_MAX_WORKERS, "1");
	must(db_exec(&s->db, "UPDATE lane SET vtime = 9 WHERE type = "
	    "(SELECT id FROM type WHERE name = 'a/u')", &err));
	is_int((long long)take(&a, 0, 1), 1, "its own again");
	is_str(got(&a), "c", "the next one");
	for (int i = 0; i < 2; i++)
		e[i] = end_of(&first.jobs[i], OUTCOME_SUCCESS, 1);
	e[2] = end_of(&a.turn.jobs[0], OUTCOME_SUCCESS, 1);
	is_int((long long)hand_in_all(&a, e, 3), 0, "all have ended");
	turn_release(&first);
	end_with(&a, s);
}

static void
test_crash(void)
{
	struct store *s = queue_of("crash.db", "t", "abc");
	struct hand a, b;

	hire(&a, "crash.db");
	take(&a, 0, 2);
	die(&a, true);
	hire(&b, "crash.db");
	is_int((long long)reap(s), 2, "both are taken back");
	is_int(number(s, "SELECT sum(crashes) FROM job"), 0, "uncharged");
	is_int(number(s, "SELECT sum(alone) FROM job"), 2, "and marked");
	is_int((long long)take(&b, 0, 3), 1, "one of them");
	is_str(got(&b), "a", "the first");
	ok(b.turn.jobs[0].alone, "and it is told that it is alone");
	is_int((long long)take(&b, 0, 3), 0, "to which nothing is added");
	is_int((long long)take(&b, 1, 3), 1, "the other goes elsewhere");
	is_str(got(&b), "b", "alone as well");
	is_int((long long)claim_for(&b, &(struct slot_request){ .slot = 2,
	    .jobs = 1, .ahead = true }, 1), 1, "others may wait");
	is_str(got(&b), "c", "in company");
	is_sound(s);
	die(&b, true);
	is_int((long long)reap(s), 3, "the next one dies, too");
	is_int(job_of(s, 1).crashes, 1, "a crash alone is charged");
	is_int(job_of(s, 2).crashes, 1, "to each");
	is_int(job_of(s, 3).crashes, 0, "but not ahead of the start");
	is_sound(s);
	store_close(s);
}

/* Who joins a slot makes company of the one that was there. */
static void
test_joined(void)
{
	struct store *s = queue_of("joined.db", "t", "abc");
	struct turn first;
	struct hand a;

	hire(&a, "joined.db");
	take(&a, 0, 1);
	first = keep_turn(&a);
	take(&a, 0, 1);
	hand_in(&a, 0, OUTCOME_SUCCESS, 1);
	turn_release(&first);
	die(&a, true);
	is_int((long long)reap(s), 1, "the first is left");
	is_int(job_of(s, 1).crashes, 0, "and was not alone all the time");
	is_int(number(s, "SELECT alone FROM job WHERE id = 1"), 1, "so it is");
	is_sound(s);
	store_close(s);
}

/* An alone one does not go with others, ahead of others, or to others. */
static void
test_head(void)
{
	struct store *s = queue_of("head.db", "t", "abcd");
	struct hand a;

	must(db_exec(&s->db, "UPDATE job SET alone = 1 WHERE id = 3", &err));
	hire(&a, "head.db");
	is_int((long long)take(&a, 0, 9), 2, "as far as the one");
	is_str(got(&a), "ab", "in front of it");
	is_int((long long)claim_for(&a, (struct slot_request[]){
	    { .slot = 0, .jobs = 9 }, { .slot = 1, .jobs = 9, .ahead = true },
	    { .slot = 2, .jobs = 9 }, { .slot = 3, .jobs = 9 } }, 4), 2,
	    "it waits for a slot of its own");
	is_str(got(&a), "cd", "and holds up nobody behind it then");
	is_int(a.turn.jobs[0].slot, 2, "which runs");
	is_int(a.turn.jobs[1].slot, 3, "next");
	end_with(&a, s);
}

/* Nor do those of the other size class pass it, when they are in the slot. */
static void
test_other_class(void)
{
	struct store *s = queue_of("class.db", "t", "abcd");
	struct hand a;

	must(db_exec(&s->db, "INSERT INTO lane(id, type, class, priority, ready)"
	    " SELECT max(id) + 1, type, 1, priority, 3 FROM lane;"
	    "UPDATE lane SET ready = 1 WHERE class = 0;"
	    "UPDATE job SET lane = (SELECT id FROM lane WHERE class = 1)"
	    " WHERE id <> 2; UPDATE job SET alone = 1 WHERE id = 2;"
	    "UPDATE queue SET generation = generation + 1", &err));
	hire(&a, "class.db");
	is_int((long long)take(&a, 0, 9), 1, "as far as the one in the other "
	    "class");
	is_int((long long)take(&a, 0, 9), 0, "nothing more while that runs");
	is_int((long long)claim_for(&a, (struct slot_request[]){
	    { .slot = 0, .jobs = 9 }, { .slot = 1, .jobs = 9, .ahead = true } },
	    2), 0, "nor ahead");
	is_int((long long)take(&a, 1, 9), 1, "it gets the next slot");
	is_str(got(&a), "b", "alone");
	end_with(&a, s);
}

static void
test_failure(void)
{
	struct store *s = queue_of("failure.db", "t", "abc");
	struct attempt_end e[3];
	struct hand a;

	hire(&a, "failure.db");
	take(&a, 0, 3);
	for (int i = 0; i < 3; i++) {
		e[i] = end_of(&a.turn.jobs[i], OUTCOME_PERMANENT, 1);
		e[i].company = true;
	}
	hand_in_all(&a, e, 3);
	is_int(number(s, "SELECT count(*) FROM job WHERE state = 1"
	    " AND attempts = 0 AND alone = 1"), 3,
	    "a failure in company charges nobody");
	is_int(number(s, "SELECT count(*) FROM history WHERE outcome = 1"), 3,
	    "it is in the history");
	is_int((long long)take(&a, 0, 3), 1, "alone");
	e[0] = end_of(&a.turn.jobs[0], OUTCOME_UNKNOWN, 1);
	hand_in_all(&a, e, 1);
	is_int(job_of(s, 1).attempts, 1, "it is charged");
	is_int(job_of(s, 1).state, STATE_DELAYED, "and tried again later");
	is_int(number(s, "SELECT alone FROM job WHERE id = 1"), 1,
	    "without spoiling it for others once more");
	is_int((long long)take(&a, 0, 3), 1, "the next one");
	hand_in(&a, 0, OUTCOME_SUCCESS, 1);
	is_int(job_of(s, 2).state, STATE_SUCCEEDED, "is innocent");
	end_with(&a, s);
}

static void
test_orders(void)
{
	struct store *s = queue_of("orders.db", "t", "abc");
	struct control_result r;
	struct attempt_end e[3];
	struct hand a;

	hire(&a, "orders.db");
	take(&a, 0, 3);
	must(store_control(s, JOB_KILL, 0, &(int64_t){ 2 }, 1, &r, &err));
	enqueue(s, "t", "/c");
	for (int i = 0; i < 3; i++)
		e[i] = end_of(&a.turn.jobs[i], OUTCOME_UNKNOWN, 1);
	hand_in_all(&a, e, 3);
	is_int(job_of(s, 1).state, STATE_DELAYED, "one is tried again");
	is_int(job_of(s, 2).state, STATE_CANCELLED, "one was ordered to end");
	is_int(job_of(s, 3).reason, REASON_SUPERSEDED, "one has a successor");
	is_int(job_of(s, 4).state, STATE_READY, "which may start");
	end_with(&a, s);
}

int
main(void)
{
	test_batch();
	test_long_batch();
	test_apart();
	test_ties();
	test_follow();
	test_history();
	test_window();
	test_turns();
	test_crash();
	test_joined();
	test_head();
	test_other_class();
	test_failure();
	test_orders();
	return done();
}
