/*
 * Our own stdout or stderr: what waits to be written, in order.  A slow reader
 * must not stop the worker, so nothing is written that could block.
 */
#ifndef IQ_OUTPUT_H
#define IQ_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct output_piece {
	struct buf text;	/* or, when file >= 0, that file from offset */
	int file;
	int64_t offset;
};

struct output {
	int fd;
	struct output_piece *pieces;
	size_t n, cap;
	size_t sent;		/* of the first piece's text */
	int64_t waiting;	/* bytes */
	int failed;		/* errno of a write; the rest is dropped */
	bool regular;		/* never blocks for long */
	bool terminal;
};

void output_init(struct output *o, int fd);
void output_add(struct output *o, const void *p, size_t n);
/* A whole file, which is closed when it has been written */
void output_add_file(struct output *o, int file, int64_t size);
/* Writes what can be written now. */
void output_flush(struct output *o);
/* It was a terminal, which has hung up: nobody is left who could read. */
bool output_hung_up(const struct output *o);
void output_release(struct output *o);

#endif
