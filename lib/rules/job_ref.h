/* A line that names a job: its id alone, or a JSON object with an "id", as
 * iq-list prints it. */
#ifndef IQ_JOB_REF_H
#define IQ_JOB_REF_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/* line: without its newline; blanks around it do not count. EX_DATAERR when
 * it names none. *id stays 0 for an empty line. */
int job_ref_parse(struct bytes line, int64_t *id, struct err *err);

#endif
