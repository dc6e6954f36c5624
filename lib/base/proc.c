/* What is the same on every POSIX system; the rest is in proc_linux.c and
 * proc_posix.c. */
#include "base/proc.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
proc_self(struct proc_id *id)
{
	proc_boot_id(id->boot);
	id->pid = getpid();
	id->start = proc_start(id->pid);
}

void
proc_host(char *out, size_t n)
{
	char name[256];

	if (gethostname(name, sizeof(name)) < 0 || name[0] == '\0')
		snprintf(name, sizeof(name), "localhost");
	name[sizeof(name) - 1] = '\0';
	if (name[0] != '.')
		name[strcspn(name, ".")] = '\0';
	snprintf(out, n, "%s", name);
}

void
proc_user(char *out, size_t n)
{
	uid_t uid = geteuid();
	struct passwd pw, *found = NULL;
	char text[4096];

	if (getpwuid_r(uid, &pw, text, sizeof(text), &found) == 0
			&& found != NULL)
		snprintf(out, n, "%s", found->pw_name);
	else
		snprintf(out, n, "%lu", (unsigned long)uid);
}
