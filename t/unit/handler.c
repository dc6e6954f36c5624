/* What stands in a handler's arguments and environment. */
#include <stdlib.h>
#include <unistd.h>

#include "engine/handler.h"
#include "tap.h"

static const struct claimed job = {
	.id = 42, .type = "notes/work", .path = { "/a b/{id}.md", 12 },
	.key = { "k1", 2 }, .event = EVENT_MODIFIED, .attempt = 3,
	.payload = { "{\"x\":1}", 7 },
};

/* The arguments that argv becomes for n jobs, joined by '|' */
static const char *
filled_by(const char *const *argv, const struct claimed *const *jobs, size_t n)
{
	static char text[512];
	struct arena a = { 0 };
	static struct err err;
	struct handler h;
	char **v;
	size_t at = 0;

	if (handler_init(&h, argv, "/q", &err) != 0)
		return err.text;
	v = handler_argv(&h, jobs, n, &a);
	text[0] = '\0';
	for (size_t i = 0; v[i] != NULL; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s",
			i ? "|" : "", v[i]);
	arena_release(&a);
	handler_release(&h);
	return text;
}

static const char *
filled(const char *const *argv, const struct claimed *j)
{
	return filled_by(argv, &j, 1);
}

#define FILLED(...) \
	filled((const char *const[]){ "true", __VA_ARGS__, NULL }, &job)

static void
arguments(void)
{
	struct claimed no_path = job;

	no_path.path = BYTES_NONE;
	no_path.key = BYTES_NONE;
	is_str(FILLED("-x", "{}"), "true|-x|/a b/{id}.md", "{} is the path, "
		"which is not looked at again");
	is_str(FILLED("a{}b{}"), "true|a/a b/{id}.mdb/a b/{id}.md",
		"{} inside an argument, twice");
	is_str(FILLED("-x"), "true|-x|/a b/{id}.md",
		"no {}: the path comes last");
	is_str(FILLED("{id}"), "true|42|/a b/{id}.md",
		"{id} alone: the path still comes last");
	is_str(FILLED("{type}:{key}:{attempt}:{event}", "{}"),
		"true|notes/work:k1:3:modified|/a b/{id}.md", "the words");
	is_str(FILLED("{x}", "{", "}", "{ }", "{{}}"),
		"true|{x}|{|}|{ }|{/a b/{id}.md}", "other braces stay");
	is_str(filled((const char *const[]){ "true", "[{}{key}]", NULL },
		&no_path), "true|[]", "what a job has not got is empty");
	is_str(filled((const char *const[]){ "true", NULL }, &no_path),
		"true", "no path: nothing comes last");
}

static void
several(void)
{
	struct claimed other = job, none = job;
	const struct claimed *v[] = { &job, &other, &none };
	const char *all[] = { "true", "-x", "{}", "{type}", NULL };
	const char *twice[] = { "true", "{}", "-o", "{}", NULL };
	const char *bare[] = { "true", "-x", NULL };

	other.path = (struct bytes){ "/b", 2 };
	none.path = BYTES_NONE;
	is_str(filled_by(all, v, 2), "true|-x|/a b/{id}.md|/b|notes/work",
		"{} alone: all paths");
	is_str(filled_by(twice, v, 2), "true|/a b/{id}.md|/b|-o|/a b/{id}.md|/b",
		"each time");
	is_str(filled_by(bare, v, 2), "true|-x|/a b/{id}.md|/b",
		"no {}: they come last");
	is_str(filled_by(bare, v, 3), "true|-x|/a b/{id}.md|/b|",
		"one without a path keeps its place");
}

static void
looking_up(void)
{
	const char *missing[] = { "iq-no-such-command", NULL };
	const char *directory[] = { "/tmp", NULL };
	const char *slash[] = { "/bin/sh", NULL };
	const char *braces[] = { "{}", NULL };
	const char *empty[] = { "", NULL };
	struct handler h;
	struct err err;

	is_int(handler_init(&h, missing, "/q", &err), 69, "no such command");
	is_str(err.text, "iq-no-such-command: command not found", "it says "
		"so");
	handler_release(&h);
	is_int(handler_init(&h, directory, "/q", &err), 77, "a directory");
	handler_release(&h);
	is_int(handler_init(&h, empty, "/q", &err), 69, "an empty name");
	handler_release(&h);
	is_int(handler_init(&h, braces, "/q", &err), 69, "the command itself "
		"is no place for a path");
	handler_release(&h);
	is_int(handler_init(&h, slash, "/q", &err), 0, "a path is taken as "
		"it is");
	is_str(h.file, "/bin/sh", "it is what is executed");
	handler_release(&h);
	setenv("PATH", "/nonexistent::/bin", 1);
	is_int(handler_init(&h, (const char *[]){ "sh", NULL }, "/q", &err),
		0, "PATH is searched");
	is_str(h.file, "/bin/sh", "in order");
	handler_release(&h);
}

static const char *
value_of(char **env, const char *name)
{
	size_t n = strlen(name);
	const char *found = NULL;

	for (; *env != NULL; env++) {
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=') {
			if (found != NULL)
				return "twice";
			found = *env + n + 1;
		}
	}
	return found;
}

static void
environment(void)
{
	const char *argv[] = { "/bin/sh", NULL };
	struct claimed bare = { .id = 7, .type = "default", .attempt = 1 };
	struct arena a = { 0 };
	struct handler h;
	struct err err;
	char *large, **env;
	const struct claimed *one = &job, *other = &bare;
	const struct claimed *both[] = { &job, &bare };
	const char *sign;

	setenv("IQ_JOB_ID", "outer", 1);
	setenv("IQ_JOB_OTHER", "outer", 1);
	setenv("IQ_QUEUE", "outer", 1);
	setenv("KEPT", "yes", 1);
	handler_init(&h, argv, "/dir/queue.db", &err);
	env = handler_environment(&h, &one, 1, &a, &sign);
	is_str(value_of(env, "IQ_QUEUE"), "/dir/queue.db", "IQ_QUEUE");
	is_str(value_of(env, "IQ_JOB_ID"), "42", "IQ_JOB_ID");
	is_str(value_of(env, "IQ_JOB_IDS"), "42", "IQ_JOB_IDS");
	is_str(sign, "IQ_JOB_IDS=42", "which nobody else has");
	is_str(value_of(env, "IQ_JOB_TYPE"), "notes/work", "IQ_JOB_TYPE");
	is_str(value_of(env, "IQ_JOB_PATH"), "/a b/{id}.md", "IQ_JOB_PATH");
	is_str(value_of(env, "IQ_JOB_KEY"), "k1", "IQ_JOB_KEY");
	is_str(value_of(env, "IQ_JOB_EVENT"), "modified", "IQ_JOB_EVENT");
	is_str(value_of(env, "IQ_JOB_ATTEMPT"), "3", "IQ_JOB_ATTEMPT");
	is_str(value_of(env, "IQ_JOB_PAYLOAD"), "{\"x\":1}",
		"IQ_JOB_PAYLOAD");
	is_str(value_of(env, "IQ_JOB_OTHER"), NULL,
		"an outer job's variables are gone");
	is_str(value_of(env, "KEPT"), "yes", "the rest is inherited");
	env = handler_environment(&h, &other, 1, &a, &sign);
	is_str(value_of(env, "IQ_JOB_PATH"), "", "no path: empty");
	is_str(value_of(env, "IQ_JOB_EVENT"), "", "no event: empty");
	large = malloc(HANDLER_PAYLOAD_MAX + 1);
	memset(large, '1', HANDLER_PAYLOAD_MAX + 1);
	bare.payload = (struct bytes){ large, HANDLER_PAYLOAD_MAX + 1 };
	env = handler_environment(&h, &other, 1, &a, &sign);
	is_str(value_of(env, "IQ_JOB_PAYLOAD"), NULL,
		"a payload that no environment holds is left out");
	free(large);
	env = handler_environment(&h, both, 2, &a, &sign);
	is_str(value_of(env, "IQ_JOB_IDS"), "42 7", "several: their ids");
	is_str(value_of(env, "IQ_JOB_TYPE"), "notes/work", "their type");
	is_str(value_of(env, "IQ_JOB_ID"), NULL, "not what one of them has");
	is_str(value_of(env, "IQ_JOB_PATH"), NULL, "nor its path");
	arena_release(&a);
	handler_release(&h);
}

int
main(void)
{
	arguments();
	several();
	looking_up();
	environment();
	return done();
}
