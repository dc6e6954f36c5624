/* What a queue file has come to, as far as another one is compared with it:
 * for restore.c. */
#ifndef IQ_PAST_H
#define IQ_PAST_H

#include "store/internal.h"

struct past {
	int64_t next_job, next_worker, generation;
	int64_t seq, at;	/* of the last event, and when that was */
	char hash[EVENT_HASH_SIZE];
	char uuid[40];
};

/* 78 when it is another program's database, or of a newer major version */
int past_check(struct db *db, struct err *err);
int past_read(struct db *db, struct past *p, struct err *err);
/* db is what is there now, old: out->known when the backup is an earlier state
 * of it, and then what has happened since. */
void past_compare(struct db *db, const struct past *backup,
	const struct past *old, struct restored *out);

#endif
