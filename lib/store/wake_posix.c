/* Where nothing tells that a file was written: workers look each second. */
#include "store/internal.h"

int
store_wake_fd(struct store *s)
{
	(void)s;
	return -1;
}

void
wake_by_ring(struct store *s)
{
	(void)s;
}

void
store_wake_drain(struct store *s)
{
	(void)s;
}
