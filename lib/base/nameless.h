/* Files that nobody else can open and that go with their last descriptor.
 * Close-on-exec; -1 with errno. */
#ifndef IQ_NAMELESS_H
#define IQ_NAMELESS_H

/* In $TMPDIR, else /tmp: for much */
int nameless_file(void);
/* In memory, where there is such a thing: for little */
int nameless_memory(void);

#endif
