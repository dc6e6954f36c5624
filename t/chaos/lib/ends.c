#include "ends.h"

#include <err.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"
#include "rules/state.h"

static void
note(struct ends *e, int64_t id)
{
	if (id < 1 || id > 100000000)
		return;
	if ((size_t)id >= e->n) {
		size_t n = (size_t)id * 2 + 64;

		e->ended = mem_grow(e->ended, n, 1);
		memset(e->ended + e->n, 0, n - e->n);
		e->n = n;
	}
	e->ended[id] = 1;
}

static void
read_superseded(struct ends *e, const char *queue)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db;

	if (sqlite3_open_v2(queue, &db, SQLITE_OPEN_READWRITE, NULL) ||
	    sqlite3_prepare_v2(db, "SELECT job FROM attempt WHERE state = ?1"
	    " AND reason = ?2", -1, &st, NULL))
		errx(74, "read %s: %s", queue, sqlite3_errmsg(db));
	sqlite3_bind_int(st, 1, STATE_CANCELLED);
	sqlite3_bind_int(st, 2, REASON_SUPERSEDED);
	while (sqlite3_step(st) == SQLITE_ROW)
		note(e, sqlite3_column_int64(st, 0));
	sqlite3_finalize(st);
	sqlite3_close(db);
}

int
ends_read(struct ends *e, const char *log, const char *queue)
{
	struct buf text = { 0 };
	char *line, *save = NULL;
	int rc = io_read_file(log, 1 << 30, &text);

	for (line = text.len ? strtok_r(text.p, "\n", &save) : NULL; line;
	    line = strtok_r(NULL, "\n", &save)) {
		e->runs += strncmp(line, "start ", 6) == 0;
		if (strncmp(line, "stop ", 5) == 0)
			note(e, strtol(line + 5, NULL, 10));
	}
	buf_release(&text);
	read_superseded(e, queue);
	return rc;
}

long
ends_missing(const struct ends *e, const struct promises *accepted)
{
	long missing = 0;

	for (size_t i = 0; i < accepted->n; i++) {
		const struct promise *p = &accepted->v[i];

		if ((size_t)p->id < e->n && e->ended[p->id])
			continue;
		missing++;
		printf("# job %lld (%s) never succeeded\n",
		    (long long)p->id, p->name.p);
	}
	return missing;
}

void
ends_release(struct ends *e)
{
	free(e->ended);
	memset(e, 0, sizeof(*e));
}
