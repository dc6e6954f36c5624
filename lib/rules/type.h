/* Types of jobs: names that form a tree by '/'. */
#ifndef IQ_TYPE_H
#define IQ_TYPE_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"

#define TYPE_MAX 128
#define TYPE_DEFAULT "default"

/* EX_USAGE with the reason when name is not [a-z0-9][a-z0-9_.-]* joined by
 * '/', at most TYPE_MAX bytes */
int type_check(struct bytes name, struct err *err);
/* a/b/c is within a, a/b and itself */
bool type_within(const char *type, const char *ancestor);
/* "a/b" for "a/b/c"; false when name has no parent. out holds TYPE_MAX + 1 */
bool type_parent(const char *name, char *out);

#endif
