/*
 * The settings: one table with name, kind, range, default and scope.  A value
 * is kept as the text the operator gave, and read with the kind's parser.
 */
#ifndef IQ_SETTING_H
#define IQ_SETTING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "rules/retry.h"

#define WORKERS_MAX 2048	/* of one iq-work */

enum setting_kind {
	SETTING_INT,
	SETTING_FLOAT,
	SETTING_DURATION,	/* ns */
	SETTING_SIZE,		/* bytes */
	SETTING_WORD,		/* one of choices */
	SETTING_TEXT,
	SETTING_COMMAND,	/* absolute path, or JSON array of strings */
	SETTING_PROFILE,	/* the name of a built-in profile */
	SETTING_RATE,		/* N/PERIOD */
	SETTING_PATHS,		/* absolute path, or JSON array of them */
	SETTING_PATTERNS,	/* of file names, likewise */
};

enum setting_key {
	SET_WORKERS,
	SET_SCHEDULER,
	SET_TARGET_BYTES_PER_SECOND,
	SET_TELEMETRY,
	SET_TELEMETRY_RETENTION,
	SET_RETENTION_BYTES,
	SET_REDACT,
	SET_PROFILE,
	SET_HANDLER,
	SET_MAX_WORKERS,
	SET_WEIGHT,
	SET_AGING,
	SET_TIMEOUT,
	SET_GRACE,
	SET_LEASE,
	SET_LEFTOVERS,
	SET_BATCH_FILES,
	SET_MAX_QUEUE,
	SET_ON_FULL,
	SET_MAX_ATTEMPTS,
	SET_TRANSIENT_MAX_ATTEMPTS,
	SET_RETRY_STRATEGY,
	SET_RETRY_BASE,
	SET_RETRY_MAX,
	SET_RETRY_MULTIPLIER,
	SET_RETRY_JITTER,
	SET_RATE_LIMIT_DELAY,
	SET_CRASH_LIMIT,
	SET_RETENTION,
	SET_BREAKER,
	SET_RATE_LIMIT,
	SET_PATH,
	SET_INCLUDE,
	SET_EXCLUDE,
	SET_DEBOUNCE,
	SET_MAX_DELAY,
	SET_SCAN_INTERVAL,
	SET_COUNT
};

struct setting_def {
	const char *name;
	enum setting_kind kind;
	const char *standard;	/* the default, as text; NULL: unset */
	double min, max;	/* INT, FLOAT; DURATION in s; SIZE in bytes;
				 * RATE: of N */
	const char *choices;	/* WORD: "block fail drop" */
	bool global;		/* may only be set for the whole queue */
	const char *unit;	/* "seconds" "bytes" "bytes/s" "" */
	const char *help;	/* one line */
};

const struct setting_def *setting_def(enum setting_key k);
/* Its values tell what files are called. */
bool setting_names_files(enum setting_key k);
/* -1 when there is no such setting */
int setting_find(const char *name);
/* The one whose name is nearly that, or NULL */
const char *setting_nearest(const char *name);

struct setting_value {
	int64_t i;		/* INT, DURATION (ns), SIZE (bytes), N of a
				 * RATE */
	double f;		/* FLOAT; INT, DURATION and SIZE: as i; PERIOD
				 * of a RATE in s */
	int choice;		/* WORD: index into choices */
};

/* EX_CONFIG with the key, the value and the range; on success *out (may be
 * NULL) has the number. */
int setting_parse(enum setting_key k, const char *text,
	struct setting_value *out, struct err *err);

/* The four known connectors bring values for several keys: the value that a
 * profile gives to a key, or NULL. */
const char *profile_value(const char *profile, enum setting_key k);
bool profile_known(const char *profile);
const char *const *profile_names(void);	/* NULL-terminated */

/* Where an effective value comes from */
enum origin {
	ORIGIN_BUILTIN,
	ORIGIN_PROFILE,
	ORIGIN_GLOBAL,
	ORIGIN_PARENT,
	ORIGIN_TYPE,
	ORIGIN_ENVIRONMENT,
	ORIGIN_FLAG,
};
const char *origin_name(enum origin o);

/* "IQ_SET_RETRY_BASE" for retry_base, looked up in the environment: NULL when
 * it is not set, or empty */
const char *setting_environment(enum setting_key k);
/* 78 when a variable IQ_SET_... is there, not empty, that is of no setting */
int setting_check_environment(struct err *err);

#endif
