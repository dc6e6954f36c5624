/* Private to iq-stats: what is wrong with the queue, and how badly. */
#ifndef IQ_STATS_HEALTH_H
#define IQ_STATS_HEALTH_H

#include "stats.h"

/* From where on it is WARNING, and CRITICAL */
#define STALLED_WARN (5 * 60 * NS_PER_S)
#define STALLED_BAD (15 * 60 * NS_PER_S)
#define CLOCK_WARN (60 * NS_PER_S)
#define DISK_WARN 10.0			/* percent that are free, below */
#define DISK_BAD 5.0
#define WAL_WARN (INT64_C(32) << 20)
#define WAL_BAD (INT64_C(128) << 20)
#define QUARANTINE_BAD 10		/* in the window, and */
#define QUARANTINE_SHARE 10		/* percent of what ended */

#define NOT_IN_SENTENCE "|"	/* behind it plugins have their numbers */

/* The numbers are the exit statuses. */
enum level { FINE, WARNING, CRITICAL, UNKNOWN };

struct problem {
	enum level level;
	const char *cause;
	struct buf sentence;
};

struct health {
	const struct summary *summary;
	struct problem *v;
	size_t n;
	enum level worst;
	double disk_free;	/* percent, -1 unknown */
};

/* All that there may be, as --health names them; NULL ends it */
extern const char *const health_causes[];

void health_add(struct health *h, enum level level, const char *cause,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* What is wrong with what was read, the worst first; code and *err: what kept
 * us from reading it, which is an answer, too, or from looking further.  To be
 * released. */
int health_find(struct health *h, const struct summary *s, int code,
	struct err *err);
void health_release(struct health *h);

/* "WARNING" */
const char *health_level(enum level v);
/* The members of its object but for the version */
void health_json(struct json *j, const struct health *h);

/* ---- stats_causes.c ---- */

/* Adds a problem for each cause that is there. */
int health_look(struct health *h, struct err *err);

#endif
