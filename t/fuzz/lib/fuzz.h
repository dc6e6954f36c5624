/*
 * What a fuzz target needs.  A target is one file that defines
 * LLVMFuzzerTestOneInput and says with must() what holds for every input.  It
 * is linked with libFuzzer by t/fuzz/run, and with driver.c by `make units`.
 */
#ifndef IQ_FUZZ_H
#define IQ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

/* data: n bytes, to the byte, so that reading on is seen. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* abort() is what both drivers take for a finding. */
static inline _Noreturn void
fuzz_broken(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

#define must(cond) \
	((cond) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #cond))

static inline struct bytes
fuzz_bytes(const uint8_t *data, size_t n)
{
	return (struct bytes){ (const char *)data, n };
}

static inline struct bytes
fuzz_said(const struct buf *b)
{
	return (struct bytes){ b->p, b->len };
}

/* Nothing in there that a terminal must not be given */
static inline void
must_be_shown(struct bytes s)
{
	size_t i, n;

	for (i = 0; i < s.n; i += n) {
		n = utf8_length(s.p + i, s.n - i);
		must(n > 0);
		must(!text_hidden(utf8_point(s.p + i, n)));
	}
}

/* A failure carries its code and one sentence that can be printed. */
static inline void
must_say(const struct err *err, int rc)
{
	must(err->code == rc);
	must(err->text[0] != '\0');
	must_be_shown(bytes_of(err->text));
}

#endif
