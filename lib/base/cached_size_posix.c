/* stat(2) may wait for ever. */
#include "base/cached_size.h"

int64_t
cached_size(const char *path)
{
	(void)path;
	return -1;
}
