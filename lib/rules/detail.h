/* What the detail of an event says: a JSON array of objects. */
#ifndef IQ_DETAIL_H
#define IQ_DETAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* It is JSON. */
bool detail_valid(struct bytes detail);
/* One of its objects has a type (null: the whole queue) to which this type or
 * one of its children belongs, or which belongs to it */
bool detail_has_type(struct bytes detail, const char *type);
/* One of its objects is an order to this job's worker. */
bool detail_has_job(struct bytes detail, int64_t job);

/* The event that it names as an anchor, and the hash of that; false when it
 * names none */
bool detail_anchor(struct bytes detail, int64_t *seq, unsigned char hash[32]);

typedef void type_made_fn(void *ctx, int64_t id, const char *name);
/* The types that its objects say were made */
void detail_each_type(struct bytes detail, type_made_fn *fn, void *ctx);

/* Appends it for people: name=value of each member that is not null, the objects
 * separated by ";".  Not escaped; what is no JSON as it is. */
void detail_text(struct bytes detail, struct buf *out);

/* Appends the detail without what names files: the values of such settings
 * (setting_names_files), and the files of a restore.  False, and nothing is
 * appended, when there is none. */
bool detail_redact(struct bytes detail, struct buf *out);

#endif
