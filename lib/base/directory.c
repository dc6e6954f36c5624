#include "base/directory.h"

#include <errno.h>
#include <fcntl.h>

int
directory_open(int at, const char *name, bool follow)
{
	int fd;

	do
		fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
		    O_NOCTTY | (follow ? 0 : O_NOFOLLOW));
	while (fd < 0 && errno == EINTR);
	return fd;
}
