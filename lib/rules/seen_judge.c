/* What a scan makes of a file: whether it is new or another one, whether it may
 * still be written to, and whether somebody has taken it. */
#include "rules/seen.h"

/* Coarser than the times of any file system (FAT has 2 s): what is older than
 * that when it is looked at cannot be written to again with the same times. */
#define COARSE (2 * NS_PER_S)
/* And of those that tell fractions of a second: a tick of a slow clock, twice
 * (J. Junio et al., racy-git.txt, has the whole story) */
#define FINE (20 * NS_PER_MS)

static bool
same_content(enum seen_identity identity, const struct seen *old,
	const struct file *f)
{
	if (old->size != f->size || old->mtime != f->mtime)
		return false;
	if (identity == IDENTITY_MTIME)
		return true;
	return old->inode == f->inode &&
	    (identity != IDENTITY_STRICT || old->ctime == f->ctime);
}

/* From a to b, without overflow */
static int64_t
span(int64_t a, int64_t b)
{
	int64_t d;

	if (__builtin_sub_overflow(b, a, &d))
		return b > a ? INT64_MAX : INT64_MIN;
	return d;
}

/* Since it was last changed, as far as its times tell; negative: they are in
 * the future */
static int64_t
age_of(const struct seen_policy *p, const struct file *f)
{
	return span(f->mtime > f->ctime ? f->mtime : f->ctime, p->wall);
}

static bool
offer_is_open(const struct seen_policy *p, const struct seen *old)
{
	return (old->status == SEEN_OFFERED || old->status == SEEN_GONE) &&
	    old->stamp > p->acknowledged;
}

/* Some content of it was acknowledged. */
static bool
is_known(const struct seen_policy *p, const struct seen *old)
{
	if (old == NULL || old->status == SEEN_GONE ||
	    old->status == SEEN_ENDED)
		return false;
	return old->known || old->status == SEEN_ACKNOWLEDGED ||
	    (old->status == SEEN_OFFERED && !offer_is_open(p, old));
}

/* Somebody may believe that it is there, or that some content of it is what it
 * has. */
static bool
is_told(const struct seen_policy *p, const struct seen *old)
{
	if (old == NULL)
		return false;
	if (old->status == SEEN_UNSETTLED)
		return old->known || old->told;
	return offer_is_open(p, old) || (old->status != SEEN_GONE &&
	    old->status != SEEN_ENDED);
}

static void
describe(struct seen *next, const struct file *f)
{
	next->size = f->size;
	next->mtime = f->mtime;
	next->ctime = f->ctime;
	next->inode = f->inode;
}

static struct judgement
keep_old(const struct seen *old, struct seen *next)
{
	if (old)
		*next = *old;
	return (struct judgement){ .keep = old != NULL };
}

/* What is changed from then on is heard of, and nobody is to have heard in vain
 * (a time that is far in the future says nothing). */
static bool
is_silent(const struct seen_policy *p, const struct file *f)
{
	return p->silent && (f->ctime < p->silent ||
	    span(p->wall, f->ctime) > COARSE);
}

/* racy: whether it is so once this is stored */
static struct judgement
offer(const struct seen_policy *p, const struct seen *old,
	const struct file *f, bool racy, struct seen *next)
{
	enum file_event event = is_known(p, old) ? EVENT_MODIFIED :
	    EVENT_CREATED;
	struct judgement v = { event, true, true, false,
	    old && old->status == SEEN_OFFERED };

	if (event == EVENT_MODIFIED ? !p->modified : !p->created)
		return keep_old(old, next);
	describe(next, f);
	next->status = SEEN_OFFERED;
	next->known = event == EVENT_MODIFIED;
	next->told = false;
	next->racy = racy;
	next->stamp = p->run;
	if (is_silent(p, f) && event == EVENT_CREATED) {
		next->status = SEEN_ACKNOWLEDGED;
		v.event = EVENT_NONE;
	}
	return v;
}

static struct judgement
wait_for_it(const struct seen_policy *p, const struct seen *old,
	const struct file *f, struct seen *next)
{
	bool known = is_known(p, old);
	struct judgement v = { EVENT_NONE, true, true, true, false };

	if (known ? !p->modified : !p->created) {
		v = keep_old(old, next);
		v.unsettled = true;
		return v;
	}
	describe(next, f);
	next->status = SEEN_UNSETTLED;
	next->known = known;
	next->told = is_told(p, old);
	next->racy = false;
	next->stamp = (uint64_t)p->boot;
	return v;
}

/* Whether it is still so young that a write may have come since: its ctime is
 * what nobody can set. */
static bool
still_racy(const struct seen_policy *p, const struct file *f)
{
	return f->ctime <= p->wall && seen_since(f->ctime, p->wall);
}

bool
seen_since(int64_t said, int64_t wall)
{
	return said >= wall || span(said, wall) < (said % NS_PER_S ? FINE :
	    COARSE);
}

/* A write that comes now may leave the times as they are. */
static bool
is_young(const struct seen_policy *p, const struct file *f)
{
	return p->settle < COARSE && age_of(p, f) < COARSE &&
	    (p->own == 0 || still_racy(p, f));
}

/* Another content than what is stored, or nothing is */
static struct judgement
judge_new(const struct seen_policy *p, const struct seen *old,
	const struct file *f, struct seen *next)
{
	bool recorded = is_silent(p, f) && !is_known(p, old);

	if (p->settle > 0 && age_of(p, f) < p->settle && !recorded)
		return wait_for_it(p, old, f, next);
	return offer(p, old, f, is_young(p, f), next);
}

/* The same as when it was seen first */
static struct judgement
judge_unsettled(const struct seen_policy *p, const struct seen *old,
	const struct file *f, struct seen *next)
{
	bool waited = p->same_boot && span((int64_t)old->stamp, p->boot) >=
	    p->settle;
	struct judgement v;

	if (!waited)
		v = judge_new(p, old, f, next);
	else
		v = offer(p, old, f, is_young(p, f), next);
	/* it goes on waiting from when it was seen first */
	if (v.unsettled && p->same_boot) {
		v = keep_old(old, next);
		v.unsettled = true;
	}
	return v;
}

/* Said by this process to whoever reads it, who has not answered yet */
static bool
on_its_way(const struct seen_policy *p, const struct seen *old)
{
	return p->own && old->stamp >= p->own;
}

static bool
is_witnessed(const struct seen_policy *p, const struct seen *old)
{
	return p->witnessed && old->stamp >= p->witnessed;
}

struct judgement
seen_judge(const struct seen_policy *p, const struct seen *old,
	const struct file *f, struct seen *next)
{
	struct judgement v;

	if (old == NULL || old->status == SEEN_GONE ||
	    old->status == SEEN_ENDED || !same_content(p->identity, old, f))
		return judge_new(p, old, f, next);
	if (old->status == SEEN_UNSETTLED)
		return judge_unsettled(p, old, f, next);
	if ((offer_is_open(p, old) && !on_its_way(p, old)) ||
	    (old->racy && !is_witnessed(p, old)))
		return offer(p, old, f, old->racy && still_racy(p, f), next);
	v = keep_old(old, next);
	if (old->racy && !still_racy(p, f)) {
		next->racy = false;
		v.changed = true;
	}
	if (p->unchanged)
		v.event = EVENT_SCAN;
	return v;
}

struct judgement
seen_judge_gone(const struct seen_policy *p, const struct seen *old,
	struct seen *next)
{
	struct judgement v = { .changed = true };

	if (old->status == SEEN_GONE && offer_is_open(p, old) &&
	    on_its_way(p, old))
		return keep_old(old, next);
	if (!p->deleted || !is_told(p, old))
		return v;
	*next = *old;
	next->told = false;
	next->status = SEEN_GONE;
	next->stamp = p->run;
	v.event = EVENT_DELETED;
	v.keep = true;
	v.again = old->status == SEEN_GONE;
	return v;
}
