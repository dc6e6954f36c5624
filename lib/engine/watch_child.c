#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "engine/cover.h"
#include "engine/watch_child.h"

#define CHUNK (64 << 10)
/* Read at a time, so that others get their turn */
#define CHUNKS 16
/* Of messages, when they have no end */
#define SAYS_MAX 4096
/* The longest of the pauses, each twice the one before, in which one that was
 * killed should go: a second together */
#define GONE_MS 512

static const char *const names[] = { "inotifywait", "fswatch" };

/* ---- the program ---- */

/* What PATH says about the current directory is nobody's business here. */
char *
watch_program_find(enum watch_program program)
{
	const char *path = getenv("PATH"), *end;
	struct buf file = { 0 };

	for (; path && *path; path = *end ? end + 1 : end) {
		end = strchrnul(path, ':');
		if (*path != '/')
			continue;
		buf_reset(&file);
		buf_add(&file, path, (size_t)(end - path));
		buf_addc(&file, '/');
		buf_adds(&file, names[program]);
		if (access(file.p, X_OK) == 0)
			return file.p;
	}
	buf_release(&file);
	return NULL;
}

static const char *const inotifywait_args[] = { "-m", "-r", "-e", WATCH_EVENTS,
	"--no-newline", "--format", WATCH_FORMAT, "--", NULL };
static const char *const fswatch_args[] = { "-0", "-r", "-x",
	"--event-flag-separator=,", "--allow-overflow", "-l", "0.1",
	"--event", "Created", "--event", "Updated", "--event", "Renamed",
	"--event", "Removed", "--event", "MovedFrom", "--event", "MovedTo",
	"--event", "Overflow", "--", NULL };

static char **
make_argv(enum watch_program program, const char *file,
	const struct bytes *roots, size_t n)
{
	const char *const *args = program == WATCH_INOTIFYWAIT ?
	    inotifywait_args : fswatch_args;
	size_t nargs = 0, at = 0;
	char **argv;

	while (args[nargs])
		nargs++;
	argv = mem_zero(nargs + n + 2, sizeof(*argv));
	argv[at++] = mem_strdup(file);
	for (size_t i = 0; i < nargs; i++)
		argv[at++] = mem_strdup(args[i]);
	for (size_t i = 0; i < n; i++)
		argv[at++] = roots[i].n ? mem_dup(roots[i].p, roots[i].n) :
		    mem_strdup("/");
	return argv;
}

static void
free_argv(char **argv)
{
	for (size_t i = 0; argv[i]; i++)
		free(argv[i]);
	free(argv);
}

/* ---- the process ---- */

static _Noreturn void
become(const char *file, char **argv, int out, int err, pid_t parent)
{
	sigset_t none;
	int null = open("/dev/null", O_RDONLY);

	sigemptyset(&none);
	setpgid(0, 0);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	cover_die_with(parent);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		_exit(127);
	setenv("LC_ALL", "C", 1);
	execv(file, argv);
	_exit(127);
}

static int
open_pipes(int out[2], int err[2])
{
	if (pipe2(out, O_CLOEXEC) != 0)
		return -1;
	if (pipe2(err, O_CLOEXEC) != 0) {
		close(out[0]);
		close(out[1]);
		return -1;
	}
	cover_widen(out[0]);
	io_set_nonblock(out[0], true);
	io_set_nonblock(err[0], true);
	return 0;
}

int
watch_child_start(struct watch_child *c, enum watch_program program,
	const char *file, const struct bytes *roots, size_t n,
	struct err *err)
{
	int out[2], says[2], code = 0;
	pid_t self = getpid();
	char **argv;

	*c = (struct watch_child){ .program = program,
	    .started = clock_wall(&clock_system), .out = -1, .err = -1 };
	if (open_pipes(out, says) != 0)
		return err_errno(err, EX_TEMPFAIL, "start %s", file);
	argv = make_argv(program, file, roots, n);
	c->pid = fork();
	if (c->pid == 0)
		become(file, argv, out[1], says[1], self);
	if (c->pid < 0) {
		code = err_errno(err, EX_TEMPFAIL, "start %s", file);
		c->pid = 0;
	}
	free_argv(argv);
	close(out[1]);
	close(says[1]);
	c->out = out[0];
	c->err = says[0];
	/* this one does not say when */
	c->ready = program == WATCH_FSWATCH;
	if (code)
		watch_child_end(c);
	return code;
}

/* Waits a little for one that was killed. */
static bool
has_gone(pid_t pid)
{
	for (int ms = 1; ms <= GONE_MS; ms *= 2) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return true;
		poll(NULL, 0, ms);
	}
	return waitpid(pid, NULL, WNOHANG) != 0;
}

pid_t
watch_child_end(struct watch_child *c)
{
	pid_t left = 0;

	if (c->pid > 0) {
		kill(-c->pid, SIGKILL);
		kill(c->pid, SIGKILL);
		left = has_gone(c->pid) ? 0 : c->pid;
	}
	if (c->out >= 0)
		close(c->out);
	if (c->err >= 0)
		close(c->err);
	buf_release(&c->records);
	buf_release(&c->says);
	*c = (struct watch_child){ .out = -1, .err = -1 };
	return left;
}

/* ---- what it says ---- */

static void
drop_front(struct buf *b, size_t n)
{
	b->len -= n;
	if (n && b->len)
		memmove(b->p, b->p + n, b->len);
}

static void
take_records(struct watch_child *c, watch_child_fn *fn, void *ctx)
{
	enum watch_found found = WATCH_RECORD;
	struct watch_record r;
	size_t at = 0, used;

	while (!c->garbled && at < c->records.len) {
		found = (c->program == WATCH_FSWATCH ? watch_record_fswatch :
		    watch_record_inotify)(c->records.p + at,
		    c->records.len - at, &used, &r);
		if (found == WATCH_MORE)
			break;
		if (found == WATCH_GARBLED) {
			c->garbled = true;
			break;
		}
		fn(ctx, &r);
		at += used;
	}
	drop_front(&c->records, c->garbled ? c->records.len : at);
}

static void
take_line(struct watch_child *c, struct bytes line)
{
	if (c->program != WATCH_INOTIFYWAIT) {
		c->trouble = c->trouble || line.n > 0;
		return;
	}
	switch (watch_says(line)) {
	case WATCH_SAYS_NOTHING:
		break;
	case WATCH_SAYS_READY:
		c->ready = true;
		break;
	case WATCH_SAYS_LIMIT:
		c->limit = true;
		break;
	case WATCH_SAYS_TROUBLE:
		c->trouble = true;
		break;
	}
}

static void
take_lines(struct watch_child *c)
{
	const char *end;
	size_t at = 0;

	while (at < c->says.len && (end = memchr(c->says.p + at, '\n',
	    c->says.len - at)) != NULL) {
		take_line(c, (struct bytes){ c->says.p + at,
		    (size_t)(end - c->says.p) - at });
		at = (size_t)(end - c->says.p) + 1;
	}
	drop_front(&c->says, at);
	if (c->says.len > SAYS_MAX) {
		c->trouble = true;
		buf_reset(&c->says);
	}
}

/* Some of what there is; closes the descriptor at the end. */
static void
read_some(int *fd, struct buf *into)
{
	ssize_t n = 0;

	for (int i = 0; *fd >= 0 && i < CHUNKS; i++) {
		buf_room(into, CHUNK);
		n = read(*fd, into->p + into->len, CHUNK);
		if (n > 0)
			into->len += (size_t)n;
		if (n < CHUNK)
			break;
	}
	if (*fd >= 0 && (n == 0 || (n < 0 && errno != EAGAIN &&
	    errno != EINTR))) {
		close(*fd);
		*fd = -1;
	}
}

bool
watch_child_read(struct watch_child *c, watch_child_fn *fn, void *ctx)
{
	read_some(&c->err, &c->says);
	take_lines(c);
	read_some(&c->out, &c->records);
	take_records(c, fn, ctx);
	return c->out >= 0 && c->err >= 0;
}
