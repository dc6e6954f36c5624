/*
 * The front door: `iq COMMAND` runs iq-COMMAND, which lives beside iq, so
 * that a build that is not installed works, or else somewhere in PATH.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "nearest.h"
#include "opt.h"

/* In the order in which a job meets them. The list that `iq` prints has those
 * that are there. */
static const struct command {
	const char *name, *purpose;
} commands[] = {
	{ "scan", "find new, changed and deleted files" },
	{ "watch", "emit changes of files as they settle" },
	{ "debounce", "deduplicate, settle and batch a stream" },
	{ "cron", "enqueue jobs by the clock" },
	{ "enqueue", "put paths or records into the queue" },
	{ "work", "run jobs under caps" },
	{ "limit", "run a command under the caps of the workers" },
	{ "pipe", "put one big file through parallel filters" },
	{ "list", "show jobs, and why one does not run" },
	{ "ctl", "retry, cancel, release, pause and resume" },
	{ "stats", "report what the queue did and how fast" },
	{ "top", "watch the queue live" },
	{ "tune", "show and change settings" },
	{ "log", "read and verify the audit log" },
	{ "db", "make, check and back up a queue" },
};
#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

static const char *const synopsis[] = {
	"[-q FILE] COMMAND [ARG ...]",
	"help [COMMAND]",
	"version",
	NULL
};

static const struct opt opts[] = { OPT_END };

/* Verbs are the commands that are there, and these two. */
static const char *verbs[NCOMMANDS + 3];

static const struct program program = {
	.name = "iq",
	.purpose = "a durable ingestion queue for the shell: run iq-COMMAND",
	.synopsis = synopsis,
	.opts = opts,
	.verbs = verbs,
};

/* The first file of that name in PATH that can be run: its path in *out, or
 * false. */
static bool
find_in_path(const char *file, struct buf *out)
{
	const char *at = getenv("PATH");

	while (at != NULL) {
		size_t n = strcspn(at, ":");

		buf_reset(out);
		buf_add(out, n > 0 ? at : ".", n > 0 ? n : 1);
		buf_addf(out, "/%s", file);
		if (access(out->p, X_OK) == 0)
			return true;
		at = at[n] == ':' ? at + n + 1 : NULL;
	}
	return false;
}

/* The directory in which this program really lives, links followed, or NULL;
 * to be freed. */
static char *
own_directory(const char *argv0)
{
	struct buf path = { 0 };
	char *real = NULL;

	if (strchr(argv0, '/') != NULL)
		real = realpath(argv0, NULL);
	else if (find_in_path(argv0, &path))
		real = realpath(path.p, NULL);
	buf_release(&path);
	if (real != NULL)
		*strrchr(real, '/') = '\0';
	return real;
}

/* The file of iq-NAME in *out; false when there is none. */
static bool
find_command(const char *directory, const char *name, struct buf *out)
{
	struct buf file = { 0 };
	bool found = false;

	if (strchr(name, '/') != NULL || name[0] == '\0')
		return false;
	buf_addf(&file, "iq-%s", name);
	if (directory != NULL) {
		buf_reset(out);
		buf_addf(out, "%s/%s", directory, file.p);
		found = access(out->p, X_OK) == 0;
	}
	found = found || find_in_path(file.p, out);
	buf_release(&file);
	return found;
}

static void
fill_verbs(const char *directory)
{
	struct buf path = { 0 };
	size_t i, n = 0;

	for (i = 0; i < NCOMMANDS; i++)
		if (find_command(directory, commands[i].name, &path))
			verbs[n++] = commands[i].name;
	verbs[n++] = "help";
	verbs[n++] = "version";
	verbs[n] = NULL;
	buf_release(&path);
}

static int
list_commands(const char *directory)
{
	struct buf path = { 0 };
	size_t i;

	for (i = 0; i < NCOMMANDS; i++)
		if (find_command(directory, commands[i].name, &path))
			printf("  iq %-9s %s\n", commands[i].name,
				commands[i].purpose);
	puts("\n'iq help COMMAND' shows a command's manual; iq(7) is the tour.");
	buf_release(&path);
	return output_finish(EX_OK);
}

static _Noreturn void
unknown_command(const char *name)
{
	const char *near = nearest(name, verbs);

	if (near != NULL)
		die(EX_USAGE, "no command '%s'; did you mean '%s'?", name,
			near);
	die(EX_USAGE, "no command '%s'; 'iq' alone lists them", name);
}

static _Noreturn void
run(const char *path, char **argv)
{
	execv(path, argv);
	die(EX_OSERR, "run %s: %s", path, strerror(errno));
}

/* The page belongs to this installation: no other version's is shown. */
static bool
find_page(const char *directory, const char *name, struct buf *out)
{
	const char *section;

	if (directory == NULL)
		return false;
	for (section = "175"; *section != '\0'; section++) {
		buf_reset(out);
		buf_addf(out, "%s/../share/man/man%c/%s.%c", directory,
			*section, name, *section);
		if (access(out->p, R_OK) == 0)
			return true;
		buf_adds(out, ".gz");
		if (access(out->p, R_OK) == 0)
			return true;
	}
	return false;
}

static _Noreturn void
help(const char *directory, const char *command)
{
	struct buf name = { 0 }, path = { 0 };
	char *argv[3] = { NULL, NULL, NULL };

	buf_addf(&name, "iq-%s", command);
	if (strchr(command, '/') == NULL
			&& find_page(directory, name.p, &path)) {
		argv[0] = (char[]){ "man" };
		argv[1] = path.p;
		execvp(argv[0], argv);
	}
	if (!find_command(directory, command, &path))
		unknown_command(command);
	argv[0] = path.p;
	argv[1] = (char[]){ "--help" };
	run(path.p, argv);
}

/* Returns for what iq does itself; a command takes its place. */
static int
dispatch(const char *directory, struct args *a)
{
	struct buf path = { 0 };

	if (a->argc == 0)
		return list_commands(directory);
	if (strcmp(a->argv[0], "help") == 0) {
		if (a->argc == 1)
			return list_commands(directory);
		help(directory, a->argv[1]);
	}
	if (strcmp(a->argv[0], "version") == 0) {
		printf("iq %s\n", IQ_VERSION);
		return output_finish(EX_OK);
	}
	if (!find_command(directory, a->argv[0], &path))
		unknown_command(a->argv[0]);
	a->argv[0] = path.p;
	run(path.p, a->argv);
}

int
main(int argc, char **argv)
{
	char *directory = own_directory(argc > 0 ? argv[0] : "iq");
	const char *value;
	struct args a;
	int code;

	fill_verbs(directory);
	args_init(&a, &program, argc, argv, true);
	while (args_next(&a, &value) != 0)
		;
	if (a.queue != NULL && setenv("IQ_QUEUE", a.queue, 1) != 0)
		die(EX_OSERR, "set IQ_QUEUE: %s", strerror(errno));
	code = dispatch(directory, &a);
	free(directory);
	return code;
}
