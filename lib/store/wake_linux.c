/* Watching the sidecar with inotify. */
#include <sys/inotify.h>
#include <unistd.h>

#include "store/internal.h"

static bool
watch(struct store *s, uint32_t what)
{
	return inotify_add_watch(s->wake_fd, s->sidecar, what) >= 0;
}

int
store_wake_fd(struct store *s)
{
	if (s->wake_fd >= 0)
		return s->wake_fd;
	s->wake_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (s->wake_fd >= 0 && !watch(s, IN_MODIFY)) {
		close(s->wake_fd);
		s->wake_fd = -1;
	}
	return s->wake_fd;
}

void
wake_by_ring(struct store *s)
{
	/* in vain: then it is found slow */
	(void)watch(s, IN_MODIFY | IN_ACCESS);
}

void
store_wake_drain(struct store *s)
{
	char events[4096];

	while (s->wake_fd >= 0 &&
	    read(s->wake_fd, events, sizeof(events)) > 0)
		;
}
