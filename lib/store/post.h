/*
 * What a process asks of store_enqueue, as bytes that another one of the same
 * program reads: in a slot of the mailbox.
 */
#ifndef IQ_POST_H
#define IQ_POST_H

#include "store/mailbox.h"
#include "store/place.h"
#include "store/store.h"

#define POST_ACTOR_MAX 512

/* For whom, and from whom */
struct envelope {
	struct file_id queue;		/* where they belong */
	struct bytes actor;		/* for the audit log */
};

struct post {
	struct envelope envelope;
	struct enqueue_options options;
	struct record records[MAIL_RECORDS];
	size_t n;
};

/* The number of bytes, 0 when out has not room for them or a record is not
 * one that can be handed over: with parents, or of values out of range. */
size_t post_write(char *out, size_t room, const struct envelope *e,
	const struct enqueue_options *o, const struct record *v, size_t n);
/* Takes any bytes: false when post_write did not make them.  *post points into
 * them. */
bool post_read(struct bytes from, struct post *post);

#endif
