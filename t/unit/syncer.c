/* Who posted is told after the sync and not before, and so is the owner; of a
 * sync that failed, too. */
#include "store/syncer.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/futex.h"
#include "tap.h"

/* A disk that takes until it is let go */
static struct {
	sqlite3_file file;	/* the first: SQLite's */
	futex_word begun;
	futex_word go;		/* syncs that may end */
	int rc;
} disk;

static int
sync_disk(sqlite3_file *file, int flags)
{
	uint32_t number = atomic_fetch_add(&disk.begun, 1) + 1, go;

	(void)file, (void)flags;
	futex_wake(&disk.begun);
	while ((go = atomic_load(&disk.go)) < number)
		futex_wait(&disk.go, go, 1000);
	return disk.rc;
}

static const sqlite3_io_methods methods = { .iVersion = 1,
	.xSync = sync_disk };

static void
let_go(void)
{
	atomic_fetch_add(&disk.go, 1);
	futex_wake(&disk.go);
}

static struct mailbox
person(void)
{
	return (struct mailbox){ .fd = open("lock", O_RDWR | O_CREAT |
	    O_CLOEXEC, 0600) };
}

/* Its slot, taken by the server */
static uint32_t
posted(struct mailbox *who, struct mailbox *server)
{
	char content[MAIL_CONTENT];
	size_t n;

	*who = person();
	if (!mail_claim(who, who->fd))
		abort();
	mail_post(who, "x", 1);
	if (!mail_take(server, who->mine, content, &n))
		abort();
	return who->mine;
}

static void
await(struct mailbox *who)
{
	while (mail_look(who) == MAIL_TAKEN)
		mail_sleep(who, MAIL_TAKEN, 1000);
}

static void
test_telling(struct syncer *y, struct mailbox *server)
{
	struct mailbox a, b;
	uint32_t slots[] = { posted(&a, server), posted(&b, server) };
	int rc = -1;

	syncer_ask(y, &disk.file, slots, 2);
	while (atomic_load(&disk.begun) < 1)
		futex_wait(&disk.begun, 0, 1000);
	is_int(mail_look(&a), MAIL_TAKEN, "nobody is told before the sync");
	let_go();
	ok(syncer_result(y, &rc) && rc == SQLITE_OK, "the owner hears of it");
	ok(!syncer_result(y, &rc), "once");
	await(&a);
	await(&b);
	ok(mail_look(&a) == MAIL_DONE && mail_look(&b) == MAIL_DONE,
	    "as do both that posted");
	mail_release(&a);
	mail_release(&b);
}

static void
test_failing(struct syncer *y, struct mailbox *server)
{
	struct mailbox a;
	uint32_t slot = posted(&a, server);
	int rc = SQLITE_OK;

	disk.rc = SQLITE_IOERR_FSYNC;
	let_go();
	syncer_ask(y, &disk.file, &slot, 1);
	ok(syncer_result(y, &rc) && rc == SQLITE_IOERR_FSYNC,
	    "the owner hears that a sync failed");
	await(&a);
	is_int(mail_look(&a), MAIL_COMMITTED, "who posted does his own");
	mail_release(&a);
	disk.rc = SQLITE_OK;
}

/* What was asked is done, and told, whoever is in a hurry. */
static void
test_end(struct syncer *y, struct mailbox *server)
{
	struct mailbox a, b;
	uint32_t slot = posted(&a, server);
	int rc;

	let_go();
	syncer_ask(y, &disk.file, &slot, 1);
	syncer_result(y, &rc);
	slot = posted(&b, server);
	let_go();
	syncer_ask(y, &disk.file, &slot, 1);
	syncer_stop(y);
	ok(mail_look(&a) == MAIL_DONE && mail_look(&b) == MAIL_DONE,
	    "it ends when all have been told");
}

int
main(void)
{
	struct mailbox server = person();
	struct syncer *y;
	int rc;

	if (!futex_exists()) {
		ok(true, "no mailbox here");
		return done();
	}

	disk.file.pMethods = &methods;
	if (!mail_claim_server(&server, server.fd) ||
	    (y = syncer_start(&server)) == NULL)
		abort();
	ok(!syncer_result(y, &rc), "nothing was asked");
	test_telling(y, &server);
	test_failing(y, &server);
	test_end(y, &server);
	ok(!syncer_result(NULL, &rc), "without one there is nothing to hear");
	syncer_stop(NULL);
	return done();
}
