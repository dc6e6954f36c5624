/*
 * stamp FIFO [ANYTHING ...]
 *
 * A handler that says when it began: writes the time of its start, 8 bytes of
 * CLOCK_MONOTONIC in ns, to the FIFO.
 */
#include <fcntl.h>
#include <unistd.h>

#include "perf.h"

int
main(int argc, char **argv)
{
	int64_t now = now_ns();
	int fd;

	if (argc < 2)
		return 64;
	fd = open(argv[1], O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, &now, sizeof(now)) != sizeof(now))
		err(74, "write to %s", argv[1]);
	return 0;
}
