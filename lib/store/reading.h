/* Private to the files that report, and to pause.c. */
#ifndef IQ_READING_H
#define IQ_READING_H

#include "store/internal.h"

/* ---- crew.c: the workers. Inside a reading. ---- */

int crew_read(struct store *s, struct worker_stats **v, size_t *n,
	struct err *err);
void crew_release(struct worker_stats *v, size_t n);
/* It lives, and could run jobs of this type. */
bool worker_able(struct store *s, const struct worker_stats *v,
	struct type *t);

/* ---- starved.c ---- */

struct starving {		/* a type's jobs of one priority */
	struct type *type;
	int priority;
	double percent;		/* of its share that it got, at most */
	int64_t waited;		/* ns, for which it got no more */
};

/* Inside a reading: those that get less than a tenth of what is theirs, though
 * nothing else holds them back. *v: to be freed, whatever is returned */
int starved_read(struct store *s, const struct worker_stats *crew,
	size_t ncrew, int64_t now, struct starving **v, size_t *n,
	struct err *err);

/* ---- pause.c ---- */

/* A pause of a type (NULL: of the whole queue) */
struct pause {
	bool on;		/* now */
	int64_t until;		/* wall, 0 for ever */
	char reason[128];	/* "" when none was said */
	bool own;		/* not that of a parent or of the queue */
};
int pause_read(struct store *s, const struct type *t, int64_t now,
	struct pause *p, struct err *err);
/* Of its own pause, those of its parents and that of the queue the one that
 * lasts longest */
int pause_in_force(struct store *s, const struct type *t, int64_t now,
	struct pause *p, struct err *err);

/* ---- check_scan.c ---- */

/* For store_check; inside a reading. */
int check_scans(struct store *s, finding_fn *fn, void *ctx, struct err *err);

/* ---- info.c ---- */

/* What stands in the queue itself, inside a reading */
int info_read(struct store *s, struct store_info *out, struct err *err);
/* The name that a queue has for ever; "" when its first row is gone */
int queue_uuid(struct db *db, char out[40], struct err *err);
/* Tells whoever watches how far a long verb is. */
void store_tell(struct store *s, const char *what, int64_t done,
	int64_t total);
void store_sizes(struct store *s, int64_t *db_bytes, int64_t *wal_bytes);

#endif
