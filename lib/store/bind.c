/* Arguments of statements, by a format of one letter each: db.h lists them. */
#include "store/db.h"

#define BIND_NULL (-1)	/* no code of SQLite's: the argument stands for it */

static bool
is_number(char kind)
{
	return kind == 'i' || kind == 'o' || kind == 'z' || kind == 'u';
}

/* Most numbers of most rows are those of the row before, and not to bind them
 * again is less than half the work. */
static int
bind_number(sqlite3_stmt *st, struct bound *b, int i, char kind, int64_t v)
{
	uint64_t bit = UINT64_C(1) << (i - 1);
	int rc;

	if ((kind == 'o' && v < 0) || (kind == 'z' && v == 0) ||
	    (kind == 'u' && v == INT64_MIN))
		return BIND_NULL;
	if (b->numbers & bit && b->number[i - 1] == v)
		return SQLITE_OK;
	rc = sqlite3_bind_int64(st, i, v);
	if (rc == SQLITE_OK) {
		b->number[i - 1] = v;
		b->numbers |= bit;
		b->any |= bit;
	}
	return rc;
}

static int
bind_other(sqlite3_stmt *st, int i, char kind, va_list *ap)
{
	const char *text;
	struct bytes v;
	double d;

	switch (kind) {
	case 'f':
	case 'd':
		d = va_arg(*ap, double);
		return kind == 'f' && d < 0 ? BIND_NULL :
		    sqlite3_bind_double(st, i, d);
	case 't':
		text = va_arg(*ap, const char *);
		return text == NULL ? BIND_NULL :
		    sqlite3_bind_text(st, i, text, -1, SQLITE_STATIC);
	case 'b':
		v = va_arg(*ap, struct bytes);
		return v.p == NULL ? BIND_NULL :
		    sqlite3_bind_blob64(st, i, v.n ? v.p : "", v.n,
		    SQLITE_STATIC);
	case 'x':	/* bytes that are text to SQLite */
		v = va_arg(*ap, struct bytes);
		return v.p == NULL ? BIND_NULL :
		    sqlite3_bind_text64(st, i, v.p, v.n, SQLITE_STATIC,
		    SQLITE_UTF8);
	default:
		return BIND_NULL;
	}
}

/* Most arguments of most jobs are NULL, and stay so from one to the next. */
int
db_bind(struct db *db, enum statement which, const char *format, va_list *ap)
{
	sqlite3_stmt *st = db->statements[which];
	struct bound *b = db->bound[which];
	int rc = SQLITE_OK, i;

	/* what is not bound again would not tell */
	if (sqlite3_stmt_busy(st))
		return SQLITE_MISUSE;
	for (i = 0; format[i] && rc == SQLITE_OK; i++) {
		uint64_t bit = UINT64_C(1) << i;
		bool number = is_number(format[i]);

		rc = number ? bind_number(st, b, i + 1, format[i],
		    va_arg(*ap, int64_t)) :
		    bind_other(st, i + 1, format[i], ap);
		if (rc == BIND_NULL) {
			rc = b->any & bit ? sqlite3_bind_null(st, i + 1) :
			    SQLITE_OK;
			b->any &= ~bit;
			b->numbers &= ~bit;
		} else if (!number) {
			b->any |= bit;
			b->numbers &= ~bit;
		}
	}
	/* one too few would keep what was bound before */
	if (rc == SQLITE_OK && i != sqlite3_bind_parameter_count(st))
		rc = SQLITE_MISUSE;
	return rc;
}
