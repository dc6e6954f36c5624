/* Output of attempts in files. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "engine/results.h"

#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#define NEW_FILE (O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC)

/* dir and what is missing above it */
static int
make_directories(const char *dir, struct err *err)
{
	char *part = mem_strdup(dir), *end = part;
	int code = 0;

	while (*end != '\0' && code == 0) {
		char after;

		end += strspn(end, "/");
		end += strcspn(end, "/");
		after = *end;
		*end = '\0';
		if (mkdir(part, 0777) != 0 && errno != EEXIST)
			code = err_errno(err, EX_CANTCREAT,
				"--results: make %s", part);
		*end = after;
	}
	free(part);
	return code;
}

int
results_open(const char *dir, int *fd, struct err *err)
{
	int code = make_directories(dir, err);

	if (code)
		return code;
	*fd = open(dir, DIRECTORY);
	if (*fd < 0)
		return err_errno(err, EX_CANTCREAT, "--results: open %s", dir);
	return 0;
}

/* The directory NAME in dir, made when it is missing; -1 with errno */
static int
step_into(int dir, const char *name)
{
	if (mkdirat(dir, name, 0777) != 0 && errno != EEXIST)
		return -1;
	return openat(dir, name, DIRECTORY);
}

/* errno stays. */
static void
close_if_open(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
}

/* 75 when it may go better later; else no job can have its files. */
static int
failed_to_start(int why)
{
	if (err_shortage(why))
		return EX_TEMPFAIL;
	return why == ENOSPC || why == EDQUOT || why == EIO ? EX_IOERR :
		EX_CANTCREAT;
}

static int
cannot_start(int64_t job, struct err *err)
{
	return err_errno(err, failed_to_start(errno), "--results: make the "
		"files of job %" PRId64, job);
}

static bool
remove_old(int dir, const char *name)
{
	return unlinkat(dir, name, 0) == 0 || errno == ENOENT;
}

/* DIR/ID/ATTEMPT, without an exit status; -1 with errno */
static int
directory_of(int dir, int64_t job, int attempt)
{
	char name[24];
	int of_job, fd = -1;

	snprintf(name, sizeof(name), "%" PRId64, job);
	of_job = step_into(dir, name);
	if (of_job < 0)
		return -1;
	snprintf(name, sizeof(name), "%d", attempt);
	fd = step_into(of_job, name);
	close_if_open(of_job);
	if (fd >= 0 && !remove_old(fd, "exit")) {
		close_if_open(fd);
		return -1;
	}
	return fd;
}

int
results_start(int dir, int64_t job, int attempt, int *directory, int *out,
	int *errout, struct err *err)
{
	*out = *errout = -1;
	*directory = directory_of(dir, job, attempt);
	if (*directory >= 0)
		*out = openat(*directory, "stdout", NEW_FILE, 0666);
	if (*out >= 0)
		*errout = openat(*directory, "stderr", NEW_FILE, 0666);
	if (*errout >= 0)
		return 0;
	cannot_start(job, err);
	close_if_open(*directory);
	close_if_open(*out);
	*directory = *out = -1;
	return err->code;
}

int
results_share(int dir, int64_t job, int attempt, int first, int status,
	struct err *err)
{
	static const char *const names[] = { "stdout", "stderr" };
	int fd = directory_of(dir, job, attempt), code;
	bool linked = fd >= 0;

	for (int i = 0; i < 2 && linked; i++)
		linked = remove_old(fd, names[i]) &&
			linkat(first, names[i], fd, names[i], 0) == 0;
	code = linked ? results_finish(fd, status, err) :
		cannot_start(job, err);
	close_if_open(fd);
	return code;
}

int
results_finish(int directory, int status, struct err *err)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d\n", status);
	int fd = openat(directory, "exit.new", NEW_FILE, 0666);
	int bad = fd < 0 || io_write_all(fd, text, (size_t)n) != 0;

	if (fd >= 0 && close(fd) != 0)
		bad = 1;
	if (bad || renameat(directory, "exit.new", directory, "exit") != 0)
		return err_errno(err, EX_IOERR, "--results: write the exit "
			"status of a job");
	return 0;
}
