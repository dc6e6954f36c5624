/*
 * One error, carried up to the one place that speaks.
 *
 * A function that can fail returns 0 or an exit code of cli.md's table
 * (EX_USAGE 64 ... EX_CONFIG 78) and fills *err with the same code and a
 * sentence "what was being done: why".  Only cmd/ prints it.
 */
#ifndef IQ_ERR_H
#define IQ_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <sysexits.h>

struct err {
	int code;		/* 0, or the exit code */
	int why;		/* errno of err_errno, else 0 */
	char text[512];		/* without program name or newline */
};

/* Fill *err (NULL is allowed) and return code, so that a caller can write
 * `return err_set(err, EX_IOERR, "open %s: %s", path, strerror(errno));` */
int err_set(struct err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with ": strerror(errno)" appended. errno is kept. */
int err_errno(struct err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The errno says that processes, descriptors or memory are used up: others may
 * give some back, so what failed may do later what it cannot do now. */
bool err_shortage(int why);

/* what "value": why. The value may come from anybody: it is escaped as for a
 * terminal, and cut short when it is long. */
int err_value(struct err *err, int code, const char *what, const char *value,
	const char *why);

#endif
