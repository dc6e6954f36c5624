/* What the files of iq-db share. */
#ifndef IQ_CMD_DB_H
#define IQ_CMD_DB_H

#include "report.h"

struct db_program {
	struct args args;
	struct report report;
	struct store *store;
};

int db_info(struct db_program *d, struct err *err);
int db_check(struct db_program *d, struct err *err);
/* To the second operand. A signal that asks to stop ends the process by that
 * signal, and leaves nothing. */
int db_backup(struct db_program *d, struct err *err);

#endif
