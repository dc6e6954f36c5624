/*
 * Several processes in one: threads of which one runs at a time, until it
 * hands over to another that the dice choose.  The same seed plays the same
 * play.
 */
#ifndef IQ_CAST_H
#define IQ_CAST_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "dice.h"

#define CAST_MAX 8

typedef void role_fn(void *ctx, size_t number);

struct cast {
	struct dice *dice;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t n, playing;	/* whose turn it is */
	bool left[CAST_MAX];
	struct role {
		struct cast *cast;
		role_fn *play;
		void *ctx;
		size_t number;
		pthread_t thread;
	} roles[CAST_MAX];
};

void cast_init(struct cast *c, struct dice *dice);
void cast_add(struct cast *c, role_fn *play, void *ctx);
/* Until all have left */
void cast_play(struct cast *c);
/* By the one that plays: somebody (perhaps the same) plays on. */
void cast_pass(struct cast *c);
size_t cast_playing(const struct cast *c);

#endif
