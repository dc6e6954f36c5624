#include "store/syncer.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/internal.h"

enum stage { IDLE = 1, ASKED = 2, SYNCED = 4, END = 8 };

struct syncer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum stage stage;	/* under the lock, which orders the rest */
	struct mailbox *mail;
	/* The thread's from ASKED to IDLE, else the owner's; rc from SYNCED
	 * on nobody changes */
	sqlite3_file *log;
	uint32_t slots[MAIL_SLOTS];
	size_t n;
	int rc;
	bool asked;		/* and the result not taken; the owner's */
};

int
syncer_sync(sqlite3_file *log)
{
	return log->pMethods->xSync(log,
	    SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
}

static void
enter(struct syncer *y, enum stage stage)
{
	pthread_mutex_lock(&y->lock);
	y->stage = stage;
	pthread_mutex_unlock(&y->lock);
	pthread_cond_broadcast(&y->changed);
}

static enum stage
wait_while(struct syncer *y, unsigned stages)
{
	enum stage stage;

	pthread_mutex_lock(&y->lock);
	while (stages & y->stage)
		pthread_cond_wait(&y->changed, &y->lock);
	stage = y->stage;
	pthread_mutex_unlock(&y->lock);
	return stage;
}

/* The owner is told first: it may have jobs to start.  After a failure it has
 * to do something before others write more to that log. */
static void *
run(void *ctx)
{
	struct syncer *y = ctx;

	while (wait_while(y, IDLE) == ASKED) {
		y->rc = syncer_sync(y->log);
		enter(y, SYNCED);
		if (y->rc != SQLITE_OK)
			wake_ring(y->mail->fd);
		for (size_t i = 0; i < y->n; i++)
			mail_settle(y->mail, y->slots[i], y->rc == SQLITE_OK ?
			    MAIL_DONE : MAIL_COMMITTED);
		enter(y, IDLE);
	}
	return NULL;
}

static void
release(struct syncer *y)
{
	pthread_cond_destroy(&y->changed);
	pthread_mutex_destroy(&y->lock);
	free(y);
}

struct syncer *
syncer_start(struct mailbox *m)
{
	struct syncer *y = mem_zero(1, sizeof(*y));
	sigset_t all, before;
	int error;

	y->stage = IDLE;
	y->mail = m;
	pthread_mutex_init(&y->lock, NULL);
	pthread_cond_init(&y->changed, NULL);
	/* signals are for the owner */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&y->thread, NULL, run, y);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error == 0)
		return y;
	release(y);
	return NULL;
}

void
syncer_stop(struct syncer *y)
{
	if (y == NULL)
		return;
	wait_while(y, ASKED | SYNCED);
	enter(y, END);
	pthread_join(y->thread, NULL);
	release(y);
}

void
syncer_ask(struct syncer *y, sqlite3_file *log, const uint32_t *slots, size_t n)
{
	wait_while(y, ASKED | SYNCED);
	y->log = log;
	y->n = n;
	memcpy(y->slots, slots, n * sizeof(*slots));
	y->asked = true;
	enter(y, ASKED);
}

bool
syncer_is_through(struct syncer *y)
{
	return y != NULL && y->asked && wait_while(y, 0) != ASKED;
}

bool
syncer_result(struct syncer *y, int *rc)
{
	if (y == NULL || !y->asked)
		return false;
	wait_while(y, ASKED);
	*rc = y->rc;
	y->asked = false;
	return true;
}
