/* Jobs in the order of one of their fields. */
#ifndef IQ_SORT_H
#define IQ_SORT_H

#include "store/read.h"

struct job_order {
	int field;
	bool descending;
};

/* name: a field of the job object, "-name" descending. 64: no such field */
int job_order_parse(const char *name, struct job_order *o, struct err *err);
/* As memcmp. Jobs that lack the field come last in either direction; equals
 * are in the order of their ids. */
int job_compare(const struct job_order *o, const struct job *a,
	const struct job *b);

#endif
