/* The directories of a watch, with what is known of them and wanted there. */
#include <stdlib.h>

#include "watch.h"

/* Once: each look finds it. */
static void
on_unsayable(void *ctx, struct bytes path)
{
	struct watch *w = ctx;
	struct watch_program_state *p = w->ctx;
	uint64_t hash = hash_bytes(&p->key, path);
	uint64_t *named = &p->named[hash % WATCH_NAMED];

	w->unsayable++;
	if (*named != hash)
		scan_warn_unsayable(path);
	*named = hash;
}

static int
take(struct watch_program_state *p, struct watched *v, size_t i,
	struct err *err)
{
	struct scan_program *source = &p->source;
	struct watch_root *r = &v->roots[i];
	struct scan_state *state = &v->states[i];
	int code = store_scan_find(source->scan.store, scan_name(source),
	    source->roots[i], state, err);

	if (code == 0)
		code = store_scan_take(source->scan.store, state, source->type,
		    err);
	if (code == 0)
		code = scan_read_patterns(source, source->roots[i], err);
	r->scan = source->scan;
	r->scan.state = state;
	r->scan.policy.created = r->scan.policy.modified = true;
	r->scan.policy.deleted = p->deletions;
	/* what came between two lives was not there already */
	if (p->no_existing && (p->found.n == 0 || state->completed == 0))
		r->scan.policy.silent = clock_wall(&clock_system);
	r->scan.unsayable = on_unsayable;
	v->globs[i] = source->globs;
	source->globs = (struct globs){ 0 };
	r->scan.walk.globs = &v->globs[i];
	return code;
}

int
watch_find(struct watch_program_state *p, struct watched *v, struct err *err)
{
	struct scan_program *source = &p->source;
	int code = scan_find_roots(source, err);
	size_t n = source->nroots;

	source->scan.walk.ignore_file = ".iqignore";
	source->scan.walk.threads = scan_threads();
	*v = (struct watched){
		.roots = mem_zero(n + 1, sizeof(*v->roots)),
		.globs = mem_zero(n + 1, sizeof(*v->globs)),
		.states = mem_zero(n + 1, sizeof(*v->states)),
	};
	while (code == 0 && v->n < n)
		code = take(p, v, v->n++, err);
	scan_close_roots(source);
	if (code)
		watch_lose(p, v, &p->found);
	return code;
}

static bool
has(const struct watched *v, int64_t id)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->states[i].id == id)
			return true;
	return false;
}

void
watch_lose(struct watch_program_state *p, struct watched *v,
	const struct watched *kept)
{
	for (size_t i = 0; i < v->n; i++) {
		if (kept != NULL && kept != v && !has(kept, v->states[i].id))
			store_scan_leave(p->source.scan.store, &v->states[i]);
		scan_state_release(&v->states[i]);
		globs_release(&v->globs[i]);
	}
	free(v->roots);
	free(v->globs);
	free(v->states);
	*v = (struct watched){ 0 };
}

int
watch_move(struct watch_program_state *p, struct err *err)
{
	const char *type = p->source.type;
	int code = 0;

	watch_lose(p, &p->found, &p->next);
	p->found = p->next;
	p->next = (struct watched){ 0 };
	/* what was read of them is older than what the last life has stored */
	for (size_t i = 0; i < p->found.n && code == 0; i++)
		code = store_scan_take(p->source.scan.store,
		    &p->found.states[i], type, err);
	/* where it is not told of, it watches all the same */
	if (code == 0 && watch_join(p, err) != 0)
		p->number = 0;
	return code;
}
