/* One line on standard error that tells how far a long verb is, when that is a
 * terminal and the queue is large enough for somebody to wonder. */
#ifndef IQ_METER_H
#define IQ_METER_H

#include "store/store.h"

struct meter {
	bool shown;
	int64_t next;		/* boot ns of the next change */
	const char *what;	/* that was told last */
};

/* Watches the store from now on. */
void meter_init(struct meter *m, struct store *s);
/* Takes the line away. */
void meter_clear(struct meter *m);

#endif
