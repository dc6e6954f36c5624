#include "cast.h"

#include <stdlib.h>
#include <string.h>

void
cast_init(struct cast *c, struct dice *dice)
{
	memset(c, 0, sizeof(*c));
	c->dice = dice;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, NULL);
}

void
cast_add(struct cast *c, role_fn *play, void *ctx)
{
	if (c->n == CAST_MAX)
		abort();
	c->roles[c->n] = (struct role){ .cast = c, .play = play, .ctx = ctx,
	    .number = c->n };
	c->n++;
}

size_t
cast_playing(const struct cast *c)
{
	return c->playing;
}

/* Somebody who has not left, or n when all have */
static size_t
choose(struct cast *c)
{
	size_t here[CAST_MAX], n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (!c->left[i])
			here[n++] = i;
	return n ? here[dice_below(c->dice, n)] : c->n;
}

static void
hand_over(struct cast *c)
{
	c->playing = choose(c);
	pthread_cond_broadcast(&c->changed);
}

void
cast_pass(struct cast *c)
{
	size_t me = c->playing;

	pthread_mutex_lock(&c->lock);
	hand_over(c);
	while (c->playing != me)
		pthread_cond_wait(&c->changed, &c->lock);
	pthread_mutex_unlock(&c->lock);
}

static void *
begin(void *p)
{
	struct role *r = p;
	struct cast *c = r->cast;

	pthread_mutex_lock(&c->lock);
	while (c->playing != r->number)
		pthread_cond_wait(&c->changed, &c->lock);
	pthread_mutex_unlock(&c->lock);
	r->play(r->ctx, r->number);
	pthread_mutex_lock(&c->lock);
	c->left[r->number] = true;
	hand_over(c);
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

void
cast_play(struct cast *c)
{
	c->playing = c->n;
	for (size_t i = 0; i < c->n; i++)
		if (pthread_create(&c->roles[i].thread, NULL, begin,
		    &c->roles[i]) != 0)
			abort();
	pthread_mutex_lock(&c->lock);
	hand_over(c);
	pthread_mutex_unlock(&c->lock);
	for (size_t i = 0; i < c->n; i++)
		pthread_join(c->roles[i].thread, NULL);
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
}
