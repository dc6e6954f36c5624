/* What the files of iq-tune share. */
#ifndef IQ_TUNE_H
#define IQ_TUNE_H

#include "report.h"

struct tune {
	struct args args;
	struct report report;
	struct store *store;
	const char *type;
	int form;
	struct arena arena;
	struct setting_change *changes;
	size_t n;
};

void tune_add(struct tune *t, const char *type, enum setting_key k,
	const char *text);

/* ---- tune_file.c: the settings as JSON, for import ---- */

int tune_export(struct tune *t, struct err *err);
int tune_import(struct tune *t, struct err *err);

/* ---- tune_show.c: all of them, with where they come from ---- */

int tune_show(struct tune *t, struct err *err);

#endif
