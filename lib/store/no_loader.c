/*
 * For static builds: SQLite can load extensions and refers to the loader for
 * that.  Ours never do, and the C library's loader would bring its search
 * paths, and a warning, into each program.  The Makefile has the linker send
 * such references here (ld's --wrap gives the names).
 */
#include <stddef.h>

void *__wrap_dlopen(const char *file, int mode);
void *__wrap_dlsym(void *handle, const char *name);
int __wrap_dlclose(void *handle);
char *__wrap_dlerror(void);

void *
__wrap_dlopen(const char *file, int mode)
{
	(void)file;
	(void)mode;
	return NULL;
}

void *
__wrap_dlsym(void *handle, const char *name)
{
	(void)handle;
	(void)name;
	return NULL;
}

int
__wrap_dlclose(void *handle)
{
	(void)handle;
	return -1;
}

char *
__wrap_dlerror(void)
{
	static char why[] = "this program loads no code";

	return why;
}
