/*
 * Versions of the queue file: major * 1000 + minor, in its user_version.  A
 * newer minor only added what older programs can ignore; a newer major is
 * theirs no more.
 */
#ifndef IQ_SCHEMA_H
#define IQ_SCHEMA_H

#include <stddef.h>

struct store;
struct err;

/* "iqQ1": what file(1) and we know a queue by */
#define APPLICATION_ID 0x69715131
/* What the first queues had */
#define SCHEMA_FIRST 1000
/* Since then there is lease.progress */
#define SCHEMA_PROGRESS 1001
/* and the table unheard */
#define SCHEMA_UNHEARD 1003
/* and the table throttle */
#define SCHEMA_THROTTLE 1004
/* and those of scans */
#define SCHEMA_SCANS 1005
/* and what lanes were given */
#define SCHEMA_SERVICE 1006
/* and the table watch */
#define SCHEMA_WATCH 1007
/* and a distribution in each row of metric */
#define SCHEMA_BUCKETS 1008
/* and the table failure */
#define SCHEMA_FAILURES 1009
/* and the tables sample and average */
#define SCHEMA_SAMPLES 1010
/* and the table host, and more of each attempt */
#define SCHEMA_RECORD 1011
/* and what scans have printed, and to whom */
#define SCHEMA_SAID 1012

/* A step from the version before it, in one transaction */
struct migration {
	int version;		/* afterwards */
	const char *name;	/* one word, for the audit log */
	const char *sql;	/* neither BEGIN nor PRAGMA nor COMMIT */
};

/* share/schema.sql without its comments: what makes a queue of the last
 * version */
extern const char schema_sql[];

/* share/migrations/NNNN-name.sql, in their order; the last one has version 0.
 * In an object of its own, so that a test can bring steps that do not exist. */
const struct migration *schema_migrations(void);

/* ---- schema.c ---- */

/* The version that this program makes and needs */
int schema_version(void);
/* Makes the file a queue where it is none yet (STORE_CREATE), brings an older
 * one up to date (all but STORE_READ), and refuses what cannot be used. */
int schema_open(struct store *s, struct err *err);
/* Whether somebody has upgraded the file since then: s->outdated.  75 where
 * that ends what this handle may do: a worker may hand in what it has. Inside
 * a transaction or a reading. */
int schema_look(struct store *s, struct err *err);

/* Of the file path: the name of a new one must survive a power cut as well. */
int sync_directory(const char *path, struct err *err);

/* ---- migrate.c ---- */

/* Step by step from s->version to schema_version().  Killed at any moment it
 * has done a number of whole steps, and the next one goes on from there. */
int schema_migrate(struct store *s, struct err *err);

#endif
