/*
 * Lines of JSON that say what the audit log was at one event: those of
 * iq-log --export, and anchors.
 */
#ifndef IQ_EXPORT_H
#define IQ_EXPORT_H

#include "base/buf.h"
#include "base/err.h"
#include "rules/event.h"

struct exported {
	int64_t seq;
	unsigned char hash[EVENT_HASH_SIZE];
	bool has_previous;
	unsigned char previous[EVENT_HASH_SIZE];
	struct bytes canonical;		/* absent: withheld, or not said */
	struct bytes uuid;		/* of the queue; absent: not said */
	const char **types;		/* of the moves; NULL where unknown */
	size_t ntypes;
};

/* Reads a line. Bytes are in the arena. EX_DATAERR when it is no JSON object
 * with at least seq and hash. */
int export_parse(struct bytes line, struct arena *arena,
	struct exported *out, struct err *err);

/* 2 n digits and a NUL; and back: false unless s is 2 n lower-case digits */
void hex_put(char *out, const unsigned char *p, size_t n);
bool hex_get(struct bytes s, unsigned char *out, size_t n);

#endif
