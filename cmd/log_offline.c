/*
 * iq-log --verify --offline: whether exported lines are what was written, told
 * from nothing but these lines.  Each says the hash before it and the bytes
 * that were hashed, and what it says to people has to be what the bytes say.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"
#include "log_files.h"
#include "rules/detail.h"

struct name {
	int64_t id;
	char *name;
	bool proven;		/* by the event that made the type */
};

struct offline {
	struct log_program *program;
	struct findings findings;
	int64_t first, events, withheld;
	struct log_anchor last;
	struct name *names;
	size_t nnames;
	struct moves moves;
	struct buf rendered;
};

static void find(struct offline *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void
find(struct offline *o, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	findings_keep(&o->findings, b.p);
	buf_release(&b);
}

/* ---- types ---- */

static struct name *
name_of(struct offline *o, int64_t id)
{
	for (size_t i = 0; i < o->nnames; i++)
		if (o->names[i].id == id)
			return &o->names[i];
	return NULL;
}

static const char *
type_name(void *ctx, int64_t id)
{
	struct name *n = name_of(ctx, id);

	return n ? n->name : NULL;
}

static void
add_name(struct offline *o, int64_t id, const char *name, bool proven)
{
	o->names = mem_grow(o->names, o->nnames + 1, sizeof(*o->names));
	o->names[o->nnames++] = (struct name){ id, name ? mem_strdup(name) :
	    NULL, proven };
}

static void
type_made(void *ctx, int64_t id, const char *name)
{
	struct offline *o = ctx;

	if (name_of(o, id) == NULL)
		add_name(o, id, name, true);
}

/* Of a type that was made before the first line nothing is proven, but it
 * cannot have two names. */
static void
believe_names(struct offline *o, const struct exported *x)
{
	for (size_t i = 0; i < o->moves.n && i < x->ntypes; i++)
		if (name_of(o, o->moves.v[i].type) == NULL)
			add_name(o, o->moves.v[i].type, x->types[i], false);
}

/* ---- lines ---- */

static void
check_place(struct offline *o, const struct exported *x)
{
	static const unsigned char zero[EVENT_HASH_SIZE];
	const unsigned char *before = o->events ? o->last.hash : zero;

	if (o->events == 0)
		o->first = x->seq;
	if (o->events && x->seq <= o->last.seq)
		find(o, "event %" PRId64 " stands behind a later one", x->seq);
	else if (o->events && x->seq != o->last.seq + 1)
		find(o, "events %" PRId64 " to %" PRId64 " are missing",
		    o->last.seq + 1, x->seq - 1);
	else if ((o->events || x->seq == 1) && memcmp(x->previous, before,
	    sizeof(x->previous)) != 0)
		find(o, "event %" PRId64 " does not hang on the one before it",
		    x->seq);
}

/* What the line shows to people: all of it up to the paths, which the log
 * does not have */
static bool
shows(struct offline *o, const struct exported *x, const struct entry *e,
	struct bytes line)
{
	struct buf *b = &o->rendered;
	struct json j;

	log_choose(o->program, e, &o->moves);
	if (e->kind == KIND_TYPE)
		detail_each_type(e->detail, type_made, o);
	believe_names(o, x);
	buf_reset(b);
	json_init(&j, b);
	log_json(o->program, e, &o->moves, x->previous, &j);
	if (line.n <= b->len || memcmp(line.p, b->p, b->len) != 0)
		return false;
	line.p += b->len;
	line.n -= b->len;
	return bytes_equal(line, bytes_of("}")) || (line.n > 10 &&
	    memcmp(line.p, ",\"paths\":[", 10) == 0);
}

static void
check_content(struct offline *o, const struct exported *x, struct bytes line)
{
	unsigned char hash[EVENT_HASH_SIZE];
	struct entry e;

	if (x->canonical.p == NULL) {
		o->withheld++;
		return;
	}
	chain_hash(x->previous, x->canonical, hash);
	if (memcmp(hash, x->hash, sizeof(hash)) != 0 ||
	    entry_parse(x->canonical, &e) < 0 || e.seq != x->seq) {
		find(o, "event %" PRId64 " is not what was written", x->seq);
		return;
	}
	e.hash = (struct bytes){ (const char *)x->hash, sizeof(x->hash) };
	if (!shows(o, x, &e, line))
		find(o, "event %" PRId64 ": its line does not say what was "
		    "written", x->seq);
}

static void
check_line(void *ctx, const struct exported *x, struct bytes line)
{
	struct offline *o = ctx;

	if (!x->has_previous) {
		find(o, "event %" PRId64 ": its line was not exported",
		    x->seq);
		return;
	}
	check_place(o, x);
	check_content(o, x, line);
	o->events++;
	o->last.seq = x->seq;
	memcpy(o->last.hash, x->hash, sizeof(x->hash));
}

/* ---- the verdict ---- */

static void
print_json(const struct offline *o)
{
	struct buf line = { 0 };
	struct json j;

	json_init(&j, &line);
	json_begin_object(&j, NULL);
	findings_json(&o->findings, &j);
	json_put_int(&j, "first", o->first);
	json_put_int(&j, "events", o->events);
	json_put_int(&j, "withheld", o->withheld);
	json_put_int(&j, "seq", o->last.seq);
	log_hash_json(&j, "hash", (struct bytes){ (const char *)o->last.hash,
	    sizeof(o->last.hash) });
	json_end_object(&j);
	report_line(&line);
	buf_release(&line);
}

static void
print_text(const struct offline *o)
{
	struct buf good = { 0 };

	buf_addf(&good, ", events %" PRId64 " to %" PRId64, o->first,
	    o->last.seq);
	if (o->withheld)
		buf_addf(&good, ", of %" PRId64 " what they say is withheld",
		    o->withheld);
	findings_text(&o->findings, "export", good.p);
	buf_release(&good);
}

int
log_verify_offline(struct log_program *p, struct err *err)
{
	struct offline o = { .program = p };
	int code;

	p->type_name = type_name;
	p->names = &o;
	code = log_files_read(p, check_line, &o, err);
	if (code == 0 && o.events == 0)
		find(&o, "there is no event");
	if (code == 0 && p->report.json)
		print_json(&o);
	else if (code == 0)
		print_text(&o);
	for (size_t i = 0; i < o.nnames; i++)
		free(o.names[i].name);
	free(o.names);
	moves_release(&o.moves);
	buf_release(&o.rendered);
	code = code ? code : o.findings.n ? 1 : 0;
	findings_release(&o.findings);
	return code;
}
