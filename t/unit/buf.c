#include "base/buf.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "tap.h"

static void
growing(void)
{
	struct buf b = { 0 };
	char *kept;
	int i;

	buf_add(&b, "", 0);
	ok(b.p != NULL && b.p[0] == '\0' && b.len == 0, "empty, ended by NUL");
	for (i = 0; i < 1000; i++)
		buf_addc(&b, (char)('a' + i % 26));
	ok(b.len == 1000 && b.p[999] == 'a' + 999 % 26 && b.p[1000] == '\0',
		"byte by byte");
	kept = b.p;
	buf_reset(&b);
	ok(b.len == 0 && b.p == kept && b.p[0] == '\0', "reset keeps memory");
	buf_adds(&b, "x");
	buf_addf(&b, "%s-%0*d", "y", 300, 7);
	ok(b.len == 303 && strncmp(b.p, "xy-000", 6) == 0 && b.p[302] == '7',
		"formatted, longer than the room");
	buf_add(&b, "\0z", 2);
	ok(b.len == 305 && b.p[303] == '\0' && b.p[304] == 'z', "NUL inside");
	buf_release(&b);
	ok(b.p == NULL && b.len == 0 && b.cap == 0, "released");
	buf_reset(&b);
	ok(b.p == NULL, "reset of an empty one allocates nothing");
	buf_room(&b, 10);
	ok(b.p != NULL && b.p[0] == '\0' && b.cap > 10, "room");
	buf_release(&b);
}

static void
memory(void)
{
	static const char zero[64];
	char *p = mem_zero(4, 16);
	char *copy;

	ok(memcmp(p, zero, 64) == 0, "zeroed");
	p = mem_grow(p, 1000, 16);
	ok(memcmp(p, zero, 64) == 0, "grown");
	free(p);
	copy = mem_dup("a\0b", 3);
	ok(memcmp(copy, "a\0b", 4) == 0, "copied with a NUL after it");
	free(copy);
	copy = mem_strdup("text");
	is_str(copy, "text", "string copied");
	free(copy);
	free(mem_alloc(0));
	ok(true, "nothing allocated is fine");
}

/* Status of a child that asks for what cannot be had */
static int
asking(int what)
{
	struct rlimit none = { 0, 0 }, little = { 64 << 20, 64 << 20 };
	int status = -1;
	struct buf b = { 0 };
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__)
		setrlimit(RLIMIT_AS, &little);
#else
		(void)little;
#endif
		close(STDERR_FILENO);
		switch (what) {
		case 0:
			mem_grow(NULL, SIZE_MAX / 2, 4);
			break;
		case 1:
			buf_addc(&b, 'x');
			buf_room(&b, SIZE_MAX - 1);
			break;
		case 2:
			mem_alloc((size_t)1 << 40);
			break;
		}
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void
arenas(void)
{
	struct arena a = { 0 };
	struct bytes one, none, big;
	char *p[2000], *first;
	size_t i, used, wrong = 0;

	ok(arena_used(&a) == 0, "nothing used");
	one = arena_copy(&a, (struct bytes){ "a\0b", 3 });
	ok(one.n == 3 && memcmp(one.p, "a\0b", 4) == 0, "copied with a NUL");
	none = arena_copy(&a, BYTES_NONE);
	ok(none.p == NULL, "absent stays absent");
	none = arena_copy(&a, bytes_of(""));
	ok(none.p != NULL && none.n == 0, "empty stays empty");
	for (i = 0; i < 2000; i++) {
		arena_copy(&a, bytes_of("odd"));
		p[i] = arena_alloc(&a, 100);
		wrong += (uintptr_t)p[i] % _Alignof(max_align_t) != 0;
		memset(p[i], (int)(i & 0xff), 100);
	}
	is_int((long long)wrong, 0, "aligned for anything");
	for (i = 0; i < 2000; i++)
		wrong += p[i][0] != (char)i || p[i][99] != (char)i;
	is_int((long long)wrong, 0, "nothing overlaps, nothing moves");
	ok(memcmp(one.p, "a\0b", 4) == 0, "the first is still there");
	used = arena_used(&a);
	big = arena_copy(&a, (struct bytes){ p[0], 100 });
	is_int((long long)(arena_used(&a) - used), 101, "use is counted");
	ok(big.n == 100, "a copy of its own memory");
	first = arena_alloc(&a, 3 << 20);
	memset(first, 1, 3 << 20);
	ok(true, "larger than a block");
	arena_reset(&a);
	ok(arena_used(&a) == 0, "reset");
	for (i = 0; i < 3; i++) {
		first = arena_alloc(&a, (size_t)1 << 20);
		memset(first, 2, (size_t)1 << 20);
		arena_alloc(&a, 1);
	}
	ok(arena_used(&a) == (3 << 20) + 3, "used again");
	arena_release(&a);
	ok(a.first == NULL && arena_used(&a) == 0, "released");
	arena_release(&a);
}

static void
errors(void)
{
	struct err err;
	char text[600];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	is_int(err_set(&err, EX_IOERR, "open %s", "f"), EX_IOERR, "the code");
	is_str(err.text, "open f", "the text");
	is_int(err_set(NULL, EX_IOERR, "open"), EX_IOERR, "no error to fill");
	err_set(&err, EX_IOERR, "%s", text);
	is_int((long long)strlen(err.text), sizeof(err.text) - 1, "cut");
	close(-1);		/* EBADF */
	err_errno(&err, EX_OSERR, "close %d", -1);
	is_str(err.text, "close -1: Bad file descriptor", "with errno");
	err_errno(&err, EX_OSERR, "%s", text);
	is_int((long long)strlen(err.text), sizeof(err.text) - 1,
		"cut before errno");
	is_int(err_value(&err, EX_USAGE, "key", "a\nb", "no good"), EX_USAGE,
		"a value");
	is_str(err.text, "key \"a\\nb\": no good", "escaped");
	err_value(&err, EX_USAGE, "key", text, "no good");
	ok(strlen(err.text) < 110 && strstr(err.text, "x...\": no good") != NULL,
		"cut short");
	err_value(&err, EX_USAGE, "key", "", "empty");
	is_str(err.text, "key \"\": empty", "empty");
}

int
main(void)
{
	growing();
	memory();
	arenas();
	errors();
	is_int(asking(0), EX_OSERR, "a size that overflows ends with 71");
	is_int(asking(1), EX_OSERR, "room that overflows ends with 71");
#if !defined(__SANITIZE_ADDRESS__)
	is_int(asking(2), EX_OSERR, "memory that is not there ends with 71");
#endif
	return done();
}
