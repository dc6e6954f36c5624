/* Files whose lines say what the log was: exports, and anchors. */
#ifndef IQ_LOG_FILES_H
#define IQ_LOG_FILES_H

#include "log.h"

typedef void exported_fn(void *ctx, const struct exported *x,
	struct bytes line);
/* Each line of the operands ("-": standard input). 65 for a line that is
 * neither, 66 for a file that cannot be read. */
int log_files_read(const struct log_program *p, exported_fn *fn, void *ctx,
	struct err *err);

#endif
