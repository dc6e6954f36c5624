#include "play.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "store/internal.h"

#define ENQUEUERS 4
#define WORKERS 2

/* Each look takes up to 0.4 s, so jobs are young, old, delayed and due. */
static int64_t
look(void *ctx)
{
	struct play *p = ctx;

	p->now += (int64_t)dice_below(&p->dice, 400) * NS_PER_MS;
	return p->now;
}

struct store *
play_open(struct play *p, bool later)
{
	struct store *s = NULL;
	struct err err = { 0 };
	int code = store_open(&s, &(struct store_options){ .path = p->path,
	    .mode = STORE_CREATE, .program = "powercut", .clock = &p->clock,
	    .later = later }, &err);

	/* who makes the queue syncs that, and may die there */
	if (code != EX_IOERR || !p->mortal)
		play_failed(p, "open", code, &err);
	return s;
}

int
play_failed(struct play *p, const char *verb, int code,
	const struct err *err)
{
	if (code && p->err.code == 0)
		err_set(&p->err, code, "%s: %s", verb, err->text);
	return code;
}

void
play_promise(struct play *p, struct promise what)
{
	what.since = p->recorder->history.n;
	promise_add(&p->promises, what);
	if (what.kind != PROMISE_LOGGED && what.id > p->last_id)
		p->last_id = what.id;
}

void
play_promise_log(struct play *p, const struct store *s)
{
	/* what it has written for others may be unsynced, when its own was
	 * written by another one */
	if (!s->unsynced)
		play_promise(p, (struct promise){ .kind = PROMISE_LOGGED,
		    .id = s->tx.seq });
}

/* Reads with a long transaction, so that checkpoints stop half-way. */
void
play_reader(void *ctx, size_t number)
{
	struct play *p = ctx;

	(void)number;
	for (size_t i = 0; i < p->rounds && p->err.code == 0; i++) {
		sqlite3 *db = NULL;

		cast_pass(&p->cast);
		/* before that he would stand in the way of its making */
		if (p->promises.n == 0)
			continue;
		if (sqlite3_open_v2(p->path, &db, SQLITE_OPEN_READWRITE,
		    NULL) == SQLITE_OK) {
			sqlite3_db_config(db,
			    SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
			sqlite3_exec(db, "BEGIN; SELECT count(*) FROM "
			    "sqlite_schema", NULL, NULL, NULL);
			for (size_t n = dice_below(&p->dice, 6); n; n--)
				cast_pass(&p->cast);
		}
		sqlite3_close(db);
	}
}

static int
pause_before_sync(void *ctx)
{
	struct play *p = ctx;
	bool dies = p->mortal && p->may_die[cast_playing(&p->cast)] &&
	    dice_one_in(&p->dice, 12);

	/* long enough that others come who want to be told of this sync */
	for (size_t n = 1 + dice_below(&p->dice, 12); n; n--)
		cast_pass(&p->cast);
	return dies;
}

int
play_run(struct play *p, uint64_t seed)
{
	p->dice.state = seed;
	p->now = INT64_C(1700000000) * NS_PER_S;
	p->clock = (struct clock){ look, look, p };
	p->recorder->pause = pause_before_sync;
	p->recorder->ctx = p;
	cast_init(&p->cast, &p->dice);
	for (int i = 0; i < ENQUEUERS; i++)
		cast_add(&p->cast, play_enqueuer, p);
	for (int i = 0; i < WORKERS; i++)
		cast_add(&p->cast, play_worker, p);
	cast_add(&p->cast, play_operator, p);
	cast_add(&p->cast, play_reader, p);
	p->recorder->on = true;
	cast_play(&p->cast);
	p->recorder->on = false;
	p->recorder->pause = NULL;
	return p->err.code;
}

void
play_release(struct play *p)
{
	promises_release(&p->promises);
}
