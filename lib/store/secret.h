/* Private: small files beside the queue that only its owner may read. */
#ifndef IQ_SECRET_H
#define IQ_SECRET_H

#include "store/internal.h"

void secret_random(void *p, size_t n);
/* *there false: there is none. 77 when others may read it, or it is another
 * kind of file. */
int secret_read(const char *path, struct buf *out, bool *there,
	struct err *err);
/* Whole or not at all, on disk on return; the owner is that of the queue. new:
 * 73 when there is one, else that is replaced. */
int secret_write(const char *path, const char *queue, struct bytes what,
	bool new, struct err *err);

#endif
