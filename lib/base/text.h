/* Bytes for people and for JSON. */
#ifndef IQ_TEXT_H
#define IQ_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Length of the valid UTF-8 sequence at p (1..4), or 0 (overlong forms,
 * surrogates and > U+10FFFF are invalid). n >= 1 */
size_t utf8_length(const char *p, size_t n);
bool utf8_valid(struct bytes s);
/* The code point of a valid sequence of that length */
uint32_t utf8_point(const char *p, size_t length);

/* What a terminal must not be given: control characters (C0, DEL, C1),
 * bidirectional marks, line and paragraph separators. */
bool text_hidden(uint32_t c);

/* For a terminal: what is hidden and invalid bytes become \n, \t, \x1b,
 * \u202e ...; a backslash stays. */
void text_escape(struct buf *out, struct bytes s);
/* The same, but newlines and tabs stay: for text of many lines */
void text_escape_lines(struct buf *out, struct bytes s);
/* As text_escape; of what is longer than 80 bytes the beginning and "..." */
void text_brief(struct buf *out, struct bytes s);
/* As a shell reads it again, where need be as $'', in one line that text_escape
 * leaves as it is and without the characters of `not` */
void text_word(struct buf *out, struct bytes word, const char *not);
/* Columns that s takes once escaped (wcwidth), for tables */
size_t text_columns(struct bytes s);

void base64_encode(struct buf *out, struct bytes s);
/* 0, or -1 when s is not strict RFC 4648 base64 with padding */
int base64_decode(struct buf *out, struct bytes s);

/* The path that a stream's reader stores: made absolute against cwd
 * (absolute itself), "//" and "/./" collapsed, a trailing "/" or "/."
 * dropped, ".." and links left alone.  Appends to out. */
void path_resolve(struct buf *out, struct bytes cwd, struct bytes path);

#endif
