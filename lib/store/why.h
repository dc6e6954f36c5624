/* Private to the files of store_why. */
#ifndef IQ_WHY_H
#define IQ_WHY_H

#include "store/frozen.h"
#include "store/reading.h"

struct said {
	const char *code;
	char *sentence;
};

struct why {
	struct store *store;
	int64_t id, now;
	struct type *type;
	struct lane *lane;
	enum state state;
	int64_t run_at, older, attempts, max_attempts, claim, slot, ordered;
	enum reason reason;
	struct worker_stats *crew;
	size_t ncrew;
	int able;		/* live ones that could run it */
	struct said *said;
	size_t nsaid;
};

void why_say(struct why *w, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Its name, or otherwise */
const char *why_reason(enum reason r, const char *otherwise);

int why_pending(struct why *w, struct err *err);

#endif
