/* Private: what attempts take on a host. */
#ifndef IQ_AVERAGES_H
#define IQ_AVERAGES_H

#include "store/internal.h"

struct learned {
	int64_t type;
	struct host_average on;
};

struct learning {
	struct learned *v;
	size_t n;
};

/* One more attempt of the list, which knows what is stored of its type and
 * host by then; inside a transaction or a reading */
int learn(struct store *s, struct learning *l, const struct sample *p,
	struct err *err);
/* Stores the list; it may be released then. */
int learning_write(struct store *s, const struct learning *l, struct err *err);
/* Inside a reading: all that is stored, and what is to be learned from attempts
 * that were not added up yet; to be released also after an error */
int learning_read(struct store *s, struct learning *l, struct err *err);
void learning_release(struct learning *l);
/* To those of a type, as type_stats says */
void averages_add(struct type_stats *t, const struct host_average *v);

#endif
