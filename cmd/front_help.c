/* iq help. */
#include "front.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "opt.h"

const char *const front_topics[] = { "7", "iq", "file", "handler", NULL };
static const char *const pages[] = { "iq.7", "iq.1", "iq-file.5",
	"iq-handler.7" };

static const char *
topic_page(const char *what)
{
	for (size_t i = 0; front_topics[i] != NULL; i++)
		if (strcmp(front_topics[i], what) == 0)
			return pages[i];
	return NULL;
}

/* The page belongs to this program: of the same installation, or of the source
 * that it was built in; no other version's is shown. */
static bool
find_page(const char *directory, const char *page, struct buf *out)
{
	char section = page[strlen(page) - 1];

	if (directory == NULL)
		return false;
	buf_addf(out, "%s/../share/man/man%c/%s", directory, section, page);
	if (access(out->p, R_OK) == 0)
		return true;
	buf_adds(out, ".gz");
	if (access(out->p, R_OK) == 0)
		return true;
	buf_reset(out);
	buf_addf(out, "%s/../man/%s", directory, page);
	return access(out->p, R_OK) == 0;
}

/* Returns, with the reason in *why, when that cannot be done. */
static void
show_page(const char *directory, const char *page, struct buf *why)
{
	char *man[] = { (char[]){ "man" }, NULL, NULL };
	struct buf path = { 0 };

	if (!find_page(directory, page, &path)) {
		buf_addf(why, "%s is not installed; it is in man/ of the "
			"source", page);
		return;
	}
	man[1] = path.p;
	execvp(man[0], man);
	buf_addf(why, "run man: %s; the page is %s", strerror(errno), path.p);
	buf_release(&path);
}

_Noreturn void
front_help(const char *directory, const char *what)
{
	const char *name = strncmp(what, "iq-", 3) == 0 ? what + 3 : what;
	const char *topic = topic_page(name);
	struct buf path = { 0 }, page = { 0 }, why = { 0 };
	char *command[] = { NULL, (char[]){ "--help" }, NULL };

	if (topic == NULL && !front_find(directory, name, &path))
		front_unknown(what, true);
	buf_addf(&page, "iq-%s.1", name);
	show_page(directory, topic != NULL ? topic : page.p, &why);
	if (topic != NULL)
		die(EX_UNAVAILABLE, "%s", why.p);
	warn_say("%s", why.p);
	command[0] = path.p;
	front_run(path.p, command);
}
