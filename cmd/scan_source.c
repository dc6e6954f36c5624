/* Where iq-scan looks, and what it passes over. */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/proc.h"
#include "base/text.h"
#include "rules/words.h"
#include "scan.h"
#include "type_option.h"

#define PATTERNS_MAX (1 << 20)
/* More threads than that wait for each other. */
#define MOST_THREADS 7

static void
add_pattern(struct scan_program *p, int kind, const char *text)
{
	p->patterns = mem_grow(p->patterns, p->npatterns + 1,
	    sizeof(*p->patterns));
	p->patterns[p->npatterns++] = (struct scan_pattern){ kind, text };
}

bool
scan_source_option(struct scan_program *p, int id, const char *value)
{
	switch (id) {
	case 't':
		type_option(&p->type, value);
		break;
	case SOURCE_NAME:
		p->name = value;
		break;
	case SOURCE_INCLUDE:
		add_pattern(p, PATTERN_INCLUDE, value);
		break;
	case SOURCE_EXCLUDE:
		add_pattern(p, PATTERN_EXCLUDE, value);
		break;
	case SOURCE_EXCLUDE_FROM:
		add_pattern(p, PATTERN_FILE, value);
		break;
	case SOURCE_ONE_FILE_SYSTEM:
		p->scan.walk.one_file_system = true;
		break;
	default:
		return false;
	}
	return true;
}

struct bytes
scan_name(const struct scan_program *p)
{
	return bytes_of(p->name ? p->name : p->type ? p->type : "");
}

int
scan_threads(void)
{
	int cores = proc_cores();

	return cores > MOST_THREADS ? MOST_THREADS : cores > 2 ? cores - 1 : 1;
}

static int
find_cwd(char cwd[PATH_MAX], struct err *err)
{
	if (getcwd(cwd, PATH_MAX) == NULL)
		return err_errno(err, EX_NOINPUT, "find the current directory, "
		    "which relative paths are taken from");
	return 0;
}

static void
add_root(struct scan_program *p, struct bytes cwd, const char *path)
{
	struct buf root = { 0 };

	path_resolve(&root, cwd, bytes_of(path));
	if (root.len == 1)
		root.len = 0;
	p->roots[p->nroots++] = arena_copy(&p->arena, buf_bytes(&root));
	buf_release(&root);
}

static int
words_of(struct scan_program *p, enum setting_key key,
	const char *const **v, size_t *n, struct err *err)
{
	enum origin origin;
	const char *text;
	int code = store_setting(p->scan.store, p->type, key, &text, &origin,
	    err);

	*n = 0;
	if (code || text == NULL)
		return code;
	return (key == SET_PATH ? paths_parse : patterns_parse)(text,
	    &p->arena, v, n, err);
}

int
scan_find_roots(struct scan_program *p, struct err *err)
{
	const char *const *paths = (const char *const *)p->args.argv;
	size_t n = (size_t)p->args.argc;
	char cwd[PATH_MAX];
	int code = 0;

	if (n == 0 && p->type)
		code = words_of(p, SET_PATH, &paths, &n, err);
	if (code == 0 && n == 0 && p->type && p->mode != SCAN_STATUS)
		code = err_set(err, EX_CONFIG, "scan for %s: it has no path; "
		    "name a directory, or: iq-tune set -t %s path=DIR",
		    p->type, p->type);
	if (code == 0)
		code = find_cwd(cwd, err);
	p->roots = mem_zero(n + 1, sizeof(*p->roots));
	for (size_t i = 0; i < n && code == 0; i++)
		if (*paths[i])
			add_root(p, bytes_of(cwd), paths[i]);
		else
			code = err_set(err, EX_NOINPUT, "open '': no such "
			    "directory");
	return code;
}

/* ---- patterns ---- */

/* Without a word about a file it is taken, unless the first pattern of all
 * says what is to be taken. */
static void
add(struct scan_program *p, bool include, const char *text)
{
	if (p->globs.n == 0)
		p->scan.walk.only_included = include;
	if (include)
		globs_add_included(&p->globs, bytes_of(text));
	else
		globs_add(&p->globs, bytes_of(text));
}

static int
add_file(struct scan_program *p, const char *file, struct err *err)
{
	struct buf text = { 0 };
	int code = 0;

	if (io_read_file(file, PATTERNS_MAX, &text) != 0)
		code = err_errno(err, EX_NOINPUT, "read %s", file);
	else
		globs_add_lines(&p->globs, buf_bytes(&text));
	buf_release(&text);
	return code;
}

/* What is excluded wins over what is included, whichever was set first. */
static int
add_settings(struct scan_program *p, struct err *err)
{
	static const enum setting_key keys[] = { SET_INCLUDE, SET_EXCLUDE };
	const char *const *v = NULL;
	int code = 0;
	size_t n;

	for (size_t k = 0; k < 2 && code == 0; k++) {
		code = words_of(p, keys[k], &v, &n, err);
		for (size_t i = 0; i < n && code == 0; i++)
			add(p, keys[k] == SET_INCLUDE, v[i]);
	}
	return code;
}

/* The queue's own files change with every scan of them. */
static void
exclude_queue(struct scan_program *p, struct bytes root)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-lock",
	    "-run" };
	const char *queue = store_path(p->scan.store);
	char *name = mem_dup(root.p, root.n);
	char *real = realpath(root.n ? name : "/", NULL);
	size_t n = real ? strlen(real) : 0;
	struct buf path = { 0 };

	n -= n == 1;		/* of "/" */
	for (size_t i = 0; real && i < 5 && strncmp(queue, real, n) == 0 &&
	    queue[n] == '/'; i++) {
		buf_reset(&path);
		buf_adds(&path, queue + n + 1);
		buf_adds(&path, suffixes[i]);
		globs_add_exact(&p->globs, buf_bytes(&path));
	}
	buf_release(&path);
	free(real);
	free(name);
}

int
scan_read_patterns(struct scan_program *p, struct bytes root,
	struct err *err)
{
	int code = 0;

	globs_release(&p->globs);
	p->scan.walk.only_included = false;
	if (p->type)
		code = add_settings(p, err);
	for (size_t i = 0; i < p->npatterns && code == 0; i++) {
		const struct scan_pattern *one = &p->patterns[i];

		if (one->kind == PATTERN_FILE)
			code = add_file(p, one->text, err);
		else
			add(p, one->kind == PATTERN_INCLUDE, one->text);
	}
	exclude_queue(p, root);
	return code;
}

void
scan_close_roots(struct scan_program *p)
{
	free(p->roots);
	p->roots = NULL;
	p->nroots = 0;
	arena_release(&p->arena);
	globs_release(&p->globs);
}

void
scan_source_release(struct scan_program *p)
{
	scan_close_roots(p);
	free(p->patterns);
}
