/*
 * One table per program drives parsing, --help, the completion files and the
 * test that compares usage with the manual.
 *
 * -h, -V and (unless the program has no queue) -q are every program's: they
 * stand last in the printed usage and need no row.
 */
#ifndef IQ_OPT_H
#define IQ_OPT_H

#include <stdbool.h>
#include <stdint.h>

#include "say.h"

struct opt {
	int id;			/* the short letter, or from OPT_LONG up */
	const char *name;	/* long name without dashes; an alias has a row
				 * of its own with the same id and help NULL */
	const char *arg;	/* NULL: none; "N": needed; "[all]": optional,
				 * said as --name=all */
	const char *help;	/* one line */
	const char *values;	/* for completion: "a b c", "type", "file",
				 * "dir", or NULL */
	bool later;		/* known, but refused with 64 in this version */
};

#define OPT_LONG 256
#define OPT_END { 0, NULL, NULL, NULL, NULL, false }

/* An option of xargs and the like that people try here */
struct hint {
	const char *option;	/* "-P", "--jobs" */
	const char *say;	/* what to do instead */
};

/* What may follow a verb, for completion: as values of an option */
struct following {
	const char *verb, *values;
};

struct program {
	const char *name;		/* "iq-enqueue" */
	const char *purpose;		/* one line */
	const char *const *synopsis;	/* one or more forms, without the name;
					 * NULL-terminated */
	const struct opt *opts;		/* ends with OPT_END */
	const char *const *verbs;	/* first operand, for usage and
					 * completion; NULL: none */
	const struct following *following;	/* ends with { NULL, NULL };
						 * NULL: files */
	bool no_queue;			/* takes no -q */
	const struct hint *hints;	/* ends with { NULL, NULL }; NULL: none */
};

/* Parsing state; also carries what is common to all programs. */
struct args {
	const struct program *program;
	const char *queue;		/* -q FILE, or NULL */
	int argc;			/* operands left after the last option */
	char **argv;
	/* private */
	int total;			/* of what main got */
	int next;
	const char *cluster;
	bool only_operands;
	bool posix;			/* options end at the first operand */
};

/* Also gives messages their program's name, and sees to it that descriptors
 * 0 to 2 exist. */
void args_init(struct args *a, const struct program *p, int argc, char **argv,
	bool options_end_at_operand);
/* The id of the next option with its argument in *value (NULL when it has
 * none), or 0 when only operands are left (in a->argv, a->argc). Deals with
 * -h and -V (exits 0); a wrong option says why and exits 64. */
int args_next(struct args *a, const char **value);

/* The long name of an option that is in the table; of aliases the first */
const char *opt_name(const struct opt *opts, int id);

/* Numbers of options: the value or exit 64 naming the option. */
int64_t arg_int(const char *option, const char *value, int64_t min,
	int64_t max);
int64_t arg_duration(const char *option, const char *value);
/* Wall time, never 0, which says that there is no bound */
int64_t arg_time(const char *option, const char *value, int64_t now);

#endif
