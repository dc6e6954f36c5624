#include "overlap.h"

#include <sqlite3.h>
#include <stdio.h>

struct overlap {
	struct play *play;
	struct store *store, *other;
	int64_t number;		/* of the next path */
	long tried, refused;
};

bool
overlap_applies(void)
{
	int v = sqlite3_libversion_number();

	/* 3.51.3, and what it was ported back to */
	return v < 3051003 && !(v >= 3050007 && v < 3051000) &&
	    !(v >= 3044006 && v < 3045000);
}

static int
enqueue(struct overlap *o, struct store *s, struct err *err)
{
	struct enqueue_options options = { 0 };
	struct enqueue_result result;
	struct record r;
	char path[32];
	size_t taken;
	int code;

	snprintf(path, sizeof(path), "/in/%lld", (long long)o->number++);
	record_init(&r);
	r.type = bytes_of("notes");
	r.priority = 3;
	r.path = bytes_of(path);
	code = store_enqueue(s, &options, &r, 1, &result, &taken, err);
	if (code == 0)
		play_promise(o->play, (struct promise){
		    .kind = PROMISE_ACCEPTED, .id = result.id,
		    .name = r.path });
	return code;
}

static void
enqueue_many(struct overlap *o, int n)
{
	struct err err = { 0 };

	while (n--)
		if (play_failed(o->play, "enqueue", enqueue(o, o->store,
		    &err), &err))
			return;
}

static void
commit_in_between(void *ctx)
{
	struct overlap *o = ctx;

	o->play->recorder->checkpoint = NULL;	/* once */
	enqueue_many(o, 3);
}

static sqlite3 *
foreign(const char *path)
{
	sqlite3 *db;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) ==
	    SQLITE_OK) {
		sqlite3_wal_autocheckpoint(db, 0);
		sqlite3_exec(db, "SELECT count(*) FROM job", NULL, NULL,
		    NULL);
	}
	return db;
}

void
overlap_foreign(struct play *p, struct findings *f)
{
	struct overlap o = { .play = p, .store = play_open(p, false) };
	sqlite3 *first, *second;

	p->recorder->checkpoint_ctx = &o;
	if (o.store == NULL)
		return;
	enqueue_many(&o, 1);
	second = foreign(p->path);
	enqueue_many(&o, 5);
	first = foreign(p->path);
	sqlite3_wal_checkpoint_v2(first, NULL, SQLITE_CHECKPOINT_FULL, NULL,
	    NULL);
	sqlite3_close(first);
	p->recorder->checkpoint = commit_in_between;
	sqlite3_wal_checkpoint_v2(second, NULL, SQLITE_CHECKPOINT_PASSIVE,
	    NULL, NULL);
	p->recorder->checkpoint = NULL;
	enqueue_many(&o, 5);
	store_close(o.store);
	sqlite3_close(second);	/* with its usual checkpoint */
	inspect(p->path, recorder_stock(), p->promises.v, p->promises.n, f);
}

static void
try_in_between(void *ctx)
{
	struct overlap *o = ctx;
	struct err err = { 0 };

	/* each waits for a while */
	if (o->tried >= 10)
		return;
	o->tried++;
	o->refused += enqueue(o, o->other, &err) == EX_TEMPFAIL;
}

void
overlap_store(struct play *p, struct findings *f, long *tried, long *refused)
{
	struct overlap o = { .play = p, .store = play_open(p, false) };
	struct err err = { 0 };

	p->recorder->checkpoint_ctx = &o;
	if (o.store == NULL || play_failed(p, "open", store_open(&o.other,
	    &(struct store_options){ .path = p->path, .mode = STORE_WRITE,
	    .deadline = NS_PER_MS }, &err), &err))
		return;
	p->recorder->copy = try_in_between;
	for (int i = 0; i < 40 && p->err.code == 0; i++) {
		/* short-lived programs checkpoint early */
		store_close(o.store);
		o.store = play_open(p, false);
		enqueue_many(&o, 3);
	}
	p->recorder->copy = NULL;
	store_close(o.store);
	store_close(o.other);
	*tried = o.tried;
	*refused = o.refused;
	inspect(p->path, recorder_stock(), p->promises.v, p->promises.n, f);
}
