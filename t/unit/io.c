#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/lockbyte.h"
#include "tap.h"

static int
exit_of(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void
standard_fds(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		int fd;

		close(0);
		close(1);
		close(2);
		if (io_standard_fds(NULL) != 0)
			_exit(1);
		fd = open("/dev/null", O_RDONLY);
		_exit(fd > 2 && fcntl(0, F_GETFD) >= 0
			&& fcntl(2, F_GETFD) >= 0 ? 0 : 2);
	}
	is_int(exit_of(pid), 0, "holes below 3 are filled");
	is_int(io_standard_fds(NULL), 0, "and nothing happens without any");
}

static void
nothing(int sig)
{
	(void)sig;
}

/* A pipe that is non-blocking at the writer, with signals all the time */
static void
pipes(void)
{
	static char out[1 << 20], in[sizeof(out)];
	struct sigaction sa = { .sa_handler = nothing };
	int fd[2], status;
	pid_t child, alarmer;
	size_t i;

	for (i = 0; i < sizeof(out); i++)
		out[i] = (char)(i * 31 >> 3);
	sigaction(SIGUSR1, &sa, NULL);		/* without SA_RESTART */
	if (pipe(fd) < 0)
		exit(99);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		close(fd[0]);
		io_set_nonblock(fd[1], true);
		_exit(io_write_all(fd[1], out, sizeof(out)) == 0 ? 0 : 1);
	}
	alarmer = fork();
	if (alarmer == 0) {
		close(fd[0]);
		close(fd[1]);
		for (;;) {
			struct timespec ts = { 0, 200000 };

			if (kill(child, 0) < 0)
				_exit(0);
			kill(child, SIGUSR1);
			kill(getppid(), SIGUSR1);
			nanosleep(&ts, NULL);
		}
	}
	close(fd[1]);
	is_int(io_read_full(fd[0], in, sizeof(in)), sizeof(in),
		"all arrives, through signals and a full pipe");
	ok(memcmp(in, out, sizeof(in)) == 0, "unchanged");
	is_int(io_read_full(fd[0], in, 10), 0, "0 at the end");
	kill(alarmer, SIGKILL);
	while (waitpid(alarmer, &status, 0) < 0 && errno == EINTR)
		;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	is_int(status, 0, "the writer was content");
	close(fd[0]);
	errno = 0;
	ok(io_write_all(fd[0], "x", 1) == -1 && errno == EBADF,
		"an error is one");
	ok(io_read_full(fd[0], in, 1) == -1 && errno == EBADF,
		"in reading too");
}

static void
files(const char *name)
{
	struct buf b = { 0 };
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	size_t i;

	for (i = 0; i < 20000; i++)
		io_write_all(fd, "0123456789", 10);
	close(fd);
	buf_adds(&b, "before");
	ok(io_read_file(name, 200000, &b) == 0 && b.len == 200006
		&& b.p[200006] == '\0', "exactly at the limit");
	buf_reset(&b);
	buf_adds(&b, "before");
	ok(io_read_file(name, 199999, &b) == -1 && errno == EFBIG,
		"one byte over");
	is_str(b.p, "before", "... leaves nothing");
	ok(io_read_file("/nonexistent/x", 10, &b) == -1 && errno == ENOENT,
		"missing");
	ok(io_read_file("/", 10, &b) == -1 && errno == EISDIR, "a directory");
	buf_release(&b);
}

static void
byte_locks(const char *name)
{
	int a = open(name, O_RDWR), b = open(name, O_RDWR);
	int inherited = open(name, O_RDWR), go[2];
	pid_t pid;
	char c;

	is_int(lockbyte_take(a, 100), 1, "taken");
	is_int(lockbyte_take(a, 100), 1, "its own again");
	is_int(lockbyte_take(b, 100), 0, "refused to another description");
	is_int(lockbyte_held(b, 100), 1, "held");
	is_int(lockbyte_held(a, 100), 0, "not by somebody else");
	is_int(lockbyte_held(b, 101), 0, "only that byte");
	is_int(lockbyte_take(b, 101), 1, "its neighbour is free");
	close(open(name, O_RDONLY));
	is_int(lockbyte_held(b, 100), 1,
		"closing another descriptor drops nothing");
	is_int(lockbyte_take(b, INT64_C(1) << 40), 1, "beyond the end");

	is_int(lockbyte_take(inherited, 7), 1, "one to inherit");
	if (pipe(go) < 0)
		exit(99);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		_exit(read(go[0], &c, 1) == 0 ? 0 : 1);
	}
	close(go[0]);
	close(inherited);
	is_int(lockbyte_held(b, 7), 1, "held by the child alone");
	close(go[1]);
	is_int(exit_of(pid), 0, "the child ends");
	is_int(lockbyte_held(b, 7), 0, "and with it the lock");
	close(a);
	is_int(lockbyte_take(b, 100), 1, "free after the close");
	close(b);
	ok(lockbyte_take(b, 1) == -1 && errno == EBADF, "an error is one");
	ok(lockbyte_held(b, 1) == -1 && errno == EBADF, "in asking too");
}

int
main(void)
{
	char name[] = "/tmp/iq-unit-io-XXXXXX";
	int fd = mkstemp(name);

	if (fd < 0)
		return 99;
	close(fd);
	standard_fds();
	pipes();
	files(name);
	byte_locks(name);
	unlink(name);
	return done();
}
