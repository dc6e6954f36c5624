/* Ends of which very many children are to hear, some in each transaction. */
#include "hand.h"

#define CHILDREN 2500
#define PART 1000	/* hear in one transaction */

static void
enqueue_children(struct store *s, enum on_parent_failure failure, int n)
{
	struct enqueue_options o = { .on_full = FULL_SETTING,
	    .no_key = true, .on_parent_failure = failure };
	struct enqueue_result *results = mem_zero((size_t)n, sizeof(*results));
	struct record *v = mem_zero((size_t)n, sizeof(*v));
	int64_t parent = 1;
	size_t taken;

	for (int i = 0; i < n; i++) {
		record_init(&v[i]);
		v[i].type = bytes_of(i % 2 ? "odd" : "even");
		v[i].path = bytes_of("/child");
		v[i].priority = 3;
		v[i].after = &parent;
		v[i].nafter = 1;
	}
	must(store_enqueue(s, &o, v, (size_t)n, results, &taken, &err));
	is_int((long long)taken, n, "children are enqueued");
	free(v);
	free(results);
}

/* A worker has claimed a job for which many wait. */
static struct store *
family(const char *path, struct hand *a, enum on_parent_failure failure)
{
	struct store *s = open_queue(path);

	enqueue(s, "parent", "/a");
	enqueue_children(s, failure, CHILDREN);
	hire(a, path);
	is_int((long long)claim(a, 1, 1), 1, "the parent starts");
	return s;
}

static void
take_turn(struct hand *h, bool more)
{
	claim_for(h, NULL, 0);
	is_int(h->turn.more, more, more ? "more are left" : "all have heard");
}

static long long
in_state(struct store *s, enum state state)
{
	char sql[80];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM job WHERE state = %d",
	    (int)state);
	return number(s, sql);
}

static void
keep_why(void *ctx, const char *code, const char *sentence)
{
	if (strcmp(code, "parent") == 0)
		snprintf(ctx, 200, "%s", sentence);
}

static void
why_waits(struct store *s, int64_t id, const char *wanted)
{
	char said[200] = "";

	must(store_why(s, id, keep_why, said, &err));
	is_str(said, wanted, "and why it waits");
}

static void
test_success(void)
{
	struct hand a;
	struct store *s = family("released.db", &a, PARENT_WAIT);

	hand_in(&a, 0, OUTCOME_SUCCESS, 1);
	is_int(in_state(s, STATE_READY), PART, "so many may start at first");
	is_sound(s);
	why_waits(s, CHILDREN + 1, "job 1, which it waits for, is succeeded, and "
	    "its children, which are many, hear of that one after the other: "
	    "iq-ctl and any worker go on with it");
	take_turn(&a, true);
	is_int(in_state(s, STATE_READY), 2 * PART, "as many more");
	take_turn(&a, false);
	is_int(in_state(s, STATE_READY), CHILDREN, "and the rest");
	is_sound(s);
	die(&a, true);
	store_close(s);
}

static void
test_failure(void)
{
	struct hand a;
	struct store *s = family("ended.db", &a, PARENT_CANCEL);
	struct reaped reaped = { 0 };

	hand_in(&a, 0, OUTCOME_PERMANENT, 1);
	is_int(in_state(s, STATE_WAITING), CHILDREN - PART, "so many still wait");
	is_sound(s);
	/* a look for what the dead left does it as well */
	must(store_reap(s, &reaped, &err));
	is_int((long long)reaped.jobs, 0, "nothing is taken back");
	is_int(in_state(s, STATE_WAITING), CHILDREN - 2 * PART, "and fewer wait");
	take_turn(&a, false);
	is_int(in_state(s, STATE_WAITING), 0, "nobody waits any more");
	is_sound(s);
	die(&a, true);
	store_close(s);
}

static void
test_revived(void)
{
	struct hand a;
	struct store *s = family("revived.db", &a, PARENT_CANCEL);
	struct control_result r;
	int64_t id = 1;

	hand_in(&a, 0, OUTCOME_PERMANENT, 1);
	must(store_control(s, JOB_RETRY, 0, &id, 1, &r, &err));
	take_turn(&a, false);
	is_int(in_state(s, STATE_WAITING), CHILDREN - PART,
	    "who has not heard waits for one that was revived");
	is_int((long long)claim(&a, 1, 1), 1, "that runs again");
	hand_in(&a, 0, OUTCOME_SUCCESS, 1);
	take_turn(&a, false);
	is_int(in_state(s, STATE_READY), CHILDREN - PART, "and lets them start");
	is_sound(s);
	die(&a, true);
	store_close(s);
}

/* Children that stay where they are do not keep the others from hearing. */
static void
test_wait(void)
{
	struct hand a;
	struct store *s = family("stays.db", &a, PARENT_WAIT);

	enqueue_children(s, PARENT_RUN, 1);
	hand_in(&a, 0, OUTCOME_PERMANENT, 1);
	take_turn(&a, true);
	is_int(in_state(s, STATE_READY), 0, "they wait for a retry");
	take_turn(&a, false);
	is_int(in_state(s, STATE_READY), 1, "but one runs all the same");
	is_int(in_state(s, STATE_WAITING), CHILDREN, "they still do");
	why_waits(s, 2, "it waits for job 1, which is quarantined and will not "
	    "succeed by itself: iq-ctl retry 1 runs that one again, "
	    "iq-ctl cancel 2 gives this one up");
	is_sound(s);
	die(&a, true);
	store_close(s);
}

int
main(void)
{
	test_success();
	test_failure();
	test_revived();
	test_wait();
	return done();
}
