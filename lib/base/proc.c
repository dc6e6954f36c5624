/* What is the same on every POSIX system; the rest is in proc_linux.c and
 * proc_posix.c. */
#include "base/proc.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"

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

/* "name:password:uid:..." of this user in /etc/passwd */
static bool
local_user(uid_t uid, char *out, size_t n)
{
	struct buf text = { 0 };
	char *line, *save = NULL, want[32];
	bool found = false;

	snprintf(want, sizeof(want), ":%lu:", (unsigned long)uid);
	if (io_read_file("/etc/passwd", 1 << 20, &text) < 0) {
		buf_release(&text);
		return false;
	}
	for (line = strtok_r(text.p, "\n", &save); line && !found;
	    line = strtok_r(NULL, "\n", &save)) {
		size_t name = strcspn(line, ":");
		char *rest = line[name] ? strchr(line + name + 1, ':') : NULL;

		found = rest && strncmp(rest, want, strlen(want)) == 0;
		if (found)
			snprintf(out, n, "%.*s", (int)name, line);
	}
	buf_release(&text);
	return found;
}

/* Not by the name service: it looks for its daemon and reads its
 * configuration, which is a tenth of what a short program does, and cannot be
 * linked statically. */
void
proc_user(char *out, size_t n)
{
	uid_t uid = geteuid();

	if (!local_user(uid, out, n))
		snprintf(out, n, "%lu", (unsigned long)uid);
}
