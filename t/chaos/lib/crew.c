#include "crew.h"

#include <err.h>
#include <stdio.h>
#include <string.h>

#define WORDS 40

static const char *const types[] = { "-t storm --then then",
    "-t next -t then" };
static const char *const families[] = { "storm", "after" };

/* A command line of plain words */
struct command {
	char text[512];
	const char *argv[WORDS + 1];
};

__attribute__((format(printf, 2, 3)))
static const char *const *
command(struct command *c, const char *fmt, ...)
{
	char *save = NULL;
	size_t n = 0;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(c->text, sizeof(c->text), fmt, ap);
	va_end(ap);
	if (len < 0 || (size_t)len >= sizeof(c->text))
		errx(70, "a command is too long");
	for (char *word = strtok_r(c->text, " ", &save); word && n < WORDS;
	    word = strtok_r(NULL, " ", &save))
		c->argv[n++] = word;
	c->argv[n] = NULL;
	return c->argv;
}

void
crew_enqueuer(struct child *child, const char *type)
{
	struct command c;

	child_start(child, command(&c, "iq-enqueue -q queue.db -I -J --raw "
	    "--batch-wait 2ms -t %s", type), true, "enqueue.err");
}

void
crew_worker(struct child *child, bool after, long cap, struct dice *dice)
{
	static const struct {
		const char *options, *mode;
		int ms[2];	/* the longest run, and of what follows */
	} kinds[] = {
		{ "", "once", { 20, 5 } },
		{ "-b 8", "once", { 20, 5 } },
		{ "-c", "lines", { 10, 2 } },
		{ "-c --format json", "json", { 10, 2 } },
	};
	size_t k = dice_below(dice, sizeof(kinds) / sizeof(*kinds));
	struct command c;

	child_start(child, command(&c, "iq-work -q queue.db %s -j 4 %s "
	    "--output discard -- handler %s %s . %ld %d", types[after],
	    kinds[k].options, kinds[k].mode, families[after],
	    after ? 0 : cap, kinds[k].ms[after]), false, "work.err");
}

int
crew_work_off(long cap)
{
	struct command c;
	int status = 0;

	for (int after = 0; after < 2 && status == 0; after++)
		status = child_run(command(&c, "timeout 120 iq-work "
		    "-q queue.db %s -j 8 -b 8 --drain=all --output discard "
		    "-- handler once %s . %ld 2", types[after],
		    families[after], after ? 0 : cap), "last.err");
	return status;
}
