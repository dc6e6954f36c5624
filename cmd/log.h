/* What the files of iq-log share. */
#ifndef IQ_CMD_LOG_H
#define IQ_CMD_LOG_H

#include "report.h"
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

struct log_program {
	struct args args;
	struct report report;
	struct store *store;
	struct log_filter filter;
	int form;
	enum log_mode { LOG_READ, LOG_FOLLOW, LOG_VERIFY, LOG_REPLAY } mode;
};

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

/* ---- log_json.c, log_text.c ---- */

void log_json(struct log_program *p, const struct entry *e,
	const struct moves *m, struct buf *out);
/* In hexadecimal; null when it is not as long as a hash is */
void log_hash_json(struct json *j, const char *name, struct bytes hash);
/* Prints a line for each move, or one for the detail. */
void log_text(struct log_program *p, const struct entry *e,
	const struct moves *m);

/* ---- the modes ---- */

/* What there is, and (following) what comes, until stdout is closed */
int log_read(struct log_program *p, struct err *err);
/* EX_FAIL when something is wrong */
int log_verify(struct log_program *p, struct err *err);
int log_replay(struct log_program *p, struct err *err);

#endif
