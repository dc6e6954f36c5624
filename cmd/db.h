/* What the files of iq-db share. */
#ifndef IQ_CMD_DB_H
#define IQ_CMD_DB_H

#include "meter.h"
#include "report.h"

struct db_program {
	struct args args;
	struct report report;
	struct store *store;
	struct meter meter;
	bool repair;		/* check mends, too */
};

/* Around a verb that may take long on so many bytes: it tells how far it is.
 * When a signal that asks to stop ended it with code, the process ends by that
 * signal. */
void db_long_begin(struct db_program *d, int64_t bytes);
int db_long_end(struct db_program *d, int code);
/* Such a signal has come. */
bool db_stopped(void);

/* The verbs; those with a FILE take it from the second operand. */

int db_info(struct db_program *d, struct err *err);
int db_check(struct db_program *d, struct err *err);
int db_backup(struct db_program *d, struct err *err);
int db_restore(struct db_program *d, struct err *err);
int db_compact(struct db_program *d, struct err *err);
int db_prune(struct db_program *d, struct err *err);
int db_trust(struct db_program *d, struct err *err);
int db_untrust(struct db_program *d, struct err *err);	/* no store */

#endif
