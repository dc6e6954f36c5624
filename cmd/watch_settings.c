/* What the settings of a type say, at first and while they change. */
#include <string.h>

#include "watch.h"

/* ---- times ---- */

static int
read_time(struct watch_program_state *p, enum setting_key key, bool said,
	int64_t *out, struct err *err)
{
	struct setting_value v;
	bool set;
	int code;

	if (said)
		return 0;
	code = store_setting_value(p->source.scan.store, p->source.type, key,
	    &v, &set, err);
	if (code == 0 && set)
		*out = v.i;
	return code;
}

static int
read_times(struct watch_program_state *p, struct err *err)
{
	struct watch_options *o = &p->watch.options;
	int code = read_time(p, SET_DEBOUNCE, p->debounce_said,
	    &o->changes.window, err);

	if (code == 0)
		code = read_time(p, SET_MAX_DELAY, p->max_delay_said,
		    &o->changes.max_delay, err);
	if (code == 0)
		code = read_time(p, SET_SCAN_INTERVAL, p->rescan_said,
		    &o->plan.rescan, err);
	return code;
}

/* ---- where to look, and for what ---- */

static int
read_choice(struct watch_program_state *p, struct buf *out, bool *anywhere,
	struct err *err)
{
	static const enum setting_key keys[] = { SET_PATH, SET_INCLUDE,
	    SET_EXCLUDE };
	const struct scan_program *source = &p->source;
	enum origin origin;
	const char *text;
	int code = 0;

	*anywhere = source->args.argc > 0;
	for (int i = 0; source->type && i < 3 && code == 0; i++) {
		if (keys[i] == SET_PATH && source->args.argc > 0)
			continue;
		code = store_setting(source->scan.store, source->type,
		    keys[i], &text, &origin, err);
		if (code || text == NULL)
			text = "";
		*anywhere = *anywhere || (keys[i] == SET_PATH && *text);
		buf_add(out, text, strlen(text) + 1);
	}
	return code;
}

/* It can be had before this life is given up.  What somebody else has now may
 * be free in a moment; whoever takes away the last directory may mean to name
 * another one. */
static void
move(struct watch_program_state *p, bool anywhere)
{
	bool again = p->later;
	struct err err;
	int code;

	p->later = false;
	if (!anywhere) {
		warn_say("type %s has no path any more; watching as before",
		    p->source.type);
		return;
	}
	code = watch_find(p, &p->next, &err);
	if (code == 0) {
		p->again = true;
		watch_end(&p->watch);
		return;
	}
	p->later = code == EX_TEMPFAIL;
	if (!again || !p->later)
		warn_say("%s; watching as before", err.text);
}

static void
choose_again(struct watch_program_state *p)
{
	struct buf now = { 0 };
	bool anywhere;
	struct err err;

	if (read_choice(p, &now, &anywhere, &err)) {
		warn_say("%s", err.text);
	} else if (!bytes_equal(buf_bytes(&now), buf_bytes(&p->choice))) {
		move(p, anywhere);
		if (!p->later) {
			buf_reset(&p->choice);
			buf_add(&p->choice, now.p, now.len);
		}
	} else {
		p->later = false;
	}
	buf_release(&now);
}

/* ---- both ---- */

int
watch_read_settings(struct watch_program_state *p, struct err *err)
{
	bool anywhere;
	int code = read_times(p, err);

	buf_reset(&p->choice);
	return code ? code : read_choice(p, &p->choice, &anywhere, err);
}

/* A bad setting leaves all as it is. */
void
watch_reload(void *ctx)
{
	struct watch_program_state *p = ctx;
	struct err err;

	/* the next life sees what changes now */
	if (p->again || (!store_changed(p->source.scan.store) && !p->later))
		return;
	if (read_times(p, &err))
		warn_say("%s", err.text);
	watch_retime(&p->watch);
	choose_again(p);
}
