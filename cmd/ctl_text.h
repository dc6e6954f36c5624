/* What became of a job that somebody wanted something of, in words. */
#ifndef IQ_CTL_TEXT_H
#define IQ_CTL_TEXT_H

#include "base/buf.h"
#include "store/store.h"

struct ctl_result {
	int64_t id;
	enum state from, to;
	bool found, ok;
	enum carried_out how;
};

/* Why this verb of iq-ctl is refused in this state, and what works instead */
const char *ctl_why_not(const char *verb, enum state from);
/* "12  running -> cancelled (its worker was told)", added to b */
void ctl_result_text(struct buf *b, const char *verb,
	const struct ctl_result *r);

#endif
