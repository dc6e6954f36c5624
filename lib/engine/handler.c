/* Arguments and environment of a handler. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/handler.h"
#include "engine/spawn.h"

#define STANDARD_PATH "/usr/local/bin:/usr/bin:/bin"

extern char **environ;

/* 0, or why it cannot be executed */
static int
check_file(const char *file)
{
	struct stat st;

	if (stat(file, &st) != 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	return access(file, X_OK) == 0 ? 0 : errno;
}

/* As execvp(3), but once. NULL with errno: ENOENT, or EACCES when a file of
 * that name was met which cannot be executed */
static char *
find_in_path(const char *name)
{
	const char *path = getenv("PATH"), *end;
	struct buf b = { 0 };
	int why = ENOENT, got;

	if (path == NULL)
		path = STANDARD_PATH;
	for (;; path = end + 1) {
		end = path + strcspn(path, ":");
		buf_reset(&b);
		buf_add(&b, path, (size_t)(end - path));
		if (end > path)
			buf_addc(&b, '/');
		else
			buf_adds(&b, "./");	/* an empty entry is here */
		buf_adds(&b, name);
		got = check_file(b.p);
		if (got == 0)
			return b.p;
		if (got == EACCES)
			why = got;
		if (*end == '\0')
			break;
	}
	buf_release(&b);
	errno = why;
	return NULL;
}

static int
find_file(struct handler *c, const char *name, struct err *err)
{
	int got;

	if (strchr(name, '/') != NULL) {
		got = check_file(name);
		if (got == 0) {
			c->file = mem_strdup(name);
			return 0;
		}
		errno = got;
	} else if (*name != '\0') {
		c->file = find_in_path(name);
		if (c->file != NULL)
			return 0;
	} else {
		errno = ENOENT;
	}
	if (errno == ENOENT || errno == ENOTDIR)
		return err_set(err, EX_UNAVAILABLE, "%s: command not found",
			name);
	return err_errno(err, EX_NOPERM, "execute %s", name);
}

bool
handler_exists(const struct handler *c)
{
	return check_file(c->file) == 0;
}

int
handler_missing(const char *file, int why, struct err *err)
{
	if (why == ENOEXEC)
		return err_set(err, EX_NOPERM, "execute %s: not a program, "
			"and no script with a #! line", file);
	if (why == ENOENT && access(file, F_OK) == 0)
		return err_set(err, EX_UNAVAILABLE, "execute %s: its "
			"interpreter was not found", file);
	errno = why;
	return err_errno(err, why == ENOENT || why == ENOTDIR ?
		EX_UNAVAILABLE : EX_NOPERM, "execute %s", file);
}

static bool
set_for_each_job(const char *entry)
{
	return strncmp(entry, "IQ_JOB_", 7) == 0 ||
		strncmp(entry, "IQ_QUEUE=", 9) == 0 ||
		strncmp(entry, "IQ_RESULT_FD=", 13) == 0 ||
		strncmp(entry, "IQ_SLOT=", 8) == 0;
}

/* What says who and where somebody is, in which language and time; nothing
 * that changes what a program does, or that is meant for one of them alone. */
static bool
harmless(const char *entry)
{
	static const char *const names[] = { "HOME=", "USER=", "LOGNAME=",
		"SHELL=", "PATH=", "TMPDIR=", "TZ=", "LANG=", "LANGUAGE=",
		"LC_", "XDG_", NULL };

	for (const char *const *name = names; *name != NULL; name++) {
		if (strncmp(entry, *name, strlen(*name)) == 0)
			return true;
	}
	return false;
}

static int
init(struct handler *c, const char *const *argv, const char *queue,
	bool confined, struct err *err)
{
	size_t all = 0, size = strlen("IQ_QUEUE=") + strlen(queue) + 1;

	memset(c, 0, sizeof(*c));
	c->argv = argv;
	c->append = true;
	c->confined = confined;
	for (; argv[c->argc] != NULL; c->argc++) {
		if (c->argc > 0 && strstr(argv[c->argc], "{}") != NULL)
			c->append = false;
	}
	while (environ != NULL && environ[all] != NULL)
		all++;
	c->environment = mem_zero(all + 2, sizeof(*c->environment));
	for (size_t i = 0; i < all; i++) {
		if (!set_for_each_job(environ[i]) &&
		    (!confined || harmless(environ[i])))
			c->environment[c->nenvironment++] = environ[i];
	}
	c->environment[c->nenvironment++] = c->result;
	snprintf(c->result, sizeof(c->result), "IQ_RESULT_FD=%d", SPAWN_TELL);
	c->queue = mem_alloc(size);
	snprintf(c->queue, size, "IQ_QUEUE=%s", queue);
	return find_file(c, argv[0], err);
}

int
handler_init(struct handler *c, const char *const *argv, const char *queue,
	struct err *err)
{
	return init(c, argv, queue, false, err);
}

int
handler_init_stored(struct handler *c, const char *const *argv,
	const char *queue, struct err *err)
{
	return init(c, argv, queue, true, err);
}

void
handler_release(struct handler *c)
{
	free(c->file);
	free(c->environment);
	free(c->queue);
	memset(c, 0, sizeof(*c));
}

/* The words of a job, as they stand in the place of {NAME} */
struct words {
	struct bytes path, id, type, key, attempt, event;
	char number[2][24];
};

static struct bytes
or_empty(struct bytes b)
{
	return b.p ? b : (struct bytes){ "", 0 };
}

static void
words_of(const struct claimed *job, struct words *w)
{
	const char *event = file_event_name(job->event);

	snprintf(w->number[0], sizeof(w->number[0]), "%" PRId64, job->id);
	snprintf(w->number[1], sizeof(w->number[1]), "%d", job->attempt);
	w->path = or_empty(job->path);
	w->id = bytes_of(w->number[0]);
	w->type = bytes_of(job->type);
	w->key = or_empty(job->key);
	w->attempt = bytes_of(w->number[1]);
	w->event = event ? bytes_of(event) : (struct bytes){ "", 0 };
}

/* What stands for the braces at p (p[0] is '{'), with their length in *skip;
 * absent when they are nobody's */
static struct bytes
word_at(const char *p, const struct words *w, size_t *skip)
{
	static const char *const names[] = { "{}", "{id}", "{type}", "{key}",
		"{attempt}", "{event}" };
	const struct bytes *values[] = { &w->path, &w->id, &w->type, &w->key,
		&w->attempt, &w->event };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		*skip = strlen(names[i]);
		if (strncmp(p, names[i], *skip) == 0)
			return *values[i];
	}
	*skip = 0;
	return BYTES_NONE;
}

/* Copies arg to out (NULL: only counts) with its places filled */
static size_t
fill(char *out, const char *arg, const struct words *w)
{
	size_t n = 0, skip;

	while (*arg != '\0') {
		struct bytes word = BYTES_NONE;

		if (*arg == '{')
			word = word_at(arg, w, &skip);
		if (word.p == NULL) {
			word = (struct bytes){ arg, 1 };
			skip = 1;
		}
		if (out != NULL)
			memcpy(out + n, word.p, word.n);
		n += word.n;
		arg += skip;
	}
	return n;
}

static char *
fill_argument(const char *arg, const struct words *w, struct arena *a)
{
	size_t n;
	char *out;

	if (strchr(arg, '{') == NULL)
		return (char *)(uintptr_t)arg;
	n = fill(NULL, arg, w);
	out = arena_alloc(a, n + 1);
	fill(out, arg, w);
	out[n] = '\0';
	return out;
}

static bool
is_all(const char *arg)
{
	return strcmp(arg, "{}") == 0;
}

static size_t
count_all(const struct handler *c)
{
	size_t n = c->append;

	for (size_t i = 1; i < c->argc; i++)
		n += is_all(c->argv[i]);
	return n;
}

/* Of several, each one has its place, so that ids and paths agree. */
static size_t
add_paths(char **argv, const struct claimed *const *jobs, size_t n,
	struct arena *a)
{
	for (size_t i = 0; i < n; i++)
		argv[i] = (char *)(uintptr_t)arena_copy(a,
			or_empty(jobs[i]->path)).p;
	return n;
}

char **
handler_argv(const struct handler *c, const struct claimed *const *jobs,
	size_t n, struct arena *a)
{
	size_t places = c->argc + count_all(c) * n + 1, at = 0;
	char **argv = arena_alloc(a, places * sizeof(*argv));
	struct words w;

	words_of(jobs[0], &w);
	argv[at++] = (char *)(uintptr_t)c->argv[0];
	for (size_t i = 1; i < c->argc; i++) {
		if (is_all(c->argv[i]))
			at += add_paths(argv + at, jobs, n, a);
		else
			argv[at++] = fill_argument(c->argv[i], &w, a);
	}
	if (c->append && (n > 1 || jobs[0]->path.p != NULL))
		at += add_paths(argv + at, jobs, n, a);
	argv[at] = NULL;
	return argv;
}

static char *
variable(struct arena *a, const char *name, struct bytes value)
{
	size_t n = strlen(name);
	char *out = arena_alloc(a, n + value.n + 2);

	memcpy(out, name, n);
	out[n++] = '=';
	memcpy(out + n, value.p, value.n);
	out[n + value.n] = '\0';
	return out;
}

/* "IQ_JOB_IDS=7 8 9" */
static char *
ids_of(const struct claimed *const *jobs, size_t n, struct arena *a)
{
	size_t size = sizeof("IQ_JOB_IDS=") + n * 20, at;
	char *out = arena_alloc(a, size);

	at = (size_t)snprintf(out, size, "IQ_JOB_IDS=");
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%" PRId64,
			i > 0 ? " " : "", jobs[i]->id);
	return out;
}

/* What is said of one job only */
static size_t
add_variables(char **env, const struct claimed *job, const struct words *w,
	struct arena *a)
{
	struct bytes payload = or_empty(job->payload);
	size_t n = 0;

	env[n++] = variable(a, "IQ_JOB_ID", w->id);
	env[n++] = variable(a, "IQ_JOB_PATH", w->path);
	env[n++] = variable(a, "IQ_JOB_KEY", w->key);
	env[n++] = variable(a, "IQ_JOB_EVENT", w->event);
	env[n++] = variable(a, "IQ_JOB_ATTEMPT", w->attempt);
	if (payload.n <= HANDLER_PAYLOAD_MAX)
		env[n++] = variable(a, "IQ_JOB_PAYLOAD", payload);
	return n;
}

char **
handler_environment(const struct handler *c,
	const struct claimed *const *jobs, size_t n, struct arena *a,
	const char **sign)
{
	char **env = arena_alloc(a, (c->nenvironment + 10) * sizeof(*env));
	size_t at = c->nenvironment;
	struct words w;

	words_of(jobs[0], &w);
	memcpy(env, c->environment, at * sizeof(*env));
	env[at++] = c->queue;
	*sign = env[at++] = ids_of(jobs, n, a);
	env[at++] = variable(a, "IQ_JOB_TYPE", w.type);
	if (n == 1)
		at += add_variables(env + at, jobs[0], &w, a);
	env[at] = NULL;
	return env;
}

char **
handler_coprocess(const struct handler *c, int slot, struct arena *a,
	const char **sign)
{
	char **env = arena_alloc(a, (c->nenvironment + 3) * sizeof(*env));
	char number[16];
	size_t at = 0;

	for (size_t i = 0; i < c->nenvironment; i++)
		if (c->environment[i] != c->result)
			env[at++] = c->environment[i];
	env[at++] = c->queue;
	snprintf(number, sizeof(number), "%d", slot);
	*sign = env[at++] = variable(a, "IQ_SLOT", bytes_of(number));
	env[at] = NULL;
	return env;
}
