/* Private to the files of backups. */
#ifndef IQ_BACKUP_H
#define IQ_BACKUP_H

#include "store/reading.h"

/* 73 with the reason unless nothing is lost when a backup of this queue is put
 * there: no file, an empty one, or an older backup of it that nobody uses. */
int backup_check_target(struct store *s, const char *to, struct err *err);

#endif
