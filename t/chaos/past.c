/*
 * past QUEUE AGE TYPE JOBS - enqueues that many jobs, each in a transaction of
 * its own, AGE ago by the queue's clock, and cancels each second one.  +AGE: as
 * long from now.
 */
#include <err.h>

#include "base/num.h"
#include "store/store.h"

static int64_t age;

static int64_t
earlier(void *ctx)
{
	(void)ctx;
	return clock_system.wall(NULL) - age;
}

static const struct clock past = { earlier, NULL, NULL };

static void
enqueue(struct store *s, const char *type, int64_t number, struct err *e)
{
	struct record r = { 0 };
	struct enqueue_result result;
	struct control_result done;
	char path[32];
	size_t taken;

	record_init(&r);
	r.type = bytes_of(type);
	r.priority = 3;
	snprintf(path, sizeof(path), "past %lld", (long long)number);
	r.path = r.key = bytes_of(path);
	if (store_enqueue(s, &(struct enqueue_options){ 0 }, &r, 1, &result,
	    &taken, e))
		errx(e->code, "%s", e->text);
	if (number % 2 && store_control(s, JOB_CANCEL, 0, &result.id, 1,
	    &done, e))
		errx(e->code, "%s", e->text);
}

int
main(int argc, char **argv)
{
	struct clock clock = past;
	struct store *s;
	struct err e;
	int64_t jobs;
	bool later;

	if (argc != 5)
		errx(64, "usage: past QUEUE AGE TYPE JOBS");
	later = argv[2][0] == '+';
	if (duration_parse(argv[2] + later, &age, &e) ||
	    int_parse(argv[4], "JOBS", 1, 1000000, &jobs, &e))
		errx(64, "%s", e.text);
	age = later ? -age : age;
	clock.boot = clock_system.boot;
	if (store_open(&s, &(struct store_options){ .path = argv[1],
	    .mode = STORE_CREATE, .program = "past", .clock = &clock }, &e))
		errx(e.code, "%s", e.text);
	for (int64_t i = 0; i < jobs; i++)
		enqueue(s, argv[3], i, &e);
	store_close(s);
	return 0;
}
