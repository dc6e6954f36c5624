/* The option -t of programs that take one type. */
#ifndef IQ_TYPE_OPTION_H
#define IQ_TYPE_OPTION_H

#include "store/store.h"

/* The value, or exit 64 when it is no name of a type, or the second one. */
void type_option(const char **type, const char *value);

/* A type that does not exist is no error where it may come to be, but perhaps
 * a slip: warns, as "what: no type 'TYPE' yet", unless it exists. */
int type_known(struct store *s, const char *what, const char *type,
	struct err *err);

#endif
