/* A pipe from a handler to us. */
#ifndef IQ_CHANNEL_H
#define IQ_CHANNEL_H

#include <sys/types.h>

struct channel {
	int fd;			/* the reading end, -1: none */
	int write_end;		/* ours, so that the end of a handler that
				 * wrote nothing wakes nobody up twice */
};

/* As much as is read at once */
#define CHANNEL_CHUNK (32 << 10)

void channel_init(struct channel *c);
/* 0, both ends close-on-exec; or -1, errno */
int channel_open(struct channel *c);
/* What has come, up to CHANNEL_CHUNK bytes; 0: nothing, for now or for ever */
size_t channel_read(const struct channel *c, char *chunk);
void channel_close(struct channel *c);

#endif
