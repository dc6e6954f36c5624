/* Stored handlers: found by their text, set aside, and taken back. */
#include "engine/handlers.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "tap.h"

int
main(void)
{
	struct handlers h = { .queue = "/q" };
	const struct handler *one, *two;
	char text[4200], cwd[4096];
	struct err err;

	one = handlers_find(&h, "/bin/true", &err);
	ok(one != NULL && one->confined && one->append, "a path");
	two = handlers_find(&h, "[\"/bin/echo\",\"<{}>\"]", &err);
	ok(two != NULL && two->argc == 2 && !two->append, "an array");
	ok(handlers_find(&h, "/bin/true", &err) == one, "the same again");
	ok(handlers_find(&h, "true", &err) == NULL && err.code == EX_CONFIG,
		"no absolute path");
	ok(handlers_find(&h, "/missing", &err) == NULL &&
		err.code == EX_UNAVAILABLE, "not there");

	ok(getcwd(cwd, sizeof(cwd)) != NULL, "a directory");
	snprintf(text, sizeof(text), "%s/later", cwd);
	ok(handlers_find(&h, text, &err) == NULL, "not there yet");
	ok(handlers_set_aside(&h, text, NS_PER_S), "set aside");
	ok(!handlers_set_aside(&h, text, NS_PER_S), "once");
	is_int((long long)h.naside, 1, "it is listed");
	is_str(h.aside[0], text, "by its text");
	ok(!handlers_take_back(&h, 5 * NS_PER_S), "not yet");
	ok(!handlers_take_back(&h, 11 * NS_PER_S), "still not there");
	close(open(text, O_WRONLY | O_CREAT, 0700));
	ok(!handlers_take_back(&h, 12 * NS_PER_S), "not looked at each time");
	ok(handlers_take_back(&h, 21 * NS_PER_S), "there it is");
	is_int((long long)h.naside, 0, "no longer listed");
	ok(handlers_find(&h, text, &err) != NULL, "and found");

	/* it is there, and cannot be executed: longer each time */
	ok(handlers_set_aside(&h, text, 22 * NS_PER_S), "again");
	ok(!handlers_take_back(&h, 41 * NS_PER_S), "twice as long");
	ok(handlers_take_back(&h, 42 * NS_PER_S), "and back");
	ok(handlers_set_aside(&h, text, 1000 * NS_PER_S), "after a long time");
	ok(handlers_take_back(&h, 1010 * NS_PER_S), "it is short again");
	handlers_release(&h);
	return done();
}
