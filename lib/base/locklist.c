#include "base/locklist.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"

#define LIST_MAX (16 << 20)

int
locklist_read(struct buf *text)
{
	buf_reset(text);
	if (io_read_file("/proc/locks", LIST_MAX, text) < 0)
		return -1;
	buf_adds(text, "");
	return 0;
}

/* "3: OFDLCK ADVISORY  WRITE -1 fe:00:1234 5 5"; who waits for one comes after
 * it, with "->" in front of the kind. */
static bool
parse(const char *line, struct held_lock *l)
{
	return sscanf(line, "%*d: %11s %*s %*s %d %*x:%*x:%" SCNu64 " %" SCNd64,
	    l->kind, &l->pid, &l->inode, &l->start) == 4;
}

bool
locklist_next(const char **at, struct held_lock *l)
{
	while (**at) {
		const char *line = *at;
		size_t n = strcspn(line, "\n");

		*at += n + (line[n] == '\n');
		if (parse(line, l))
			return true;
	}
	return false;
}
