/* How SQLite goes about the statements: none makes an index of its own, since
 * it then has all rows in it for each that it looks up. */
#include "hand.h"

#include "store/sql.h"

static const struct statement_text {
	const char *name, *text;
} statements[] = {
#define SQL(name, text) { #name, text },
	SQL_STATEMENTS
#undef SQL
};

/* But for sums, of which there is a row for each lane, lease or worker. */
static bool
may_index(const char *name)
{
	static const char *const names[] = { "CREW",
	    "CHECK_LANES", "CHECK_HISTORY", "CHECK_LEASE_JOBS", "MEND_LANES",
	    "MEND_HISTORY" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void
look(sqlite3 *db, const struct statement_text *t)
{
	char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", t->text);
	bool own = false;
	sqlite3_stmt *st;

	if (sql == NULL ||
	    sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK) {
		ok(false, "%s", t->name);
		return;
	}
	while (sqlite3_step(st) == SQLITE_ROW)
		own |= strstr((const char *)sqlite3_column_text(st, 3),
		    "AUTOMATIC") != NULL;
	sqlite3_finalize(st);
	sqlite3_free(sql);
	if (own && !may_index(t->name))
		ok(false, "%s", t->name);
}

int
main(void)
{
	struct store *s = open_queue("plans.db");
	size_t n = sizeof(statements) / sizeof(*statements);

	ok(n > 100, "all statements");
	for (size_t i = 0; i < n; i++)
		look(s->db.handle, &statements[i]);
	store_close(s);
	return done();
}
