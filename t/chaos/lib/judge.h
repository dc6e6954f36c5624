/* Every image that a power cut may leave of a play, opened again and judged. */
#ifndef IQ_JUDGE_H
#define IQ_JUDGE_H

#include "play.h"

struct tally {
	long plays, changes, promises;
	long images, restarts, recoveries;
	long damaged, wrong, lost;	/* images */
};

struct judge {
	struct recorder *recorder;
	struct dice dice;
	const char *dir;	/* for the images */
	const char *queue;	/* in there */
	void (*staged)(struct play *p);	/* told what is played, NULL: over */
	bool (*skip)(size_t cut);	/* cuts that are not looked at; NULL:
					 * none */
	bool quiet;		/* losses are expected: only count */
	int reports;
	uint64_t seed;		/* of the play, for reports */
	struct tally tally;
};

/* Plays once, and judges about so many of the images that there may be.  0, or
 * the code of a verb that failed, which is said. */
int judge_play(struct judge *j, uint64_t seed, long images);

#endif
