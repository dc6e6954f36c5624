/*
 * Wake-ups: a byte written to the sidecar after COMMIT; workers watch that
 * file.  (Watching the WAL loses wake-ups: its frames are written before the
 * commit is published.)
 */
#include <sys/inotify.h>
#include <unistd.h>

#include "store/internal.h"

void
wake_send(struct store *s)
{
	/* A lost byte only costs time: workers also look each second. */
	if (pwrite(s->turn.fd, "", 1, 0) < 0)
		return;
}

int
store_wake_fd(struct store *s)
{
	if (s->wake_fd >= 0)
		return s->wake_fd;
	s->wake_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (s->wake_fd >= 0 &&
	    inotify_add_watch(s->wake_fd, s->sidecar, IN_MODIFY) < 0) {
		close(s->wake_fd);
		s->wake_fd = -1;
	}
	return s->wake_fd;
}

void
store_wake_drain(struct store *s)
{
	char events[4096];

	while (s->wake_fd >= 0 &&
	    read(s->wake_fd, events, sizeof(events)) > 0)
		;
}

bool
store_changed(struct store *s)
{
	struct err ignored;
	int64_t v;

	if (db_int(&s->db, SQL_DATA_VERSION, &v, 0, &ignored, "") ||
	    v == s->data_version)
		return false;
	s->data_version = v;
	return true;
}
