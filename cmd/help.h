/* What is printed of a program's table, and the options that all share. */
#ifndef IQ_HELP_H
#define IQ_HELP_H

#include <limits.h>

#include "opt.h"

/* Id of --iq-dump-options, which no --help shows. */
#define HELP_DUMP INT_MAX

/* Rows of -h, -V and -q, or of -h and -V for a program without a queue. */
const struct opt *help_common(const struct program *p);

/* --help, on stdout */
void help_print(const struct program *p);
/* --version, on stdout */
void help_version(const struct program *p);

/*
 * --iq-dump-options, on stdout: what completion files and tests are made of.
 * One row a line, fields separated by tabs, an absent one is "-":
 *
 *	program NAME PURPOSE
 *	verb    NAME
 *	after   VERB VALUES
 *	option  SHORT LONG none|needed|optional ARG VALUES own|common HELP
 *
 * An alias is an option row of its own, with HELP "-" and the SHORT of what
 * it stands for.  Options of a later version are left out.
 */
void help_dump(const struct program *p);

#endif
