/* Where nothing tells that a file was written: workers look each second. */
#include "store/internal.h"

int
store_wake_fd(struct store *s)
{
	(void)s;
	return -1;
}

void
store_wake_drain(struct store *s)
{
	(void)s;
}
