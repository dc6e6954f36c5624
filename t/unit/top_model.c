/* The screen of iq-top without a screen: the choice, keys, and what they
 * want. */
#include "top.h"
#include "tap.h"

static struct top_item jobs[] = {
	{ .job = 1, .state = STATE_READY }, { .job = 2, .state = STATE_READY },
	{ .job = 3, .state = STATE_RUNNING },
	{ .job = 4, .state = STATE_QUARANTINED },
};
static struct top_item types[] = { { .type = "a" }, { .type = "b" } };

static void
type_keys(struct top *t, const char *keys)
{
	for (; *keys; keys++)
		top_key(t, *keys);
}

static void
test_choice(void)
{
	struct top t;

	top_init(&t, NULL);
	t.view = TOP_JOBS;
	top_rows(&t, 2);
	top_items(&t, jobs, 4);
	is_int(t.chosen.job, 1, "the first one is chosen");
	top_key(&t, TOP_KEY_UP);
	is_int(t.chosen.job, 1, "there is nothing above it");
	type_keys(&t, "jj");
	is_int(t.chosen.job, 3, "two below");
	is_int((int)t.first, 1, "and it is seen");
	top_items(&t, jobs + 1, 3);
	is_int(t.chosen.job, 3, "it stays chosen where others go");
	is_int((int)t.at, 1, "where it is now");
	top_items(&t, jobs, 2);
	ok(!t.has_chosen, "nothing is, when it goes");
	is_int(top_key(&t, 'r'), TOP_REDRAW, "a key does nothing then");
	is_str(t.message.p, "nothing is chosen", "and says so");
	top_key(&t, 'j');
	is_int(t.chosen.job, 2, "the first step is to where it was");
	top_key(&t, 'G');
	top_key(&t, 'g');
	is_int(t.chosen.job, 1, "to the last one and to the first");
	top_items(&t, NULL, 0);
	top_key(&t, 'j');
	ok(!t.has_chosen, "of nothing, nothing is chosen");
	top_items(&t, jobs, 4);
	ok(!t.has_chosen, "not even when there is something again");
	top_release(&t);
}

static void
test_actions(void)
{
	struct top t;

	top_init(&t, NULL);
	top_items(&t, types, 2);
	top_key(&t, 'j');
	is_int(top_key(&t, 'p'), TOP_ACT, "a type is paused");
	is_int(t.action.verb, TOP_PAUSE, "by that verb");
	is_str(t.action.of.type, "b", "the one that is chosen");
	is_int(top_key(&t, 'P'), TOP_REDRAW, "pausing everything asks first");
	is_str(t.message.p, "pause everything? (y/n)", "with a question");
	is_int(top_key(&t, 'n'), TOP_REDRAW, "n does nothing");
	top_key(&t, 'P');
	is_int(top_key(&t, 'y'), TOP_ACT, "y does it");
	ok(t.action.verb == TOP_PAUSE && t.action.of.type[0] == '\0',
	    "to the whole queue");
	is_int(top_key(&t, 'R'), TOP_ACT, "everything is resumed");
	is_str(t.action.of.type, "", "not only that type");
	is_int(top_key(&t, 'c'), TOP_NOTHING, "a type is not cancelled");
	top_key(&t, 'l');
	is_int(t.mode, TOP_LIMIT, "a limit is asked for");
	type_keys(&t, "1q");
	top_key(&t, TOP_KEY_ERASE);
	type_keys(&t, "2");
	is_int(top_key(&t, TOP_KEY_ENTER), TOP_ACT, "and set");
	is_str(t.action.text, "12", "to what was typed");
	top_release(&t);
}

static void
asks(size_t at, int key, enum top_verb verb, const char *question)
{
	struct top t;

	top_init(&t, NULL);
	t.view = TOP_JOBS;
	top_items(&t, jobs + at, 1);
	is_int(top_key(&t, key), TOP_REDRAW, "%c is no action yet", key);
	is_str(t.message.p, question, "it asks");
	is_int(top_key(&t, 'n'), TOP_REDRAW, "n does nothing");
	top_key(&t, key);
	is_int(top_key(&t, TOP_KEY_ENTER), TOP_REDRAW, "nor does Enter");
	top_key(&t, key);
	is_int(top_key(&t, 'y'), TOP_ACT, "y does it");
	is_int(t.action.verb, verb, "that");
	is_int(t.action.of.job, jobs[at].job, "to that job");
	top_release(&t);
}

static void
test_asked_job_goes(void)
{
	struct top t;

	top_init(&t, NULL);
	t.view = TOP_JOBS;
	top_items(&t, jobs, 4);
	top_key(&t, 'c');
	top_items(&t, jobs + 1, 3);
	is_int(top_key(&t, 'y'), TOP_ACT, "what was asked about");
	is_int(t.action.of.job, 1, "is what is done, if another is there now");
	top_release(&t);
}

static void
test_views(void)
{
	struct top t;
	unsigned bits;

	top_init(&t, "a");
	top_items(&t, types, 2);
	top_key(&t, 'j');
	is_int(top_key(&t, TOP_KEY_ENTER), TOP_READ, "a type is opened");
	is_int(t.view, TOP_JOBS, "its jobs are shown");
	is_str(t.type, "b", "of that type only");
	is_int(top_key(&t, TOP_KEY_ESCAPE), TOP_READ, "a step back");
	is_str(t.type, "a", "is to what was asked for at first");
	top_items(&t, jobs, 4);
	is_int(top_key(&t, TOP_KEY_ENTER), TOP_EXPLAIN, "a job is explained");
	is_int(top_key(&t, '\t'), TOP_READ, "the next view");
	is_int(t.view, TOP_WORKERS, "is that of workers");
	is_int(top_key(&t, 'r'), TOP_NOTHING, "where nothing is retried");
	top_key(&t, '1');
	is_int(t.view, TOP_TYPES, "by number");
	top_key(&t, '4');
	top_key(&t, '\t');
	is_int(t.view, TOP_TYPES, "after the last comes the first");
	is_str(top_state(&t, &bits), "all", "jobs in all states");
	is_int((int)bits, 0, "which are no bits");
	top_key(&t, '2');
	top_key(&t, 'f');
	is_str(top_state(&t, &bits), "running", "only those that run");
	is_int((int)bits, 1 << STATE_RUNNING, "which is one");
	is_int(top_key(&t, 'q'), TOP_QUIT, "the end");
	top_release(&t);
}

static void
pattern(const char *typed, const char *wanted)
{
	struct buf b = { 0 };
	struct top t;

	top_init(&t, NULL);
	top_key(&t, '/');
	type_keys(&t, typed);
	is_int(top_key(&t, TOP_KEY_ENTER), TOP_READ, "a filter");
	top_pattern(&t, &b);
	is_str(b.p ? b.p : "", wanted, "'%s' as a pattern", typed);
	buf_release(&b);
	top_key(&t, TOP_KEY_ESCAPE);
	is_int((int)t.filter.len, 0, "and none any more");
	top_release(&t);
}

static void
test_typing(void)
{
	struct top t;

	top_init(&t, NULL);
	top_key(&t, '/');
	top_key(&t, 0xe9);
	top_key(&t, 0x1f600);
	is_str(t.typed.p, "\xc3\xa9\xf0\x9f\x98\x80", "as UTF-8");
	top_key(&t, TOP_KEY_ERASE);
	is_str(t.typed.p, "\xc3\xa9", "a whole character goes");
	top_key(&t, TOP_KEY_ERASE);
	top_key(&t, TOP_KEY_ERASE);
	top_key(&t, TOP_KEY_UP);
	is_int((int)t.typed.len, 0, "and nothing is left");
	top_key(&t, TOP_KEY_ESCAPE);
	is_int(t.mode, TOP_LIST, "never mind");
	top_release(&t);
}

static void
test_types(void)
{
	struct type_stats all[3] = {
		{ .type = "b", .depth.ready = 1 },
		{ .type = "a", .depth.ready = 5 },
		{ .type = "c/d", .depth.ready = 5 } };
	struct stats s = { .types = all, .ntypes = 3 };
	const struct type_stats *v[3];
	struct top t;

	top_init(&t, NULL);
	is_int((int)top_types(&t, &s, v), 3, "all types");
	is_str(v[0]->type, "a", "by name");
	top_key(&t, 's');
	is_str(top_sort(&t), "ready", "the next column");
	top_types(&t, &s, v);
	is_str(v[2]->type, "b", "the most first");
	is_str(v[0]->type, "a", "equal ones by name");
	top_key(&t, 'S');
	top_types(&t, &s, v);
	is_str(v[0]->type, "b", "backwards");
	buf_adds(&t.filter, "/");
	is_int((int)top_types(&t, &s, v), 1, "filtered");
	is_str(v[0]->type, "c/d", "by a part of the name");
	top_release(&t);
}

static void
spark(const double *v, size_t n, size_t columns, const char *wanted)
{
	struct buf b = { 0 };

	top_spark(&b, v, n, columns, true);
	is_str(b.p, wanted, "bars");
	buf_release(&b);
}

static void
line(const char *text, size_t columns, bool ascii, const char *wanted)
{
	struct buf b = { 0 };

	top_line(&b, bytes_of(text), columns, ascii);
	is_str(b.p ? b.p : "", wanted, "%zu columns", columns);
	buf_release(&b);
}

static void
test_layout(void)
{
	struct top_layout l = top_layout(24, 11);

	is_int((int)l.head, 11, "24 lines have the whole head");
	is_int((int)l.rows, 10, "and ten rows");
	l = top_layout(10, 11);
	is_int((int)l.head, 4, "in few lines the head is cut");
	is_int((int)l.rows, 3, "and not the list");
	l = top_layout(1, 11);
	is_int((int)l.head + (int)l.rows, 1, "in one line nothing breaks");
	is_int(top_next(100, 1, NS_PER_S / 5, true), 100 + NS_PER_S / 5,
	    "what is read fast is read as often as is wanted");
	is_int(top_next(0, NS_PER_S, 1, true), 10 * NS_PER_S,
	    "and what is not takes a tenth of the time");
	is_int(top_next(0, 1, 1, false), NS_PER_S, "with nothing new, rarely");
	ok(top_next(0, NS_PER_S, 1, false) >= 400 * NS_PER_S,
	    "and less than 0.3 %% of it");
	spark((double[]){ 0, -1, 1, 8, 4 }, 5, 5, "_ .#=");
	spark((double[]){ 0, -1, 1, 8, 4 }, 5, 2, "#=");
	spark((double[]){ 0, 0 }, 2, 9, "__");
	line("abc", 2, false, "ab");
	line("\xc3\xa9\xe4\xb8\xad" "b", 2, false, "\xc3\xa9");
	line("\xc3\xa9\xe4\xb8\xad" "b", 9, true, "???b");
}

int
main(void)
{
	test_choice();
	test_actions();
	asks(0, 'c', TOP_CANCEL, "job 1: cancel it? (y/n)");
	asks(2, 'c', TOP_KILL, "job 3: it runs; kill and cancel it? (y/n)");
	asks(3, 'c', TOP_DISCARD, "job 4: discard it from quarantine? (y/n)");
	asks(2, 'b', TOP_RELEASE, "job 3: stop it and put it back? (y/n)");
	test_asked_job_goes();
	test_views();
	pattern("ab", "*ab*");
	pattern("a*b", "a*b");
	pattern("a\\b", "*a\\\\b*");
	pattern("", "");
	test_typing();
	test_types();
	test_layout();
	return done();
}
