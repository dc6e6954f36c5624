/* What iq-db check and iq-log --verify have found: sentences, kept while the
 * queue is being read and printed afterwards. */
#ifndef IQ_FINDINGS_H
#define IQ_FINDINGS_H

#include "report.h"

struct findings {
	struct buf sentences;	/* each ended by NUL */
	size_t n;
};

void findings_keep(void *ctx, const char *sentence);	/* a finding_fn */
/* Members "ok" and "findings" */
void findings_json(const struct findings *f, struct json *j);
/* A line for each, then "WHAT: 2 findings", or "WHAT: ok" and good (may be "") */
void findings_text(const struct findings *f, const char *what,
	const char *good);
void findings_release(struct findings *f);

#endif
