/* What the files of iq-log share. */
#ifndef IQ_CMD_LOG_H
#define IQ_CMD_LOG_H

#include <time.h>

#include "report.h"
#include "rules/export.h"
#include "store/log.h"

/* Which events, and of those which moves */
struct log_filter {
	const char *type;	/* and its children; NULL: all */
	int64_t *jobs;		/* ascending; NULL: all */
	size_t njobs;
	uint64_t kinds;		/* bits; 0: all */
	const char *actor;	/* fnmatch(3); NULL: all */
	int64_t since, until;	/* wall; 0: no bound */
};

/* What becomes of paths, in the order of the setting's words */
enum redact { REDACT_NONE, REDACT_HASH, REDACT_FULL };

struct log_program {
	struct args args;
	struct report report;
	struct store *store;
	struct log_filter filter;
	int form;
	bool offline;		/* no queue is needed */
	const char *redacting;	/* --redact, or NULL: the setting */
	enum redact redact;
	unsigned char key[LOG_KEY_SIZE];	/* for REDACT_HASH */
	/* A type's name, or NULL; for the store when NULL */
	const char *(*type_name)(void *ctx, int64_t id);
	void *names;		/* its ctx */
	struct tm day;		/* of the last line of text, where they are
				 * narrow */
	const char *seal_key;	/* file, or NULL */
	enum log_mode { LOG_READ, LOG_FOLLOW, LOG_EXPORT, LOG_ANCHOR,
	    LOG_SEAL, LOG_NEW_KEY, LOG_VERIFY, LOG_REPLAY, LOG_PRUNE } mode;
};

/* Opens p->store. */
int log_open_queue(struct log_program *p, enum store_mode mode, struct err *err);
void log_options_parse(struct log_program *p, int argc, char **argv);

/* ---- log_filter.c ---- */

/* Moves of one event */
struct moves {
	struct move *v;
	size_t n, cap;
	bool malformed;		/* they end before those that are stored */
};

/* Whether the event is wanted, and the moves that are: of a run of jobs only
 * those that were asked for */
bool log_choose(struct log_program *p, const struct entry *e,
	struct moves *out);
void moves_release(struct moves *m);

const char *log_type_name(struct log_program *p, int64_t id);

/* ---- log_json.c, log_text.c ---- */

/* The object without its closing brace, and without paths; previous: the hash
 * before, for an export, else NULL. */
void log_json(struct log_program *p, const struct entry *e,
	const struct moves *m, const unsigned char *previous,
	struct json *j);
/* In hexadecimal; null when it is not as long as a hash is */
void log_hash_json(struct json *j, const char *name, struct bytes hash);
/* Prints a line for each move, or one for the detail; on a narrow terminal
 * another one first where a day begins. */
int log_text(struct log_program *p, const struct entry *e,
	const struct moves *m, struct err *err);

/* ---- log_paths.c ---- */

/* Finds out what is to become of paths. */
int log_redact_init(struct log_program *p, struct err *err);
/* Member "paths" of the object: those of the jobs that moved */
int log_paths_json(struct log_program *p, const struct moves *m,
	struct json *j, struct err *err);
/* Appends that of the first job of the move. */
int log_path_text(struct log_program *p, const struct move *m,
	struct buf *line, struct err *err);

/* ---- log_follow.c, log_read.c ---- */

/* What comes after that event, until fn returns nonzero, stdout is closed or
 * there is an error.  Where the queue becomes another one (restored, moved, made
 * anew), that is opened, told on stderr, and followed. */
int log_follow(struct log_program *p, int64_t after, log_fn *fn, void *ctx,
	struct err *err);
/* The number before the last ten */
int log_last_events(struct log_program *p, int64_t *after, struct err *err);

/* ---- the modes ---- */

/* What there is, and (following) what comes, until stdout is closed */
int log_read(struct log_program *p, struct err *err);
/* What the log is now, to be kept elsewhere */
int log_anchor(struct log_program *p, struct err *err);
/* The same, signed; and what those can be checked with */
int log_seal(struct log_program *p, struct err *err);
int log_new_key(struct log_program *p, struct err *err);
int log_prune(struct log_program *p, struct err *err);
/* These two: 1 when something is wrong */
int log_verify(struct log_program *p, struct err *err);
int log_verify_offline(struct log_program *p, struct err *err);
int log_replay(struct log_program *p, struct err *err);

#endif
