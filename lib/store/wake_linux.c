/* Watching the sidecar with inotify. */
#include <sys/inotify.h>
#include <unistd.h>

#include "store/internal.h"

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
