/*
 * Durations, sizes, times and numbers as cli.md says them, in and out.
 * Every parser takes the whole string: 0, or EX_USAGE with *err saying what
 * was wrong with which text.  Nothing is written to *out on failure.
 */
#ifndef IQ_NUM_H
#define IQ_NUM_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* "500ms" "2s" "1.5s" "5m" "1h30m" "7d", a bare number is seconds; also "us"
 * and "w".  Units go from large to small, and only the last number may have a
 * fraction (which is cut off at nanoseconds).  0 .. 292 years. Negative:
 * refused. */
int duration_parse(const char *s, int64_t *ns, struct err *err);
/* "64K" "4M" "1G" "2T", powers of 1024, bare is bytes; "1.5G"; K, k, KB and
 * KiB are the same. 0 .. 2^63-1 */
int size_parse(const char *s, int64_t *bytes, struct err *err);
/* RFC 3339 (zone needed, or a bare date or date-time in local time), "now",
 * "+5m", "-24h", "@EPOCH[.FRACTION]"; a space may stand for the T, and
 * seconds may be left out.  Years 1677 to 2262.  now: the wall clock, in ns. */
int time_parse(const char *s, int64_t now, int64_t *ns, struct err *err);
/* Decimal integer within min..max. what: the option's or field's name */
int int_parse(const char *s, const char *what, int64_t min, int64_t max,
	int64_t *out, struct err *err);
/* Decimal fraction within min..max, never nan or inf, always '.' */
int float_parse(const char *s, const char *what, double min, double max,
	double *out, struct err *err);

/* Shortest exact form that duration_parse reads back: "1h30m", "500ms", "0s".
 * A negative one has a '-' and is for people only. */
void duration_format(struct buf *b, int64_t ns);
/* For people: "1.2 s", "350 ms", "12 us", "2h05m" */
void duration_human(struct buf *b, int64_t ns);
/* Shortest exact form that size_parse reads back: "64K", "1000" */
void size_format(struct buf *b, int64_t bytes);
void size_human(struct buf *b, int64_t bytes);	/* "4.2 MiB" */
/* "2026-11-21T08:15:30.123Z", cut off at milliseconds */
void time_format(struct buf *b, int64_t ns);
/* Shortest form that reads back as v, always with '.'; v is finite */
void float_format(struct buf *b, double v);

/* critical 1 .. batch 5; names or numbers */
int priority_parse(const char *s, int *out, struct err *err);
const char *priority_name(int priority);	/* NULL outside 1..5 */

/* Unsigned LEB128, as the audit log stores numbers */
void varint_put(struct buf *b, uint64_t v);
/* 0, or -1 when the bytes end too early or the number is over 64 bits */
int varint_get(const unsigned char **p, const unsigned char *end, uint64_t *v);

#endif
