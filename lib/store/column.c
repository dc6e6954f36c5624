/* What stands in the row at which a query is. */
#include "store/db.h"

int64_t
db_column_int(struct query *q, int col)
{
	return sqlite3_column_int64(q->st, col);
}

int64_t
db_column_or(struct query *q, int col, int64_t dflt)
{
	if (sqlite3_column_type(q->st, col) == SQLITE_NULL)
		return dflt;
	return sqlite3_column_int64(q->st, col);
}

double
db_column_double(struct query *q, int col, double dflt)
{
	if (sqlite3_column_type(q->st, col) == SQLITE_NULL)
		return dflt;
	return sqlite3_column_double(q->st, col);
}

struct bytes
db_column_bytes(struct query *q, int col)
{
	struct bytes b = BYTES_NONE;

	if (sqlite3_column_type(q->st, col) == SQLITE_NULL)
		return b;
	b.p = sqlite3_column_blob(q->st, col);
	b.n = (size_t)sqlite3_column_bytes(q->st, col);
	if (b.p == NULL)
		b.p = "";
	return b;
}

const char *
db_column_text(struct query *q, int col)
{
	return (const char *)sqlite3_column_text(q->st, col);
}

bool
db_column_null(struct query *q, int col)
{
	return sqlite3_column_type(q->st, col) == SQLITE_NULL;
}
