/*
 * A co-process: a handler that stays, reads one job after the other from its
 * stdin and answers each on its stdout.  It is written to ahead of its answers.
 */
#ifndef IQ_COPROC_H
#define IQ_COPROC_H

#include "engine/attempt.h"
#include "engine/feed.h"

enum coproc_format {		/* in the order of the option's words */
	COPROC_LINES,		/* a path; an exit status */
	COPROC_JSON,		/* the job as an object; an object as on
				 * descriptor 3 */
};

enum {				/* what it has to do, when that is no job */
	DUE_NONE,		/* not known yet */
	DUE_IDLE = -1,		/* nothing */
	DUE_END = -2,		/* its end */
};

struct coproc {
	enum coproc_format format;
	int in, out;		/* our ends of its stdin and stdout, which do
				 * not block; -1: closed */
	int their_in, their_out;	/* until it has been started */
	struct attempt *unsaid;	/* the first job in hand that it does not know
				 * of; NULL: it knows all */
	struct buf text;	/* to be written */
	size_t sent;
	uint64_t written;	/* bytes, since it was started */
	struct framing said;
	struct answer scratch;	/* of the job that the last line was about */
	struct attempt *about;

	bool closing;		/* it gets no more: stdin ends after this */
	bool hung_up;		/* it reads or speaks no more */
	bool deaf;		/* what it says does not count any more */
	struct buf garbled;	/* why its answers do not, when it is that */
	int64_t answered_at;	/* boot: a job was ended last, or given to it
				 * when it had none */
	int64_t due;		/* what its deadline is for: the job with this
				 * id, its oldest, or a DUE_ */
	int64_t due_since;	/* boot */
	uint64_t answers;
	int window;		/* jobs to have in hand at most */
	int alone;		/* so many more are given one at a time, since
				 * it prints on stderr */
	double mean;		/* ns a job takes, moving; 0: not known */

	struct usage counted;	/* of it, when it was looked at last */
	struct usage share;	/* of each job that was answered since */
	size_t unshared;	/* jobs to share what it has used since */
};

void coproc_init(struct coproc *c, enum coproc_format format);
/* Pipes for a new one: 0; or -1, errno */
int coproc_open(struct coproc *c);
/* It has been started, or not: it has its ends. */
void coproc_started(struct coproc *c);
/* Whether the job can be said to it */
bool coproc_can_say(const struct coproc *c, const struct claimed *job);
void coproc_say(struct coproc *c, struct attempt *a);
/* Whether it was said and nothing of its line has been written.  No for the one
 * that it was started for: else one that never reads would be started again for
 * ever. */
bool coproc_unwritten(const struct coproc *c, const struct attempt *a);
/* This one's line, and what follows it, is not written any more. */
void coproc_unsay(struct coproc *c, const struct attempt *a);
/* Writes what can be written, and ends its stdin after the last when it is
 * closing. False: it does not read any more. */
bool coproc_write(struct coproc *c);
bool coproc_has_to_write(const struct coproc *c);
/* What it has said, up to size bytes; 0: nothing for now, -1: its end */
ssize_t coproc_read(struct coproc *c, char *chunk, size_t size);
/* A line of it, an answer to one of these jobs that it knows of: to which, and
 * whether that has ended; with what status is in *status.  65 with *err: it
 * makes no sense. */
int coproc_answer(struct coproc *c, struct bytes line,
	struct answer_ground *g, struct hand *hand, struct attempt **whose,
	bool *ended, int *status, struct err *err);
/* What it has used since the last time, in equal parts for those that were
 * answered; now: in all, of which more are to get their part. */
void coproc_share(struct coproc *c, const struct usage *now, size_t more);
void coproc_reset(struct coproc *c);
void coproc_release(struct coproc *c);

#endif
