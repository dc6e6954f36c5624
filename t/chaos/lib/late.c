/*
 * The server's thread, for roles of a play, of which one runs at a time: what
 * it was asked it does at once, or as late as can be, when somebody waits for
 * it; what came of it is told late.
 */
#include <bsd/stdlib.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/syncer.h"

struct syncer {
	struct mailbox *mail;
	sqlite3_file *log;
	uint32_t slots[MAIL_SLOTS];
	size_t n;
	bool asked, done;
	int rc;
};

struct syncer *
syncer_start(struct mailbox *m)
{
	struct syncer *y = mem_zero(1, sizeof(*y));

	y->mail = m;
	return y;
}

void
syncer_stop(struct syncer *y)
{
	int rc;

	syncer_result(y, &rc);
	free(y);
}

int
syncer_sync(sqlite3_file *log)
{
	return log->pMethods->xSync(log,
	    SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
}

static void
act(struct syncer *y)
{
	y->rc = syncer_sync(y->log);
	for (size_t i = 0; i < y->n; i++)
		mail_settle(y->mail, y->slots[i], y->rc == SQLITE_OK ?
		    MAIL_DONE : MAIL_COMMITTED);
	y->done = true;
}

void
syncer_ask(struct syncer *y, sqlite3_file *log, const uint32_t *slots, size_t n)
{
	y->log = log;
	y->n = n;
	memcpy(y->slots, slots, n * sizeof(*slots));
	y->asked = true;
	y->done = false;
	if (arc4random() & 1)
		act(y);
}

bool
syncer_is_through(struct syncer *y)
{
	return y && y->asked && y->done && (arc4random() & 1);
}

bool
syncer_result(struct syncer *y, int *rc)
{
	if (y == NULL || !y->asked)
		return false;
	if (!y->done)
		act(y);
	*rc = y->rc;
	y->asked = false;
	return true;
}
