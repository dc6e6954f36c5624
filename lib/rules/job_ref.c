#include "rules/job_ref.h"

#include <stdint.h>

#include "base/num.h"
#include "rules/json_text.h"

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct bytes
trim(struct bytes s)
{
	while (s.n && blank(s.p[s.n - 1]))
		s.n--;
	while (s.n && blank(*s.p)) {
		s.p++;
		s.n--;
	}
	return s;
}

static int
from_object(struct bytes line, int64_t *id, struct err *err)
{
	json_t *root = json_read(line, 0, err), *v;
	int code = 0;

	if (root == NULL)
		return EX_DATAERR;
	v = json_object_get(root, "id");
	if (json_is_integer(v) && json_integer_value(v) > 0)
		*id = json_integer_value(v);
	else
		code = err_set(err, EX_DATAERR, "%s", v == NULL ? "no \"id\"" :
		    "\"id\" is not the id of a job");
	json_decref(root);
	return code;
}

int
job_ref_parse(struct bytes line, int64_t *id, struct err *err)
{
	struct buf text = { 0 };
	int code = 0;

	*id = 0;
	line = trim(line);
	if (line.n == 0)
		return 0;
	if (line.p[0] == '{')
		return from_object(line, id, err);
	buf_add(&text, line.p, line.n);
	if (strlen(text.p) != line.n || int_parse(text.p, "id", 1, INT64_MAX,
	    id, NULL) != 0)
		code = err_value(err, EX_DATAERR, "id", text.p,
		    "not the id of a job");
	buf_release(&text);
	return code;
}
