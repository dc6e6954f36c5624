#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/nameless.h"
#include "engine/feed.h"
#include "rules/json.h"

static void
say_job(struct buf *out, const struct claimed *job)
{
	struct json j;

	json_init(&j, out);
	json_begin_object(&j, NULL);
	json_put_int(&j, "id", job->id);
	json_put_string(&j, "type", job->type);
	json_put_path(&j, "path", job->path);
	json_put_string(&j, "event", file_event_name(job->event));
	json_put_path(&j, "key", job->key);
	json_put_int(&j, "priority", job->priority);
	json_put_int(&j, "attempt", job->attempt);
	json_put_int(&j, "attempts", job->attempts);
	json_put_time(&j, "created_at", job->created);
	json_put_raw(&j, "payload", job->payload);
	json_end_object(&j);
}

bool
feed_can_say(enum feed what, const struct claimed *job)
{
	return what != FEED_PATHS || job->path.p == NULL ||
		memchr(job->path.p, '\n', job->path.n) == NULL;
}

void
feed_say(struct buf *out, enum feed what, const struct claimed *job)
{
	struct bytes said = what == FEED_PATHS ? job->path : job->payload;

	if (what == FEED_NONE)
		return;
	if (what == FEED_JSON)
		say_job(out, job);
	else if (said.p == NULL)
		return;
	else
		buf_add(out, said.p, said.n);
	buf_addc(out, '\n');
}

int
feed_open(const struct buf *content)
{
	int fd = nameless_memory(), saved;

	if (fd < 0 || (io_write_all(fd, content->p, content->len) == 0 &&
	    lseek(fd, 0, SEEK_SET) == 0))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}
