/* A process that tells what happens below some directories. */
#ifndef IQ_WATCH_CHILD_H
#define IQ_WATCH_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "rules/watch_record.h"

struct watch_child {
	enum watch_program program;
	pid_t pid;		/* 0: there is none */
	int64_t started;	/* wall */
	int out, err;		/* what it says; not blocking; -1: closed */
	struct buf records;	/* not whole yet */
	struct buf says;
	bool ready;		/* it watches */
	bool garbled;		/* it cannot be believed any more */
	bool trouble, limit;	/* it said that it does not watch something,
				 * because there are no more watches to be had */
	bool lost;		/* something happened of which it has not told,
				 * or may have; set by the owner */
};

/* The absolute path of the program, in PATH, or NULL; to be freed */
char *watch_program_find(enum watch_program program);

/* Starts it on these directories (absolute, existing). 75 */
int watch_child_start(struct watch_child *c, enum watch_program program,
	const char *file, const struct bytes *roots, size_t n,
	struct err *err);
/* Takes what it has said, some of it: fn gets each record. False: it has
 * ended. */
typedef void watch_child_fn(void *ctx, const struct watch_record *r);
bool watch_child_read(struct watch_child *c, watch_child_fn *fn, void *ctx);
/* Ends it, if there is one, and what is left of it.  One that the kernel holds
 * (on a disk that does not answer) may last: then its pid, which is still to be
 * waited for, else 0 */
pid_t watch_child_end(struct watch_child *c);

struct watch_test {
	struct buf dir;		/* "/" at its end; empty: there is no test */
	int64_t until;		/* boot; longer is too long */
	unsigned seen;
	bool odd, touched;
};

enum watch_tested {
	WATCH_IS_TRIED,		/* still */
	WATCH_IS_FIT,
	WATCH_IS_ODD,		/* it does not say what it should */
	WATCH_HAS_FAILED,	/* it could not be tried: perhaps later */
};
/* Lets it watch a directory of its own. 75 */
int watch_test_start(struct watch_test *t, struct watch_child *c,
	enum watch_program program, const char *file, struct err *err);
/* In which something happens: takes what it has said of that.  err: what stood
 * in the way of trying it, when that has failed */
enum watch_tested watch_test_read(struct watch_test *t, struct watch_child *c,
	int64_t now, struct err *err);
/* Its directory goes, once the child has; nothing without one */
void watch_test_end(struct watch_test *t);

#endif
