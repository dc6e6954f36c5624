/*
 * What a scan knows of a file, and what it makes of what it finds.
 *
 * The files of a directory stand together in a list of bytes, in the order of
 * their names, because looking each up by itself would cost more than looking
 * at it:
 *
 *	list = header file*
 *	header = varint			bit 0: the directory is a mount point
 *	file = varint length, name,
 *		byte			status 0..7, 8 known, 16 racy, 32 stamped,
 *					64 told
 *		varint size,
 *		varint mtime,		ns, zigzag
 *		varint ctime - mtime,	zigzag
 *		varint inode,
 *		[varint stamp]		when stamped
 *
 * A file is offered when it is written to the stream, and acknowledged when its
 * job is in the queue; what was only offered is offered again.
 */
#ifndef IQ_SEEN_H
#define IQ_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/directory.h"
#include "rules/state.h"

/* Stored numbers: never renumber. */
enum seen_status {
	SEEN_UNSETTLED = 1,	/* found, and may still be written to; the
				 * stamp is when, in boot ns */
	SEEN_OFFERED = 2,	/* the stamp is the number of the run */
	SEEN_ACKNOWLEDGED = 3,
	SEEN_GONE = 4,		/* its end was offered, as SEEN_OFFERED */
	SEEN_ENDED = 5,		/* its end was acknowledged: to be dropped */
};

struct seen {
	struct bytes name;
	enum seen_status status;
	bool known;		/* an earlier content was acknowledged */
	bool told;		/* of one that is unsettled: an earlier content,
				 * or its end, was offered, and may have been
				 * taken: when it goes, that is to be said */
	bool racy;		/* so young when it was offered that a later
				 * write may have the same times */
	int64_t size;
	int64_t mtime, ctime;	/* wall ns */
	uint64_t inode;
	uint64_t stamp;
};

/* ---- lists ---- */

struct seen_list {
	const unsigned char *p, *end;
	bool mount;
};

/* 0, or -1 when that is no list. The empty list has no bytes. */
int seen_read(struct bytes bytes, struct seen_list *out);
/* 1 and the next file, 0 at the end, -1 when that is no file */
int seen_next(struct seen_list *l, struct seen *out);
/* The header, when the buffer is empty, and a file at the end */
void seen_add(struct buf *list, bool mount, const struct seen *f);
void seen_header(struct buf *list, bool mount);
/* Marks the file, in place, when it was offered in a run after that one:
 * 1 done, 0 there is no such file or nothing was offered, -1 damaged.  *at:
 * where to look first, and then behind the file; 0: from the beginning */
int seen_acknowledge(char *list, size_t n, struct bytes name, uint64_t after,
	size_t *at);

/* Into out, anew: the list with what was offered in runs after that one, and
 * before the other, as if it had been in the one to; *n: how many these are.
 * 0, or -1 damaged */
int seen_restamp(struct bytes list, uint64_t after, uint64_t before,
	uint64_t to, struct buf *out, size_t *n);

struct seen_count {
	int64_t files;		/* that are offered or acknowledged, and there */
	int64_t offered;	/* not acknowledged yet, ends too */
};
/* Adds; 0, or -1 damaged */
int seen_count(struct bytes list, uint64_t acknowledged,
	struct seen_count *out);

/* ---- judging ---- */

enum seen_identity {	/* what has changed when it differs */
	IDENTITY_DEFAULT,	/* size, mtime, inode */
	IDENTITY_STRICT,	/* and ctime */
	IDENTITY_MTIME,		/* size, mtime */
};

struct seen_policy {
	enum seen_identity identity;
	int64_t settle;		/* ns */
	bool created, modified, deleted, unchanged;	/* to be said */
	uint64_t run;		/* number of this one */
	uint64_t acknowledged;	/* all runs up to that one are */
	uint64_t own;		/* runs from that one on were offered by this
				 * very process, and are on their way: not
				 * again; 0: there are none */
	uint64_t witnessed;	/* what was written since that run would be
				 * heard of, whatever times it has; 0: no */
	int64_t silent;		/* wall: what is new and was last changed
				 * before is recorded as if it had been
				 * acknowledged; 0: nothing is */
	bool same_boot;		/* stamps of boot time can be compared */
	int64_t wall, boot;	/* now */
};

struct judgement {
	enum file_event event;	/* to be offered, or NONE */
	bool keep;		/* *next is to be stored; else nothing is */
	bool changed;		/* that differs from what was stored */
	bool unsettled;		/* it has to wait */
	bool again;		/* it was offered before */
};

/* old: NULL when nothing is stored.  next has the name of f and what is to be
 * stored of it. */
struct judgement seen_judge(const struct seen_policy *p, const struct seen *old,
	const struct file *f, struct seen *next);
/* It is not there any more. */
struct judgement seen_judge_gone(const struct seen_policy *p,
	const struct seen *old, struct seen *next);

/* What has that time (as said by a file system, wall) may be of then or later,
 * however coarse its clock is. */
bool seen_since(int64_t said, int64_t wall);

#endif
