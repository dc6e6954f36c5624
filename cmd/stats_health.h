/* Private to --health of iq-stats: what is wrong with the queue, and how badly. */
#ifndef IQ_STATS_HEALTH_H
#define IQ_STATS_HEALTH_H

#include "stats.h"

/* From where on it is WARNING, and CRITICAL */
#define STALLED_WARN (5 * 60 * NS_PER_S)
#define STALLED_BAD (15 * 60 * NS_PER_S)
#define DISK_WARN 10.0			/* percent that are free, below */
#define DISK_BAD 5.0
#define WAL_WARN (INT64_C(32) << 20)
#define WAL_BAD (INT64_C(128) << 20)
#define QUARANTINE_BAD 10		/* in the window, and */
#define QUARANTINE_SHARE 10		/* percent of what ended */

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

void health_add(struct health *h, enum level level, const char *cause,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* ---- stats_causes.c ---- */

/* Adds a problem for each cause that is there. */
int health_look(struct health *h, struct err *err);

#endif
