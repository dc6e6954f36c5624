/* Which kinds of events there are, for --kind of iq-log. */
#ifndef IQ_LOG_KINDS_H
#define IQ_LOG_KINDS_H

#include <stdint.h>

/* Their names, separated by spaces, once log_kinds_fill was called */
extern char log_kinds[512];

void log_kinds_fill(void);
/* The bit 1 << kind; wrong usage when there is none of this name */
uint64_t log_kind(const char *word);

#endif
