/* Room for what must go on when there is none left; private to lib/store. */
#ifndef IQ_RESERVE_H
#define IQ_RESERVE_H

#include "store/internal.h"

/* After a failure: it was for want of room, and the reserve is room now, so it
 * is to be tried again. */
bool reserve_break(struct store *s);
/* It is there, or could be made. */
bool reserve_whole(struct store *s);
/* For who only looks: it is not there, and there is no room to make it, so that
 * nothing is claimed.  Bytes that are free, and that it takes. */
bool reserve_short(const struct store *s, int64_t *room, int64_t *needed);
/* 75 unless there is room for these records beside it, and some more. */
int reserve_spare(struct store *s, const struct record *v, size_t n,
	struct err *err);

#endif
