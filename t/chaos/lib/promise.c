#include "promise.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

void
promise_add(struct promises *p, struct promise what)
{
	if (p->n == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 256;
		p->v = mem_grow(p->v, p->cap, sizeof(*p->v));
	}
	if (what.name.p)
		what.name.p = mem_dup(what.name.p, what.name.n);
	p->v[p->n++] = what;
}

void
promises_release(struct promises *p)
{
	for (size_t i = 0; i < p->n; i++)
		free((void *)(uintptr_t)p->v[i].name.p);
	free(p->v);
	memset(p, 0, sizeof(*p));
}
