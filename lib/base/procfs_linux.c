#include "base/procfs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

size_t
procfs_read(pid_t pid, const char *name, char *text, size_t size)
{
	char path[80];
	ssize_t got;
	int fd;

	text[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	got = io_read_full(fd, text, size - 1);
	close(fd);
	if (got < 0)
		got = 0;
	text[got] = '\0';
	return (size_t)got;
}

const char *
procfs_stat_field(const char *stat, int n)
{
	/* the name in field 2 may hold spaces and parentheses */
	const char *p = strrchr(stat, ')');

	for (int field = 2; field < n && p != NULL; field++)
		p = strchr(p + 1, ' ');
	return p ? p + 1 : NULL;
}
