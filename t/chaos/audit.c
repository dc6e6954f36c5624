/*
 * audit QUEUE [LEDGER] - whether a queue file is whole and agrees with itself,
 * and has every job of the ledger (lines "ID KEY"; what follows an ID without
 * a key is not looked at).  Findings go to stdout; exit 1 when there are any.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/num.h"
#include "lib/inspect.h"

static void
read_line(char *line, struct promises *p)
{
	struct promise what = { .kind = PROMISE_ACCEPTED };
	char *key = strchr(line, ' ');
	struct err e;

	if (key)
		*key++ = '\0';
	if (int_parse(line, "id", 1, INT64_MAX, &what.id, &e))
		errx(65, "%s", e.text);
	if (key)
		what.name = bytes_of(key);
	promise_add(p, what);
}

int
main(int argc, char **argv)
{
	struct promises p = { 0 };
	struct findings f = { 0 };
	struct buf ledger = { 0 };
	char *line, *save = NULL;
	int bad;

	if (argc < 2 || argc > 3)
		errx(64, "usage: audit QUEUE [LEDGER]");
	if (argc == 3 && io_read_file(argv[2], 1 << 30, &ledger) < 0)
		err(66, "%s", argv[2]);
	if (ledger.len)
		for (line = strtok_r(ledger.p, "\n", &save); line;
		    line = strtok_r(NULL, "\n", &save))
			read_line(line, &p);
	inspect(argv[1], NULL, p.v, p.n, &f);
	bad = f.damaged || f.wrong || f.lost;
	if (bad)
		fputs(f.text.p, stdout);
	findings_release(&f);
	promises_release(&p);
	buf_release(&ledger);
	return bad;
}
