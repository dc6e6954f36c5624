/*
 * The periods that telemetry is kept by: minutes, later hours, later days, and
 * at last everything.  Each is one number, counted since 1970: minutes from
 * 10,000,000 on (1989), hours from 100,000 (1981), days below that, and 0 for
 * everything.
 */
#ifndef IQ_PERIOD_H
#define IQ_PERIOD_H

#include <stdint.h>

#define PERIOD_EVER 0
#define PERIOD_DAYS 1			/* the first number of each kind */
#define PERIOD_HOURS INT64_C(100000)
#define PERIOD_MINUTES INT64_C(10000000)

enum period_kind { PERIOD_IS_EVER, PERIOD_IS_DAY, PERIOD_IS_HOUR,
	PERIOD_IS_MINUTE };

enum period_kind period_kind(int64_t period);
/* The period of that kind in which this time (wall ns) is; of one from before
 * the first minute, as on a machine that does not know the time yet, that in
 * which this is */
int64_t period_of(enum period_kind kind, int64_t at);
/* When it begins, and how long it is (ns). Not of everything. */
int64_t period_start(int64_t period);
int64_t period_length(enum period_kind kind);

#endif
