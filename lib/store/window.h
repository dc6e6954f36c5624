/* Private to list.c and window.c. */
#ifndef IQ_WINDOW_H
#define IQ_WINDOW_H

#include "store/internal.h"

#define WINDOW 4000		/* rows looked at in one snapshot, at most */

#define LIVE (1u << STATE_READY | 1u << STATE_DELAYED | 1u << STATE_WAITING | \
	1u << STATE_RUNNING | 1u << STATE_QUARANTINED)
#define ENDED (1u << STATE_SUCCEEDED | 1u << STATE_CANCELLED)

/* The statement for live ones in these states */
enum statement window_rows(const struct job_filter *f, unsigned states);
/* Where the window of so many rows that starts after lo ends; 0: nothing is
 * left.  Inside a reading. */
int window_end(struct store *s, const struct job_filter *f, unsigned states,
	int64_t lo, int64_t most, int64_t *hi, struct err *err);

#endif
