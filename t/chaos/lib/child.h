/* Programs that a test runs, feeds, listens to and kills. */
#ifndef IQ_CHILD_H
#define IQ_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

struct child {
	pid_t pid;		/* 0: none */
	int in, out;		/* our ends of its stdin and stdout, or -1 */
	struct buf said;	/* what it wrote and was not yet taken */
};

/* argv[0] is looked up in PATH. piped: stdin and stdout are pipes of ours,
 * non-blocking; else stdin and stdout are /dev/null. stderr: the file, added
 * to. Ends the test when it cannot be started. */
void child_start(struct child *c, const char *const *argv, bool piped,
	const char *errors);
/* Starts it without pipes and waits for it: its exit status, 128 for a signal.
 */
int child_run(const char *const *argv, const char *errors);
/* Reads what is there; false at the end of its output. */
bool child_listen(struct child *c);
/* The next whole line without its newline, or NULL; valid until the next call
 * for this child */
char *child_line(struct child *c);
void child_shut(struct child *c);	/* closes its stdin */
/* Closes the pipes and forgets it; it was waited for. */
void child_forget(struct child *c);
/* Children of any process of ours, at most max */
size_t child_children(pid_t pid, pid_t *v, size_t max);

#endif
