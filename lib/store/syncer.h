/*
 * A thread that brings what the server has put in to the disk, and then tells
 * those who posted it.  The worker meanwhile goes on and claims.
 *
 * One request at a time; all functions are for the thread that made it.
 */
#ifndef IQ_SYNCER_H
#define IQ_SYNCER_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/mailbox.h"

struct syncer;

/* m stays the caller's, who leaves the slots alone that the syncer was given;
 * its server is woken when a sync has failed. NULL: there can be no thread
 * now. */
struct syncer *syncer_start(struct mailbox *m);
/* Ends it when it has told everybody; NULL is fine. */
void syncer_stop(struct syncer *y);

/* Syncs log, and settles the n slots.  log has to be open until the result is
 * known.  Waits for the end of what was asked before, whose result was taken. */
void syncer_ask(struct syncer *y, sqlite3_file *log, const uint32_t *slots,
	size_t n);
/* Whether there is a result to be taken, for which nobody has to wait; y may be
 * NULL */
bool syncer_is_through(struct syncer *y);
/* Waits for the result of what was asked, and tells it once: *rc is that of
 * syncer_sync.  false: nothing was asked, or y is NULL. */
bool syncer_result(struct syncer *y, int *rc);
/* At once: SQLITE_OK or SQLite's error.  Any thread may: SQLite's xSync of a
 * file takes no lock and no memory, and writes nothing that others read. */
int syncer_sync(sqlite3_file *log);

#endif
