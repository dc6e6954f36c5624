/*
 * The record that flows between iq-scan, iq-watch, iq-debounce and
 * iq-enqueue, and the three stream formats that carry it.
 */
#ifndef IQ_RECORD_H
#define IQ_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "rules/state.h"

#define RECORD_UNSET INT64_MIN
#define PAYLOAD_MAX (1 << 20)

struct record {
	struct bytes path;	/* absent when there is a key or a payload */
	struct bytes key;
	struct bytes payload;	/* JSON text as given, without blanks */
	struct bytes type;
	struct bytes group;
	enum file_event event;
	int priority;		/* 1..5, 0: not said */
	int64_t run_at;		/* wall ns, RECORD_UNSET: not said; and so on */
	int64_t delay;		/* ns */
	int64_t size;		/* bytes */
	int64_t mtime;		/* wall ns */
	int64_t timeout;	/* ns */
	int max_attempts;	/* 0: not said */
	const int64_t *after;	/* ids of parents */
	size_t nafter;
	uint64_t number;	/* of the record in its stream, from 1 */
};

void record_init(struct record *r);

enum stream_format { STREAM_LINES, STREAM_NUL, STREAM_JSON };

/* One JSON object, without its newline. Strings are copied to the arena; a
 * field that is null counts as not said. *flush is set for {"flush":true}.
 * 0, or EX_DATAERR with the field and what is wrong with it. now: for times
 * such as "+5m". */
int record_parse_json(struct bytes line, struct arena *arena, int64_t now,
	struct record *out, bool *flush, struct err *err);
/* Any JSON, at most PAYLOAD_MAX bytes once compact: a compact copy in the
 * arena, or EX_DATAERR. */
int payload_parse(struct bytes text, struct arena *arena, struct bytes *out,
	struct err *err);
/* Writes r with its end mark. EX_DATAERR when the format cannot say it (a
 * newline in a path in the line format). */
int record_write(struct buf *out, enum stream_format f,
	const struct record *r, struct err *err);

/* Framing: feed bytes, take records. No I/O: the owner reads. */
struct framing {
	char end;		/* '\n' or '\0' */
	size_t max;		/* longest record accepted, bytes */
	struct buf pending;
	size_t taken;		/* bytes of pending already handed out */
	size_t searched;
	bool skipping;		/* inside a record over max */
};

enum frame { FRAME_NONE, FRAME_RECORD, FRAME_TOO_LONG };

void framing_init(struct framing *f, char end, size_t max);
void framing_feed(struct framing *f, const char *p, size_t n);
/* The next whole record, without its end mark; valid until the next feed. At
 * the end of input (last) also one that lacks its mark. */
enum frame framing_next(struct framing *f, bool last, struct bytes *out);
void framing_release(struct framing *f);

#endif
