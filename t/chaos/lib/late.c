/*
 * The server's thread, for roles of a play, of which one runs at a time: what
 * it was asked it does as late as can be, when somebody waits for it.  What
 * comes earlier is for the play to ask.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/syncer.h"

struct syncer {
	struct mailbox *mail;
	sqlite3_file *log;
	uint32_t slots[MAIL_SLOTS];
	size_t n;
	bool asked;
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

void
syncer_ask(struct syncer *y, sqlite3_file *log, const uint32_t *slots, size_t n)
{
	y->log = log;
	y->n = n;
	memcpy(y->slots, slots, n * sizeof(*slots));
	y->asked = true;
}

bool
syncer_result(struct syncer *y, int *rc)
{
	if (y == NULL || !y->asked)
		return false;
	*rc = syncer_sync(y->log);
	for (size_t i = 0; i < y->n; i++)
		mail_settle(y->mail, y->slots[i], *rc == SQLITE_OK ?
		    MAIL_DONE : MAIL_COMMITTED);
	y->asked = false;
	return true;
}
