/* One line on standard error that tells how far a long verb is, when that is a
 * terminal and there is enough to do for somebody to wonder. */
#ifndef IQ_METER_H
#define IQ_METER_H

#include "store/store.h"

struct meter {
	bool shown;
	int64_t next;		/* boot ns of the next change */
	const char *what;	/* that was told last */
};

/* Watches the store from now on. bytes: that there are to be read */
void meter_init(struct meter *m, struct store *s, int64_t bytes);
/* Shows this line instead of the one before; an empty one is none. */
void meter_put(struct meter *m, const struct buf *line);
/* Takes the line away. */
void meter_clear(struct meter *m);

#endif
