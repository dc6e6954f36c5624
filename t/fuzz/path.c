/* Paths: made absolute, without what can go, and otherwise as they were. The
 * first line of the input is the directory, the rest the path. */
#include "lib/fuzz.h"

/* The next part that counts, or absent: neither empty nor "." */
static struct bytes
next_part(struct bytes *s)
{
	while (s->n > 0) {
		const char *slash = memchr(s->p, '/', s->n);
		size_t n = slash == NULL ? s->n : (size_t)(slash - s->p);
		struct bytes part = { s->p, n };

		s->p += slash == NULL ? n : n + 1;
		s->n -= slash == NULL ? n : n + 1;
		if (n > 1 || (n == 1 && part.p[0] != '.'))
			return part;
	}
	return BYTES_NONE;
}

static void
must_be_plain(struct bytes s)
{
	size_t i;

	must(s.n > 0 && s.p[0] == '/');
	if (s.n == 1)
		return;
	must(s.p[s.n - 1] != '/');
	for (i = 0; i < s.n; i++) {
		if (s.p[i] != '/')
			continue;
		must(s.p[i + 1] != '/');
		must(s.p[i + 1] != '.' || (i + 2 < s.n && s.p[i + 2] != '/'));
	}
}

static void
resolve(struct bytes cwd, struct bytes path)
{
	struct buf out = { 0 }, again = { 0 };
	struct bytes said, rest, want;

	path_resolve(&out, cwd, path);
	said = rest = fuzz_said(&out);
	must_be_plain(said);
	if (path.n == 0 || path.p[0] != '/')
		while ((want = next_part(&cwd)).p != NULL)
			must(bytes_equal(next_part(&rest), want));
	while ((want = next_part(&path)).p != NULL)
		must(bytes_equal(next_part(&rest), want));
	must(next_part(&rest).p == NULL);

	buf_adds(&again, "before");
	path_resolve(&again, bytes_of("/elsewhere"), said);
	must(again.len == said.n + 6 && memcmp(again.p, "before", 6) == 0);
	must(memcmp(again.p + 6, said.p, said.n) == 0);
	buf_release(&out);
	buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_bytes(data, n);
	const char *line = n > 0 ? memchr(in.p, '\n', n) : NULL;
	size_t length = line == NULL ? 0 : (size_t)(line - in.p);
	struct buf cwd = { 0 };

	buf_addc(&cwd, '/');
	buf_add(&cwd, in.p, length);
	if (line != NULL)
		in = (struct bytes){ line + 1, n - length - 1 };
	resolve(fuzz_said(&cwd), in);
	buf_release(&cwd);
	return 0;
}
