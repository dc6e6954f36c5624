#include "log_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal.h"

static int
read_line(struct bytes line, struct arena *arena, exported_fn *fn, void *ctx,
	struct err *err)
{
	struct exported x;
	int code;

	if (line.n && line.p[line.n - 1] == '\n')
		line.n--;
	if (line.n == 0)
		return 0;
	arena_reset(arena);
	code = export_parse(line, arena, &x, err);
	if (code == 0)
		fn(ctx, &x, line);
	return code;
}

static int
read_stream(FILE *f, const char *name, exported_fn *fn, void *ctx,
	struct err *err)
{
	struct arena arena = { 0 };
	struct err why;
	char *line = NULL;
	size_t room = 0, number = 0;
	ssize_t n;
	int code = 0;

	while (code == 0 && (n = getline(&line, &room, f)) >= 0) {
		number++;
		code = read_line((struct bytes){ line, (size_t)n }, &arena,
		    fn, ctx, &why);
		if (code)
			code = err_set(err, code, "%s: line %zu: %s", name,
			    number, why.text);
	}
	if (code == 0 && ferror(f))
		code = err_errno(err, EX_NOINPUT, "read %s", name);
	free(line);
	arena_release(&arena);
	return code;
}

int
log_files_read(const struct log_program *p, exported_fn *fn, void *ctx,
	struct err *err)
{
	int code = 0;

	for (int i = 0; i < p->args.argc && code == 0; i++) {
		const char *name = p->args.argv[i];
		FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");

		if (f == NULL)
			return err_errno(err, EX_NOINPUT, "open %s", name);
		if (f == stdin)
			terminal_tell("an export or anchors");
		code = read_stream(f, f == stdin ? "standard input" : name,
		    fn, ctx, err);
		if (f != stdin)
			fclose(f);
	}
	return code;
}
