/* What somebody was told, and what therefore must be true for ever. */
#ifndef IQ_PROMISE_H
#define IQ_PROMISE_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "rules/state.h"

enum promise_kind {
	PROMISE_ACCEPTED,	/* this id is this job */
	PROMISE_STARTED,	/* the same: its handler knows the id */
	PROMISE_LOGGED,		/* the audit log reaches event number id */
	PROMISE_END,		/* an attempt of it ended in that state */
};

struct promise {
	size_t since;		/* changes of the history by then */
	enum promise_kind kind;
	int64_t id;
	struct bytes name;	/* its key, or the path of one without */
	enum state state;
	int attempt;		/* 0: any */
};

struct promises {
	struct promise *v;
	size_t n, cap;
};

/* The name is copied. */
void promise_add(struct promises *p, struct promise what);
void promises_release(struct promises *p);

#endif
