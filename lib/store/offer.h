/* Private to enqueue.c and offer.c: what scans have offered, and is being
 * enqueued, is acknowledged. */
#ifndef IQ_OFFER_H
#define IQ_OFFER_H

#include "store/internal.h"

struct offering {		/* a scan with open offers */
	int64_t id;
	struct buf root;
	char type[TYPE_MAX + 1];	/* "": of any */
	bool apart;		/* by whoever reads from there only */
	uint64_t acknowledged;
	int64_t taken;		/* by this transaction */
};

/* Within one transaction.  A part of a directory's files stays at hand, since
 * what is offered together comes together. */
struct offers {
	struct conduit from;	/* what the paths were read from */
	struct offering *v;
	size_t n;
	bool loaded;
	struct offering *of;	/* whose part it is, or NULL: none */
	struct buf key, first, files;
	size_t at;		/* in files */
	bool changed;
};

/* The path is going to be a job of that type: when it was offered, it has
 * arrived. */
int offers_take(struct store *s, struct offers *o, struct bytes path,
	const char *type, struct err *err);
/* Writes what has changed. */
int offers_end(struct store *s, struct offers *o, struct err *err);
void offers_release(struct offers *o);

#endif
