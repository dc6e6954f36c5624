/*
 * The command that a worker runs: its arguments with places for a job's words,
 * and the environment it gets.  Never a shell.
 */
#ifndef IQ_HANDLER_H
#define IQ_HANDLER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/work.h"

/* A longer payload is not put into the environment: the kernel takes at most
 * 128 KiB a variable (Linux, MAX_ARG_STRLEN), and much less in sum elsewhere */
#define HANDLER_PAYLOAD_MAX (96 << 10)

struct handler {
	char *file;		/* what execve gets */
	const char *const *argv;	/* as given, NULL-terminated, borrowed */
	size_t argc;
	bool append;		/* no {} anywhere: the path comes last */
	char **environment;	/* ours without what is set for each job */
	size_t nenvironment;
	char *queue;		/* "IQ_QUEUE=..." */
	bool confined;		/* stored in the queue: a small environment,
				 * and no new privileges */
	char result[20];	/* "IQ_RESULT_FD=3" */
};

/* Looks argv[0] up in PATH as a shell does: 69 when there is no such command,
 * 77 when it cannot be executed. queue: absolute path. */
int handler_init(struct handler *c, const char *const *argv,
	const char *queue, struct err *err);
/* The same of one that is stored in the queue: argv[0] is an absolute path. Of
 * our environment it gets what is listed in handler.c. */
int handler_init_stored(struct handler *c, const char *const *argv,
	const char *queue, struct err *err);
/* Whether its file is still there, and can be executed as far as that shows */
bool handler_exists(const struct handler *c);
/* What exec said of the file: 69 it is not there, 77 it is no program. */
int handler_missing(const char *file, int why, struct err *err);
void handler_release(struct handler *c);

/* {} {id} {type} {key} {attempt} {event} in every argument but the first,
 * each in one pass (what a path says is not looked at again); anything else
 * in braces stays.  An argument {} becomes the paths of all n jobs.  Result
 * and strings live in the arena. */
char **handler_argv(const struct handler *c, const struct claimed *const *jobs,
	size_t n, struct arena *a);
/* The worker's own environment, or a part of it, and IQ_QUEUE, IQ_RESULT_FD,
 * IQ_JOB_IDS and _TYPE, and for one job IQ_JOB_ID, _PATH, _KEY, _EVENT,
 * _ATTEMPT and _PAYLOAD; what a job has not got is empty.  *sign: the variable
 * that no other process that runs has.  c must stay where it is. */
char **handler_environment(const struct handler *c,
	const struct claimed *const *jobs, size_t n, struct arena *a,
	const char **sign);
/* That of a co-process in the slot of this number: nothing is said of jobs or
 * of descriptor 3, but IQ_SLOT is. */
char **handler_coprocess(const struct handler *c, int slot, struct arena *a,
	const char **sign);

#endif
