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
#include "base/nearest.h"
#include "front.h"
#include "help.h"
#include "opt.h"
#include "words.h"

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
	{ "db", "make, check, back up and restore a queue" },
};
#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

static const char *const synopsis[] = {
	"[-q FILE] COMMAND [ARG ...]",
	"help [COMMAND | 7 | file | handler]",
	"version",
	NULL
};

static const struct opt opts[] = { OPT_END };

/* Verbs are the commands that are there, and these two. */
static const char *verbs[NCOMMANDS + 3];

#define NTOPICS 4
/* The same, and topics */
static const char *helped[NCOMMANDS + 3 + NTOPICS];
static char helped_words[256];

static const struct following following[] = {
	{ "help", helped_words }, { NULL, NULL }
};

static const struct program program = {
	.name = "iq",
	.purpose = "a durable ingestion queue for the shell: run iq-COMMAND",
	.synopsis = synopsis,
	.opts = opts,
	.verbs = verbs,
	.following = following,
};

static void
fill_verbs(const char *directory)
{
	struct buf path = { 0 };
	size_t i, n = 0;

	for (i = 0; i < NCOMMANDS; i++)
		if (front_find(directory, commands[i].name, &path))
			verbs[n++] = commands[i].name;
	verbs[n++] = "help";
	verbs[n++] = "version";
	verbs[n] = NULL;
	buf_release(&path);
}

static void
fill_helped(void)
{
	size_t n = 0;

	for (size_t i = 0; verbs[i] != NULL; i++)
		helped[n++] = verbs[i];
	for (size_t i = 0; i < NTOPICS && front_topics[i] != NULL; i++)
		helped[n++] = front_topics[i];
	for (size_t i = 0; i < n; i++)
		words_add(helped_words, sizeof(helped_words), helped[i]);
}

static int
list_commands(const char *directory)
{
	struct buf path = { 0 };
	size_t i;

	for (i = 0; i < NCOMMANDS; i++)
		if (front_find(directory, commands[i].name, &path))
			printf("  iq %-9s %s\n", commands[i].name,
				commands[i].purpose);
	puts("\n'iq help COMMAND' shows a command's manual; 'iq help 7' is the "
		"tour,\n'iq help handler' how to write a handler, and 'iq help "
		"file' what the queue is.");
	buf_release(&path);
	return output_finish(EX_OK);
}

_Noreturn void
front_unknown(const char *name, bool help)
{
	const char *near = nearest(name, help ? helped : verbs);

	if (near != NULL && strcmp(near, name) == 0)
		die(EX_USAGE, "'%s' is part of iq itself: see iq(1)", name);
	if (near != NULL)
		die(EX_USAGE, "no command '%s'; did you mean '%s'?", name,
			near);
	die(EX_USAGE, "no command '%s'; 'iq' alone lists them", name);
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
		front_help(directory, a->argv[1]);
	}
	if (strcmp(a->argv[0], "version") == 0) {
		help_version(&program);
		return output_finish(EX_OK);
	}
	if (!front_find(directory, a->argv[0], &path))
		front_unknown(a->argv[0], false);
	a->argv[0] = path.p;
	front_run(path.p, a->argv);
}

int
main(int argc, char **argv)
{
	char *directory = front_directory(argc > 0 ? argv[0] : "iq");
	const char *value;
	struct args a;
	int code;

	fill_verbs(directory);
	fill_helped();
	args_init(&a, &program, argc, argv, true);
	while (args_next(&a, &value) != 0)
		;
	if (a.queue != NULL && setenv("IQ_QUEUE", a.queue, 1) != 0)
		die(EX_OSERR, "set IQ_QUEUE: %s", strerror(errno));
	code = dispatch(directory, &a);
	free(directory);
	return code;
}
