#include "aftermath.h"

#include <sqlite3.h>
#include <unistd.h>

static const struct selection everything = { .own_command = true };

/* The queue comes from a machine that was switched off. */
static void
restart_machine(const char *queue)
{
	sqlite3 *db;

	if (sqlite3_open_v2(queue, &db, SQLITE_OPEN_READWRITE, NULL) ==
	    SQLITE_OK) {
		sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
		    NULL);
		sqlite3_exec(db, "UPDATE queue SET lock_boot = 'before';"
		    "UPDATE worker SET boot = 'before', pid = 0", NULL, NULL,
		    NULL);
	}
	sqlite3_close(db);
}

static bool
no_lease_left(const char *queue)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db;
	bool none = sqlite3_open_v2(queue, &db, SQLITE_OPEN_READWRITE, NULL)
	    == SQLITE_OK;

	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	none = none && sqlite3_prepare_v2(db, "SELECT count(*) FROM lease",
	    -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW &&
	    sqlite3_column_int(st, 0) == 0;
	sqlite3_finalize(st);
	sqlite3_close(db);
	return none;
}

static bool
enqueue(struct play *p, struct store *s)
{
	struct enqueue_options options = { 0 };
	struct enqueue_result result;
	struct err err = { 0 };
	struct record r;
	size_t taken;

	record_init(&r);
	r.type = bytes_of("notes");
	r.priority = 1;
	r.path = bytes_of("/in/after-the-cut");
	if (play_failed(p, "enqueue", store_enqueue(s, &options, &r, 1,
	    &result, &taken, &err), &err))
		return false;
	play_promise(p, (struct promise){ .kind = PROMISE_ACCEPTED,
	    .id = result.id, .name = r.path });
	return true;
}

static void
run_one(struct play *p, struct store *s, int64_t worker)
{
	int fd = -1;
	struct turn_request r = { .worker = worker,
	    .slots = &(struct slot_request){ .slot = 0, .jobs = 1 },
	    .selection = &everything, .nslots = 1 };
	struct attempt_end end = { .outcome = OUTCOME_SUCCESS,
	    .reason = REASON_SUCCEEDED, .usage = USAGE_NONE,
	    .input_bytes = -1, .ending = { .retry_after = -1 } };
	struct turn t = { 0 };
	struct err err = { 0 };

	if (play_failed(p, "lock", store_slot_lock(s, worker, 0, &fd,
	    &err), &err) || play_failed(p, "claim", store_turn(s, &r, &t,
	    &err), &err) || t.njobs == 0)
		goto out;
	end.job = &t.jobs[0];
	end.started = end.finished = p->clock.wall(p->clock.ctx);
	r = (struct turn_request){ .worker = worker, .ends = &end,
	    .selection = &everything, .nends = 1 };
	if (play_failed(p, "finish", store_turn(s, &r, &t, &err), &err) == 0
	    && t.fates[0].lost) {
		err_set(&err, EX_SOFTWARE, "the job is not ours");
		play_failed(p, "finish", EX_SOFTWARE, &err);
	}
out:
	turn_release(&t);
	if (fd >= 0)
		close(fd);
}

static void
work(struct play *p, struct store *s)
{
	struct err err = { 0 };
	int64_t worker;

	if (play_failed(p, "join", store_worker_join(s, &(struct worker_info){
	    &everything, 1, NS_PER_S }, &worker, &err), &err))
		return;
	run_one(p, s, worker);
	play_failed(p, "leave", store_worker_leave(s, worker, &err), &err);
}

static void
finding(void *ctx, const char *sentence)
{
	struct findings *f = ctx;

	f->wrong++;
	buf_addf(&f->text, "iq-db check: %s\n", sentence);
}

static void
check(struct play *p, struct store *s, struct findings *f)
{
	struct err err = { 0 };
	size_t n;

	play_failed(p, "check", store_check(s, finding, f, &n, &err), &err);
}

void
aftermath(struct play *p, struct findings *f)
{
	struct err err = { 0 };
	struct store *s;
	struct reaped reaped = { 0 };

	restart_machine(p->path);
	s = play_open(p, false);
	if (s && play_failed(p, "reap", store_reap(s, &reaped, &err), &err)
	    == 0) {
		if (!no_lease_left(p->path)) {
			f->wrong++;
			buf_adds(&f->text, "dead workers' jobs were not taken "
			    "back\n");
		}
		if (enqueue(p, s))
			work(p, s);
		check(p, s, f);
	}
	store_close(s);
	if (p->err.code) {
		f->wrong++;
		buf_addf(&f->text, "%s\n", p->err.text);
	}
}
