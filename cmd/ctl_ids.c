/* Which jobs iq-ctl is about. */
#include "ctl.h"
#include "terminal.h"

#include <errno.h>
#include <unistd.h>

#include "rules/job_ref.h"
#include "rules/record.h"

#define LINE_MAX_BYTES (8 << 20)	/* a job object with a payload */

#define AT_ONCE 1000			/* jobs in a transaction */

static int
take_id(struct ctl *c, int64_t id, struct err *err)
{
	c->ids = mem_grow(c->ids, c->n + 1, sizeof(*c->ids));
	c->ids[c->n++] = id;
	return c->n % AT_ONCE == 0 ? ctl_flush(c, err) : 0;
}

static int
take_line(struct ctl *c, enum frame frame, struct bytes line,
	uint64_t number, struct err *err)
{
	struct err why = { 0 };
	int64_t id = 0;

	if (frame == FRAME_TOO_LONG)
		err_set(&why, EX_DATAERR, "over 8 MiB");
	else
		job_ref_parse(line, &id, &why);
	if (why.code) {
		warn_say("line %llu: %s", (unsigned long long)number,
		    why.text);
		c->bad_input = true;
	}
	return id ? take_id(c, id, err) : 0;
}

/* What has come is done before more is waited for. */
static int
read_stdin(struct ctl *c, struct err *err)
{
	struct framing f;
	struct bytes line;
	enum frame frame;
	uint64_t number = 0;
	ssize_t got;
	int code = 0;

	terminal_tell("ids, one a line,");
	framing_init(&f, '\n', LINE_MAX_BYTES);
	do {
		char chunk[1 << 16];

		got = read(STDIN_FILENO, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			code = err_errno(err, EX_IOERR, "read standard input");
			break;
		}
		framing_feed(&f, chunk, (size_t)got);
		while (code == 0 && (frame = framing_next(&f, got == 0,
		    &line)) != FRAME_NONE)
			code = take_line(c, frame, line, ++number, err);
		if (code == 0)
			code = ctl_flush(c, err);
	} while (code == 0 && got != 0);
	framing_release(&f);
	return code;
}

int
ctl_read_ids(struct ctl *c, struct err *err)
{
	char **operands = c->o.args.argv + c->o.first;
	int n = c->o.args.argc - c->o.first, code = 0;

	if (n == 0)
		return read_stdin(c, err);
	/* a wrong one is seen before anything is done */
	for (int i = 0; i < n; i++)
		arg_int("ID", operands[i], 1, INT64_MAX);
	for (int i = 0; i < n && code == 0; i++)
		code = take_id(c, arg_int("ID", operands[i], 1, INT64_MAX),
		    err);
	return code ? code : ctl_flush(c, err);
}
