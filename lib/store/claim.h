/* Private to turn.c, finish.c and worker.c. */
#ifndef IQ_CLAIM_H
#define IQ_CLAIM_H

#include "store/internal.h"

/* One attempt's end inside the open transaction. alone: the job was alone in
 * its lease. */
int finish_attempt(struct store *s, int64_t worker,
	const struct attempt_end *e, bool alone, struct attempt_fate *fate,
	struct err *err);

/* Running slots of each type and its children into type->running. */
int count_running(struct store *s, struct err *err);
/* Nearest type at or above t whose cap is reached, or NULL. *cap its value. */
struct type *type_capped(struct store *s, struct type *t, int64_t *cap);
bool type_selected(const struct selection *sel, const char *name);
/* The handler setting, NULL when there is none */
const char *type_handler(struct store *s, struct type *t);

#endif
