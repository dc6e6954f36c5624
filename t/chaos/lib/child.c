#include "child.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"

static void
make_pipe(int v[2])
{
	if (pipe2(v, O_CLOEXEC) < 0)
		err(71, "make a pipe");
}

void
child_start(struct child *c, const char *const *argv, bool piped,
	const char *errors)
{
	posix_spawn_file_actions_t files;
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, rc;

	memset(c, 0, sizeof(*c));
	posix_spawn_file_actions_init(&files);
	if (piped) {
		make_pipe(in);
		make_pipe(out);
		posix_spawn_file_actions_adddup2(&files, in[0], 0);
		posix_spawn_file_actions_adddup2(&files, out[1], 1);
	} else {
		posix_spawn_file_actions_addopen(&files, 0, "/dev/null",
		    O_RDONLY, 0);
		posix_spawn_file_actions_addopen(&files, 1, "/dev/null",
		    O_WRONLY, 0);
	}
	posix_spawn_file_actions_addopen(&files, 2, errors,
	    O_WRONLY | O_CREAT | O_APPEND, 0600);
	rc = posix_spawnp(&c->pid, argv[0], &files, NULL,
	    (char *const *)(uintptr_t)argv, environ);
	if (rc)
		errx(71, "start %s: %s", argv[0], strerror(rc));
	posix_spawn_file_actions_destroy(&files);
	c->in = in[1];
	c->out = out[0];
	if (piped) {
		close(in[0]);
		close(out[1]);
		io_set_nonblock(c->in, true);
		io_set_nonblock(c->out, true);
	}
}

int
child_run(const char *const *argv, const char *errors)
{
	struct child c;
	int status = 0;

	child_start(&c, argv, false, errors);
	while (waitpid(c.pid, &status, 0) < 0 && errno == EINTR)
		;
	child_forget(&c);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

bool
child_listen(struct child *c)
{
	ssize_t n;

	do {
		buf_room(&c->said, 4096);
		n = read(c->out, c->said.p + c->said.len, 4096);
		if (n > 0)
			c->said.len += (size_t)n;
	} while (n > 0);
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

char *
child_line(struct child *c)
{
	static char line[4096];	/* one thread, one line at a time */
	char *end = c->said.len ? memchr(c->said.p, '\n', c->said.len) : NULL;
	size_t n;

	if (end == NULL)
		return NULL;
	n = (size_t)(end - c->said.p);
	if (n >= sizeof(line))
		errx(70, "a line of %zu bytes", n);
	memcpy(line, c->said.p, n);
	line[n] = '\0';
	c->said.len -= n + 1;
	memmove(c->said.p, end + 1, c->said.len);
	return line;
}

void
child_shut(struct child *c)
{
	if (c->in >= 0)
		close(c->in);
	c->in = -1;
}

void
child_forget(struct child *c)
{
	child_shut(c);
	if (c->out >= 0)
		close(c->out);
	buf_release(&c->said);
	memset(c, 0, sizeof(*c));
	c->in = c->out = -1;
}

size_t
child_children(pid_t pid, pid_t *v, size_t max)
{
	char path[64], *at, *end;
	struct buf text = { 0 };
	size_t n = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid,
	    (int)pid);
	if (io_read_file(path, 1 << 16, &text) == 0 && text.len)
		for (at = text.p; n < max; at = end) {
			long one = strtol(at, &end, 10);

			if (end == at)
				break;
			v[n++] = (pid_t)one;
		}
	buf_release(&text);
	return n;
}
