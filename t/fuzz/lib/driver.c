/*
 * NAME [-n INPUTS] [-t SECONDS] [-s SEED] [-o DIRECTORY] [FILE|DIRECTORY ...]
 *
 * Runs a target without libFuzzer: over the seeds, then over INPUTS mutants of
 * them (20000) or for SECONDS.  The same SEED makes the same mutants.  The
 * input that ends the process is kept in DIRECTORY, and is a FILE like any
 * other: `NAME -n 0 FILE` runs it again.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "../../chaos/lib/dice.h"

#define INPUT_MAX 4096		/* bytes of a mutant */
#define HANG 10			/* seconds that one input may take */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
/* The sanitizers', when the target is built with one */
void __sanitizer_set_death_callback(void (*)(void)) __attribute__((weak));

struct input {
	uint8_t *p;
	size_t n;
};

struct corpus {
	struct input *seeds;
	size_t n;
};

/* What the end of the process still has to know */
static struct {
	char path[512];			/* where a finding is kept */
	const uint8_t *p;
	size_t n;
	volatile uint64_t number, watched;
	volatile int ticks;
} current;

static void *
need(void *p)
{
	if (p == NULL)
		errx(EX_OSERR, "out of memory");
	return p;
}

/* ---- the end ---- */

static void
say(const char *s)
{
	ssize_t n = write(STDERR_FILENO, s, strlen(s));

	(void)n;
}

static void
keep_finding(void)
{
	int fd;

	if (current.p == NULL)
		return;
	fd = open(current.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		0644);
	if (fd >= 0 && write(fd, current.p, current.n) == (ssize_t)current.n) {
		say("finding kept: ");
		say(current.path);
		say("\n");
	}
	current.p = NULL;
}

static void
on_crash(int signal_number)
{
	keep_finding();
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

/* Once a second */
static void
on_tick(int signal_number)
{
	(void)signal_number;
	if (current.watched != current.number) {
		current.watched = current.number;
		current.ticks = 0;
	} else if (++current.ticks >= HANG) {
		say("an input takes too long\n");
		abort();
	}
}

static void
watch(void)
{
	static const int crashes[] = {
		SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL,
	};
	struct itimerval second = { { 1, 0 }, { 1, 0 } };
	struct sigaction act = { .sa_handler = on_crash };
	size_t i;

	if (__sanitizer_set_death_callback != NULL)
		__sanitizer_set_death_callback(keep_finding);
	for (i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		sigaction(crashes[i], &act, NULL);
	act = (struct sigaction){ .sa_handler = on_tick,
		.sa_flags = SA_RESTART };
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &second, NULL);
}

/* ---- seeds ---- */

static void
read_seed(struct corpus *c, const char *path)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	struct input *in;

	if (f == NULL || fstat(fileno(f), &st) < 0)
		err(EX_NOINPUT, "%s", path);
	c->seeds = need(realloc(c->seeds, (c->n + 1) * sizeof(*c->seeds)));
	in = &c->seeds[c->n++];
	in->p = need(malloc((size_t)st.st_size + 1));
	in->n = fread(in->p, 1, (size_t)st.st_size, f);
	if (ferror(f))
		err(EX_IOERR, "%s", path);
	fclose(f);
}

/* A file, or the files of a directory in the order of their names */
static void
read_seeds(struct corpus *c, const char *path)
{
	struct dirent **names;
	char file[4096];
	int n = scandir(path, &names, NULL, alphasort), i;

	if (n < 0 && errno == ENOTDIR) {
		read_seed(c, path);
		return;
	}
	if (n < 0)
		err(EX_NOINPUT, "%s", path);
	for (i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.') {
			snprintf(file, sizeof(file), "%s/%s", path,
				names[i]->d_name);
			read_seed(c, file);
		}
		free(names[i]);
	}
	free(names);
}

/* ---- mutants ---- */

/* Replaces the cut bytes at `at` by n others, as far as there is room. */
static void
replace(struct input *m, size_t at, size_t cut, const uint8_t *p, size_t n)
{
	if (n > INPUT_MAX - (m->n - cut))
		n = INPUT_MAX - (m->n - cut);
	memmove(m->p + at + n, m->p + at + cut, m->n - at - cut);
	if (n > 0)
		memcpy(m->p + at, p, n);
	m->n = m->n - cut + n;
}

/* A number from the edges, in place of what is at `at` */
static void
put_number(struct dice *d, struct input *m, size_t at)
{
	static const char *const edges[] = {
		"0", "-1", "1", "0.5", "1e9", "1e-9", "1e308", "255", "256",
		"2147483647", "2147483648", "4294967296", "9007199254740993",
		"9223372035", "9223372036", "9223372036854775807",
		"9223372036854775808", "-9223372036854775808",
		"18446744073709551616", "0.0000000001", "9999999999.999999999",
	};
	const char *s = edges[dice_below(d, sizeof(edges) / sizeof(edges[0]))];
	size_t cut = 0;

	while (at > 0 && m->p[at - 1] >= '0' && m->p[at - 1] <= '9')
		at--;
	while (at + cut < m->n && m->p[at + cut] >= '0'
			&& m->p[at + cut] <= '9')
		cut++;
	replace(m, at, cut, (const uint8_t *)s, strlen(s));
}

static void
change(struct dice *d, const struct corpus *c, struct input *m)
{
	static const uint8_t marks[] =
		"\0\n\r\t \"\\/{}[]:,.+-0179TZeEKMaszu\x7f\x80\xbf\xc2\xe2\xff";
	uint8_t some[INPUT_MAX];
	size_t at = dice_below(d, m->n + 1), n = m->n - at;
	const struct input *other;

	n = n > 0 ? 1 + dice_below(d, n < 16 ? n : 16) : 0;
	switch (dice_below(d, 8)) {
	case 0:
		if (n > 0)
			m->p[at] ^= (uint8_t)(1 << dice_below(d, 8));
		break;
	case 1:
		some[0] = (uint8_t)dice_roll(d);
		replace(m, at, n > 0, some, 1);
		break;
	case 2:
		some[0] = marks[dice_below(d, sizeof(marks) - 1)];
		replace(m, at, dice_one_in(d, 2) && n > 0, some, 1);
		break;
	case 3:
		replace(m, at, n, NULL, 0);
		break;
	case 4:		/* what is there once more */
		memcpy(some, m->p + at, n);
		replace(m, at, 0, some, n);
		break;
	case 5:
		put_number(d, m, at);
		break;
	case 6:		/* a few bytes of another */
		other = &c->seeds[dice_below(d, c->n)];
		if (other->n == 0)
			break;
		at = dice_below(d, other->n);
		n = 1 + dice_below(d, other->n - at < 32 ? other->n - at : 32);
		replace(m, dice_below(d, m->n + 1), 0, other->p + at, n);
		break;
	default:	/* the end of another */
		other = &c->seeds[dice_below(d, c->n)];
		replace(m, at, m->n - at, other->p + other->n / 2,
			other->n - other->n / 2);
		break;
	}
}

/* m: the mutant before, which one in two goes on from */
static void
mutate(struct dice *d, const struct corpus *c, struct input *m)
{
	size_t changes = 1 + dice_below(d, 6);
	const struct input *seed;

	if (dice_one_in(d, 2)) {
		seed = &c->seeds[dice_below(d, c->n)];
		m->n = 0;
		replace(m, 0, 0, seed->p, seed->n);
	}
	while (changes-- > 0)
		change(d, c, m);
}

/* ---- running ---- */

/* A copy of exactly that size, so that a sanitizer sees a read past it */
static void
run(const struct input *in)
{
	uint8_t *p = need(malloc(in->n > 0 ? in->n : 1));

	if (in->n > 0)
		memcpy(p, in->p, in->n);
	current.p = p;
	current.n = in->n;
	current.number++;
	LLVMFuzzerTestOneInput(p, in->n);
	current.p = NULL;
	free(p);
}

static void
run_mutants(const struct corpus *c, uint64_t seed, uint64_t inputs,
	time_t seconds)
{
	static uint8_t room[INPUT_MAX];
	struct input m = { room, 0 };
	struct dice d = { seed };
	struct timespec now;
	time_t end;
	uint64_t i;

	clock_gettime(CLOCK_MONOTONIC, &now);
	end = now.tv_sec + seconds;
	for (i = 0; seconds > 0 || i < inputs; i++) {
		if (seconds > 0 && i % 256 == 0) {
			clock_gettime(CLOCK_MONOTONIC, &now);
			if (now.tv_sec >= end)
				break;
		}
		mutate(&d, c, &m);
		run(&m);
	}
}

static uint64_t
number(const char *s)
{
	char *end;
	unsigned long long v = strtoull(s, &end, 10);

	if (*s < '0' || *s > '9' || *end != '\0')
		errx(EX_USAGE, "\"%s\": not a number", s);
	return v;
}

int
main(int argc, char **argv)
{
	static struct corpus corpus;
	static uint8_t none[1];
	uint64_t inputs = 20000, seed = 1, seconds = 0;
	const char *directory = ".", *name = strrchr(argv[0], '/');
	size_t i;
	int c;

	while ((c = getopt(argc, argv, "n:o:s:t:")) != -1) {
		if (c == 'n')
			inputs = number(optarg);
		else if (c == 'o')
			directory = optarg;
		else if (c == 's')
			seed = number(optarg);
		else if (c == 't')
			seconds = number(optarg);
		else
			return EX_USAGE;
	}
	name = name == NULL ? argv[0] : name + 1;
	for (; optind < argc; optind++)
		read_seeds(&corpus, argv[optind]);
	if (corpus.n == 0) {
		corpus.seeds = need(malloc(sizeof(*corpus.seeds)));
		corpus.seeds[corpus.n++] = (struct input){ none, 0 };
	}
	snprintf(current.path, sizeof(current.path), "%s/%s-%llu-%ld",
		directory, name, (unsigned long long)seed, (long)getpid());
	watch();
	for (i = 0; i < corpus.n; i++)
		run(&corpus.seeds[i]);
	run_mutants(&corpus, seed, inputs, (time_t)seconds);
	printf("%s: %llu inputs\n", name, (unsigned long long)current.number);
	return 0;
}
