/*
 * How many slots the limit of open files carries.  The soft limit is raised
 * only when it must be: programs that use select(2) rely on a small one, so
 * the handlers get theirs back.
 */
#ifndef IQ_FILES_H
#define IQ_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

struct files {
	struct rlimit before;	/* as this process was given it */
	bool known, raised;
};

void files_init(struct files *f);
/* Raises the soft limit so that it carries this many slots, or as many as the
 * hard limit lets it; returns how many, at least 1. */
int files_carry(struct files *f, int slots);
/* What the hard limit is, for people; INT64_MAX: none */
int64_t files_hard(const struct files *f);
/* The limit of the handlers; NULL: ours */
const struct rlimit *files_of_handlers(const struct files *f);

#endif
