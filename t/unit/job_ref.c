/* Lines that name a job. */
#include "rules/job_ref.h"

#include "tap.h"

static const struct {
	const char *line;
	long long id;
	const char *why;	/* NULL: it is one */
} cases[] = {
	{ "1", 1, NULL }, { "  42\t", 42, NULL }, { "7\r", 7, NULL },
	{ "9223372036854775807", INT64_MAX, NULL },
	{ "", 0, NULL }, { " \t", 0, NULL },
	{ "0", 0, "id \"0\": not the id of a job" },
	{ "-1", 0, "id \"-1\": not the id of a job" },
	{ "9223372036854775808", 0,
		"id \"9223372036854775808\": not the id of a job" },
	{ "1 2", 0, "id \"1 2\": not the id of a job" },
	{ "x\033", 0, "id \"x\\x1b\": not the id of a job" },
	{ "{\"id\":3}", 3, NULL },
	{ " { \"state\": \"pending\", \"id\" : 4, \"payload\":{\"id\":5} } ",
		4, NULL },
	{ "{\"id\":1,\"payload\":123456789012345678901234567890}", 0,
		"\"id\" is not the id of a job" },
	{ "{}", 0, "no \"id\"" },
	{ "{\"id\":null}", 0, "\"id\" is not the id of a job" },
	{ "{\"id\":0}", 0, "\"id\" is not the id of a job" },
	{ "{\"id\":-3}", 0, "\"id\" is not the id of a job" },
	{ "{\"id\":1.5}", 0, "\"id\" is not the id of a job" },
	{ "{\"id\":\"1\"}", 0, "\"id\" is not the id of a job" },
};

int
main(void)
{
	struct err err;
	int64_t id;
	int code;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		err.text[0] = '\0';
		code = job_ref_parse(bytes_of(cases[i].line), &id, &err);
		is_int(code, cases[i].why == NULL ? 0 : EX_DATAERR,
			"code of \"%s\"", cases[i].line);
		if (cases[i].why != NULL)
			is_str(err.text, cases[i].why, "and why");
		else
			is_int(id, cases[i].id, "its id");
	}
	code = job_ref_parse((struct bytes){ "1\0002", 3 }, &id, &err);
	is_int(code, EX_DATAERR, "a NUL in between");
	code = job_ref_parse(bytes_of("{\"id\":1"), &id, &err);
	is_int(code, EX_DATAERR, "broken JSON");
	return done();
}
