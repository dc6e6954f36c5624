/*
 * Workers as unit tests have them: each has a handle of its own, as if it were
 * another process, and no handlers.
 */
#ifndef IQ_HAND_H
#define IQ_HAND_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/internal.h"
#include "tap.h"

static const struct selection everything = { .own_command = true };
static struct err err;

#define HAND_SLOTS 8

/* A worker with a handle of its own, as if it were another process */
struct hand {
	struct store *s;
	int64_t id;
	struct turn turn;
	int locks[HAND_SLOTS];	/* of the slots that were claimed for */
};

static inline void
must(int code)
{
	if (code) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
}

static inline struct store *
open_again(const char *path)
{
	struct store *s;

	must(store_open(&s, &(struct store_options){ .path = path,
	    .mode = STORE_CREATE, .program = "unit" }, &err));
	return s;
}

/* Whatever an earlier run has left in this directory */
static inline void
forget_queue(const char *path)
{
	static const char *const parts[] = { "", "-wal", "-shm", "-lock" };
	char name[200];

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		snprintf(name, sizeof(name), "%s%s", path, parts[i]);
		unlink(name);
	}
}

/* A new one */
static inline struct store *
open_queue(const char *path)
{
	forget_queue(path);
	return open_again(path);
}

static inline void
hire(struct hand *h, const char *path)
{
	memset(h, 0, sizeof(*h));
	for (size_t i = 0; i < HAND_SLOTS; i++)
		h->locks[i] = -1;
	h->s = open_again(path);
	must(store_worker_join(h->s, &(struct worker_info){ &everything, 4,
	    60 * NS_PER_S }, &h->id, &err));
}

/* As the kernel does when the process is killed; its handlers may live on. */
static inline void
die(struct hand *h, bool handlers_too)
{
	for (size_t i = 0; i < HAND_SLOTS && handlers_too; i++)
		if (h->locks[i] >= 0)
			close(h->locks[i]);
	turn_release(&h->turn);
	store_close(h->s);
}

/* How many jobs these slots got: h->turn.jobs */
static inline size_t
claim_for(struct hand *h, const struct slot_request *slots, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int number = slots[i].slot;

		if (h->locks[number] < 0)
			must(store_slot_lock(h->s, h->id, number,
			    &h->locks[number], &err));
	}
	must(store_turn(h->s, &(struct turn_request){ .worker = h->id,
	    .selection = &everything, .slots = slots, .nslots = n }, &h->turn,
	    &err));
	return h->turn.njobs;
}

/* A job for each of the first slots */
static inline size_t
claim(struct hand *h, size_t nslots, size_t nrun)
{
	struct slot_request slots[HAND_SLOTS];

	for (size_t i = 0; i < nslots; i++)
		slots[i] = (struct slot_request){ .slot = (int)i, .jobs = 1,
		    .ahead = i >= nrun };
	return claim_for(h, slots, nslots);
}

/* How a job ended; started: ns ago, 0 never */
static inline struct attempt_end
end_of(const struct claimed *j, enum outcome o, int64_t started)
{
	int64_t now = clock_wall(&clock_system);

	return (struct attempt_end){ .job = j, .outcome = o,
	    .reason = REASON_UNKNOWN,
	    .ending = { .retry_after = -1 },
	    .started = started ? now - started : 0, .finished = now,
	    .usage = USAGE_NONE, .input_bytes = -1 };
}

/* The turn, and so the jobs of the last claim, stay as they are; how many of
 * the ends came too late. */
static inline size_t
hand_in_all(struct hand *h, const struct attempt_end *e, size_t n)
{
	struct turn t = { 0 };
	size_t lost = 0;

	must(store_turn(h->s, &(struct turn_request){ .worker = h->id,
	    .selection = &everything, .ends = e, .nends = n }, &t, &err));
	for (size_t i = 0; i < n; i++)
		lost += t.fates[i].lost;
	turn_release(&t);
	return lost;
}

/* The end of the i-th job of the last claim */
static inline void
hand_in(struct hand *h, size_t i, enum outcome o, int64_t started)
{
	struct attempt_end e = end_of(&h->turn.jobs[i], o, started);

	hand_in_all(h, &e, 1);
}

static inline void
enqueue(struct store *s, const char *type, const char *path)
{
	struct enqueue_options o = { .on_full = FULL_SETTING };
	struct enqueue_result result;
	struct record r;
	size_t taken;

	record_init(&r);
	r.type = bytes_of(type);
	r.path = bytes_of(path);
	r.priority = 3;
	must(store_enqueue(s, &o, &r, 1, &result, &taken, &err));
}

static inline int
keep(void *ctx, const struct job *j)
{
	*(struct job *)ctx = *j;
	return 0;
}

static inline struct job
job_of(struct store *s, int64_t id)
{
	struct job j = { 0 };

	must(store_list(s, &(struct job_filter){ .ids = &id, .nids = 1 },
	    keep, NULL, &j, &err));
	return j;
}

static inline int64_t
number(struct store *s, const char *sql)
{
	sqlite3_stmt *st;
	int64_t n = -1;

	if (sqlite3_prepare_v2(s->db.handle, sql, -1, &st, NULL) == SQLITE_OK
	    && sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

/* Of SQLite's machine, in one unit of work */
#define WORK_STEPS 100

static inline int
add_work(void *work)
{
	++*(int *)work;
	return 0;
}

/* Adds to *work, until it is NULL, what SQLite does for s. */
static inline void
count_work(struct store *s, int *work)
{
	sqlite3_progress_handler(s->db.handle, work ? WORK_STEPS : 0,
	    work ? add_work : NULL, work);
}

static inline void
say_finding(void *ctx, const char *sentence)
{
	(void)ctx;
	printf("# %s\n", sentence);
}

static inline void
is_sound(struct store *s)
{
	size_t findings;

	must(store_check(s, say_finding, NULL, &findings, &err));
	is_int((long long)findings, 0, "the queue is sound");
}

static inline void
set(struct store *s, const char *type, enum setting_key k, const char *text)
{
	must(store_settings_change(s, &(struct setting_change){ type, k,
	    text }, 1, &err));
}

#endif
