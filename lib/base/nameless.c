#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/nameless.h"

int
nameless_file(void)
{
	const char *dir = getenv("TMPDIR");
	struct buf name = { 0 };
	int fd, saved;

	if (dir == NULL || *dir != '/')
		dir = "/tmp";
	buf_addf(&name, "%s/iq.XXXXXX", dir);
	fd = mkostemp(name.p, O_CLOEXEC);
	saved = errno;
	if (fd >= 0)
		unlink(name.p);
	buf_release(&name);
	errno = saved;
	return fd;
}
