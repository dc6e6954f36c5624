/*
 * The key of the history: job * 2^20 + attempt, so that a table in the order
 * of its numbers has the attempts of a job side by side.  From the attempt
 * 2^20 - 1 on each takes the place of the one before.
 */
#ifndef IQ_SQL_HISTORY_H
#define IQ_SQL_HISTORY_H

#define HISTORY_ATTEMPT_BITS 20
#define HISTORY_ATTEMPT_MAX 1048575

#define HISTORY_ID(job, attempt) \
	"(" job " << 20 | min(" attempt ", 1048575))"
/* The lowest and the highest that a job can have, whatever its number: those
 * of 43 bits are more than there can be. */
#define FIRST_OF(job) "(min(" job ", 8796093022207) << 20)"
#define LAST_OF(job) "(min(" job ", 8796093022207) << 20 | 1048575)"
#define OF_JOB(job) "id BETWEEN " FIRST_OF(job) " AND " LAST_OF(job)

#endif
