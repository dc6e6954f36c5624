/*
 * newer minor|major|broken QUEUE - opens a queue as a later iq would that
 * knows more steps of the schema; no step of these will ever exist.  Says what
 * it upgraded, as "1000 2902".
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "store/schema.h"
#include "store/store.h"

static const struct migration minor[] = {
	{ 2901, "shelf", "CREATE TABLE shelf(id INTEGER PRIMARY KEY) STRICT;"
	    "INSERT INTO shelf(id) SELECT id FROM job;" },
	{ 2902, "note", "ALTER TABLE job ADD COLUMN note TEXT;"
	    "UPDATE job SET note = 'shelf';" },
	{ 0, NULL, NULL }
}, major[] = {
	{ 3000, "apart", "CREATE TABLE apart(id INTEGER PRIMARY KEY) STRICT;" },
	{ 0, NULL, NULL }
}, broken[] = {
	{ 2901, "shelf", "CREATE TABLE shelf(id INTEGER PRIMARY KEY) STRICT;" },
	{ 2902, "note", "ALTER TABLE job ADD COLUMN note TEXT;"
	    "INSERT INTO nowhere VALUES(1);" },
	{ 0, NULL, NULL }
};

static const struct migration *steps;

const struct migration *
schema_migrations(void)
{
	return steps;
}

int
main(int argc, char **argv)
{
	struct store *s;
	struct err e;
	int from, to;

	if (argc != 3)
		errx(64, "usage: newer minor|major|broken QUEUE");
	steps = strcmp(argv[1], "major") == 0 ? major :
	    strcmp(argv[1], "broken") == 0 ? broken : minor;
	if (store_open(&s, &(struct store_options){ .path = argv[2],
	    .mode = STORE_WRITE, .program = "newer" }, &e))
		errx(e.code, "%s", e.text);
	if (store_upgraded(s, &from, &to))
		printf("%d %d\n", from, to);
	store_close(s);
	return 0;
}
