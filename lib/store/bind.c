/* Arguments of statements, by a format of one letter each: db.h lists them. */
#include "store/db.h"

/* Whether the argument of this kind stands for NULL; otherwise it is in *v. */
static bool
take_int(char kind, va_list *ap, int64_t *v)
{
	*v = va_arg(*ap, int64_t);
	return (kind == 'o' && *v < 0) || (kind == 'z' && *v == 0) ||
	    (kind == 'u' && *v == INT64_MIN);
}

#define BIND_NULL (-1)	/* no code of SQLite's */

/* SQLITE_OK, an error, or BIND_NULL for an argument that stands for it. */
static int
bind_one(sqlite3_stmt *st, int i, char kind, va_list *ap)
{
	const char *text;
	struct bytes b;
	int64_t v;
	double d;

	switch (kind) {
	case 'i':
	case 'o':
	case 'z':
	case 'u':
		return take_int(kind, ap, &v) ? BIND_NULL :
		    sqlite3_bind_int64(st, i, v);
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
		b = va_arg(*ap, struct bytes);
		return b.p == NULL ? BIND_NULL :
		    sqlite3_bind_blob64(st, i, b.n ? b.p : "", b.n,
		    SQLITE_STATIC);
	case 'x':	/* bytes that are text to SQLite */
		b = va_arg(*ap, struct bytes);
		return b.p == NULL ? BIND_NULL :
		    sqlite3_bind_text64(st, i, b.p, b.n, SQLITE_STATIC,
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
	uint64_t *bound = &db->bound[which];
	int rc = SQLITE_OK, i;

	for (i = 0; format[i] && rc == SQLITE_OK; i++) {
		uint64_t bit = UINT64_C(1) << i;

		rc = bind_one(st, i + 1, format[i], ap);
		if (rc != BIND_NULL) {
			*bound |= bit;
		} else {
			rc = *bound & bit ? sqlite3_bind_null(st, i + 1) :
			    SQLITE_OK;
			*bound &= ~bit;
		}
	}
	/* one too few would keep what was bound before */
	if (rc == SQLITE_OK && i != sqlite3_bind_parameter_count(st))
		rc = SQLITE_MISUSE;
	return rc;
}
