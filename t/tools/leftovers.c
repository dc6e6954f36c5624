/*
 * leftovers DIRECTORY - the processes of a test, one process id per line: those
 * that were started with IQ_TEST=DIRECTORY in their environment, and those that
 * are in DIRECTORY or below it.  Zombies are none, nor is this one.
 *
 * Each test asks, so it has to be cheap.
 */
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *content;
static size_t room;

/* Ends with a 0; -1: it has gone, or is somebody else's */
static ssize_t
read_whole(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got = -1;

	while (fd >= 0) {
		if (room - n < BUFSIZ && (content = realloc(content,
		    room += 64 * BUFSIZ)) == NULL)
			err(71, "read %s", path);
		got = read(fd, content + n, room - n - 1);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	if (fd < 0 || got < 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	close(fd);
	content[n] = '\0';
	return (ssize_t)n;
}

static bool
has_name(const char *pid, const char *name)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%.20s/environ", pid);
	n = read_whole(path);
	for (char *p = content; n > 0 && p < content + n; p += strlen(p) + 1)
		if (strcmp(p, name) == 0)
			return true;
	return false;
}

static bool
is_inside(const char *pid, const char *directory)
{
	size_t len = strlen(directory);
	char path[64], cwd[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%.20s/cwd", pid);
	n = readlink(path, cwd, sizeof(cwd) - 1);
	if (n < 0)
		return false;
	cwd[n] = '\0';
	return strncmp(cwd, directory, len) == 0 &&
	    (cwd[len] == '\0' || cwd[len] == '/');
}

static bool
lives(const char *pid)
{
	char path[64];
	const char *state;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	if (read_whole(path) < 0 || (state = strrchr(content, ')')) == NULL)
		return false;
	return strlen(state) > 2 && strchr("ZX", state[2]) == NULL;
}

int
main(int argc, char **argv)
{
	const struct dirent *e;
	char *name = NULL, own[32];
	DIR *d;

	if (argc != 2)
		return 64;
	if (asprintf(&name, "IQ_TEST=%s", argv[1]) < 0)
		err(71, "start");
	snprintf(own, sizeof(own), "%ld", (long)getpid());
	/* where there is none nobody can be found */
	d = opendir("/proc");
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (!isdigit((unsigned char)e->d_name[0]) ||
		    strcmp(e->d_name, own) == 0)
			continue;
		if ((has_name(e->d_name, name) ||
		    is_inside(e->d_name, argv[1])) && lives(e->d_name))
			puts(e->d_name);
	}
	if (d != NULL)
		closedir(d);
	free(name);
	free(content);
	return 0;
}
