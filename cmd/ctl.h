/* What the files of iq-ctl share. */
#ifndef IQ_CTL_H
#define IQ_CTL_H

#include "ctl_options.h"
#include "ctl_text.h"
#include "report.h"

struct ctl {
	struct ctl_options o;
	struct report report;
	struct store *store;
	int64_t *ids;			/* to be dealt with */
	size_t n;
	bool bad_input, unknown, refused;
	unsigned explained;		/* states whose refusal was explained */
	struct buf line;
};

/* ---- ctl_ids.c ---- */

/* The ids of the operands, else of standard input, into c->ids; ctl_flush for
 * what has come so far */
int ctl_read_ids(struct ctl *c, struct err *err);

/* ---- iq-ctl.c ---- */

/* Does it to c->ids, which are gone then; waiting is done for all together. */
int ctl_flush(struct ctl *c, struct err *err);

/* ---- ctl_result.c ---- */

void ctl_print(struct ctl *c, const struct ctl_result *r);

/* ---- ctl_wait.c: for c->ids, or the group ---- */

int ctl_wait(struct ctl *c, struct err *err);

#endif
