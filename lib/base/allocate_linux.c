#include <errno.h>
#include <fcntl.h>

#include "base/allocate.h"

int
allocate(int fd, int64_t offset, int64_t n)
{
	int rc;

	do
		rc = fallocate(fd, 0, offset, n);
	while (rc < 0 && errno == EINTR);
	if (rc == 0)
		return 0;
	return errno == EOPNOTSUPP || errno == ENOSYS ? ENOTSUP : errno;
}
