/*
 * A handler process with the jobs that it has in hand, from its start until
 * what it did is known.
 */
#ifndef IQ_RUN_H
#define IQ_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "engine/attempt.h"
#include "engine/capture.h"
#include "engine/coproc.h"
#include "engine/feed.h"
#include "engine/gauge.h"
#include "engine/handlers.h"
#include "engine/spawn.h"

/* Kept with the job while it lives, and as its error */
#define RUN_TAIL (64 << 10)
#define RUN_ERROR (4 << 10)

/* How a job ends whose words are too long for the arguments and environment
 * of a process, or cannot be said in a line: the next time as well */
#define RUN_TOO_LONG 64
#define RUN_UNSAYABLE 65

enum run_output {
	RUN_GROUP,		/* printed whole when the job has ended */
	RUN_INHERIT,		/* goes where ours goes; not kept */
	RUN_DISCARD,		/* not even kept; stderr only as the error */
};

struct run_config {
	const struct handler *handler;	/* or NULL: each job's own, of */
	struct handlers *handlers;
	enum run_output output;
	enum feed feed;		/* what they read */
	bool quiet_stdout;	/* stdout is somebody else's: only keep it */
	int results;		/* directory of --results, or -1 */
	int null;		/* /dev/null for writing */
	const sigset_t *mask;	/* of the handlers */
	const struct rlimit *files;	/* theirs; NULL: ours */
	struct bytes cwd;	/* theirs, as far as we know */
	const char *then;	/* type of --then, or NULL */
};

/* What comes from a handler */
enum run_pipe { RUN_OUT, RUN_ERR, RUN_TELL, RUN_PIPES };

struct run {
	int slot;		/* where it runs */
	struct coproc *talk;	/* with a co-process; NULL: it is none */
	struct hand hand;	/* its jobs that have not ended; what it was
				 * given first comes first */
	size_t given;		/* jobs that it was started with */
	struct arena arena;	/* of its words */
	const struct handler *handler;
	struct spawn spawn;	/* when prepared */
	bool prepared;
	const char *sign;	/* of its environment: nobody else's has it */
	pid_t pid;		/* 0: none yet */
	bool gone;		/* it was waited for, or never came to be */
	int status;		/* exit status, or -signal */
	bool timed_out;
	bool oom;		/* evidence of an out-of-memory kill */
	int64_t started, finished;	/* wall; 0: not */
	int64_t started_boot;
	int64_t since;		/* wall: when the last of its jobs ended, that
				 * did before it, or it was started */
	struct usage usage;	/* of the tree */
	struct gauge gauge;	/* the same, while it ran */
	struct footprint footprint;	/* what that has shown in the end */
	int in;			/* what it reads, or -1 */
	struct capture out, err;
	struct channel tell;	/* its descriptor 3 */
	struct answer answer;	/* what it said there, of no job by name */
	double told;		/* progress that the queue knows; -1: none */
	int directory;		/* DIR/ID/ATTEMPT of --results, or -1 */
	int64_t first;		/* the job whose that is */
	int out_file, err_file;	/* in there */
};

void run_init(struct run *r, int slot);
/* From now on it is a co-process. */
void run_talk(struct run *r, enum coproc_format format);

/* What can be done before it may start: pipes, arguments, environment. run_start
 * does it where nobody did. 75 try again later, 73 or 74 with --results, 69, 77
 * or 78 a handler that is stored in the queue and cannot be executed. */
int run_prepare(struct run *r, const struct run_config *c, struct err *err);

enum run_started {
	RUN_STARTED,
	RUN_FAILED,		/* it has ended already: status, error text */
	RUN_TOO_MANY,		/* words of so many jobs are too long for a
				 * process: it can be started with fewer */
	RUN_CANNOT,		/* not this job's fault, and it has not run
				 * (*err): short of processes or descriptors
				 * (75), or no job of this handler can run
				 * (69, 77 or 78), or none at all (73 or 74 the
				 * results) */
};

/* streams.c, for run_prepare: its descriptors 1 to 3; what it reads */
int run_open_streams(struct run *r, const struct run_config *c,
	struct err *err);
int run_open_input(struct run *r, const struct run_config *c,
	struct err *err);

/* lock: of the slot; mark: tree_mark */
enum run_started run_start(struct run *r, const struct run_config *c,
	int lock, uint64_t mark, struct err *err);
/* The reading end of one of its pipes, -1: none */
int run_fd(const struct run *r, enum run_pipe which);
/* Takes what has come there, a bounded amount. */
void run_read(struct run *r, enum run_pipe which, const struct run_config *c);
/* How far it is with what it works on, 0 to 1; -1: not said */
double run_progress(const struct run *r);
/* How many of its jobs a line there has ended */
int64_t run_answers(const struct run *r);
/* The handler was waited for. wait_status: of waitpid */
void run_ended(struct run *r, int wait_status);
/* Its whole tree is gone: takes the last of what it wrote. */
void run_finish(struct run *r, const struct run_config *c);
void run_reset(struct run *r);
void run_release(struct run *r);

/* ---- run_end.c: what becomes of its jobs ---- */

/* Its answer has ended the job, now.  n: so many have been ended at once and
 * share the time since the last one, this one and those that follow */
void run_answered(struct run *r, struct attempt *a, int64_t n);
/* It has ended, and the job with it, as have all that are left: so
 * many do together */
void run_over(struct run *r, struct attempt *a, size_t n);
/* What --results wants of an ended job. 74 with *err when that failed. */
int run_results(const struct run *r, const struct run_config *c,
	const struct attempt *a, struct err *err);
/* As the store wants it. Bytes are valid until the attempt has been returned
 * and run_reset called. under: borrowed */
void run_end(const struct run *r, const struct attempt *a,
	const struct conditions *under, struct attempt_end *e);

#endif
