/* A worker: claims jobs, runs their handlers in its slots, hands in how they
 * ended, until it is told to stop or nothing is left to do. */
#ifndef IQ_WORKER_H
#define IQ_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/run.h"
#include "store/work.h"

enum drain {
	DRAIN_NO,
	DRAIN_READY,		/* until nothing can start or is running */
	DRAIN_ALL,		/* ... and nothing is delayed */
};

struct keeper;

struct worker_options {
	struct store *store;
	const struct selection *selection;
	const char *const *command;	/* argv, NULL-terminated; NULL: the
					 * handler of each type, which are
					 * trusted as far as the caller knows */
	int batch;		/* jobs for one run of it, 1 to SLOT_JOBS; 0: the
				 * setting of their type */
	bool coprocess;		/* COMMAND stays, and speaks: */
	enum coproc_format format;
	int limit;		/* slots; 0: the setting, else the cores */
	const enum scheduler *scheduler;	/* NULL: the setting */
	enum drain drain;
	int64_t attempts;	/* start so many at most; 0: no bound */
	int64_t timeout, grace, lease;	/* ns; -1: what the settings say */
	const struct keeper *keeper;	/* ours, or NULL */
	enum run_output output;
	const char *results;	/* directory, or NULL */
	const char *joblog;	/* file, or NULL */
	enum feed feed;		/* what handlers read */
	const char *then;	/* type that what succeeded is enqueued to, or
				 * NULL */
	bool json;		/* a result object per attempt on stdout */
	bool progress;		/* a bar on stderr, which is a terminal */
	/* A sentence for the operator */
	void (*say)(void *ctx, const char *sentence);
	void *ctx;
};

struct worker_tally {
	int64_t started;
	int64_t succeeded;
	int64_t failed;		/* ended in quarantine or cancelled, also
				 * when a dead worker left them */
	int64_t again;		/* failed, and will be tried again */
	int64_t released;	/* given back unfinished */
	int64_t lost;		/* somebody else owned the job by then */
	struct backlog left;	/* at the end; only with drain */
	bool interrupted;	/* stopped by INT, at the terminal mostly */
};

/* 0; 69 or 77 when the command cannot be run; 74 when stdout failed (a reader
 * that went away is no failure: then it stops), 75 when the queue's schema has
 * become newer than this program, or the store's errors.  err->text is empty
 * when it was said already.  *tally is valid in every case.
 *
 * This process should have a keeper.  Its stdin becomes /dev/null and its
 * core files are off, since handlers inherit both. */
int worker_run(const struct worker_options *o, struct worker_tally *tally,
	struct err *err);

#endif
