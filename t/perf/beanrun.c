/*
 * beanrun PORT COMMAND [ARG ...]
 *
 * The least that runs the jobs of the beanstalkd on 127.0.0.1:PORT: reserves
 * one, runs COMMAND with what it says as the last argument, and deletes it when
 * that has succeeded.  Until it is killed.
 */
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bean.h"

#define ARGUMENTS 16

extern char **environ;

static void
say(int fd, const char *command)
{
	size_t n = strlen(command);

	if (write(fd, command, n) != (ssize_t)n)
		err(74, "write");
}

static char *
hear(FILE *in, char *line, int size)
{
	if (fgets(line, size, in) == NULL)
		errx(74, "beanstalkd has gone");
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

static void
run(char **args)
{
	int status, rc;
	pid_t pid;

	rc = posix_spawnp(&pid, args[0], NULL, NULL, args, environ);
	if (rc)
		errx(69, "run %s: %s", args[0], strerror(rc));
	if (waitpid(pid, &status, 0) < 0)
		err(71, "wait");
	if (status)
		errx(1, "%s failed (wait status %#x)", args[0],
		    (unsigned)status);
}

int
main(int argc, char **argv)
{
	char *args[ARGUMENTS + 2] = { NULL }, line[8192], command[64];
	long long id;
	FILE *in;
	int fd;

	if (argc < 3 || argc - 2 > ARGUMENTS)
		return 64;
	memcpy(args, argv + 2, (size_t)(argc - 2) * sizeof(*args));
	fd = dial(argv[1]);
	in = fdopen(fd, "r");
	if (in == NULL)
		err(71, "fdopen");
	for (;;) {
		say(fd, "reserve\r\n");
		if (sscanf(hear(in, line, sizeof(line)), "RESERVED %lld",
		    &id) != 1)
			errx(74, "beanstalkd said %s", line);
		args[argc - 2] = hear(in, line, sizeof(line));
		run(args);
		snprintf(command, sizeof(command), "delete %lld\r\n", id);
		say(fd, command);
		if (strcmp(hear(in, line, sizeof(line)), "DELETED") != 0)
			errx(74, "beanstalkd said %s", line);
	}
}
