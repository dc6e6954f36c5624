/*
 * Wake-ups: a byte written to the sidecar after COMMIT; workers watch that
 * file.  (Watching the WAL loses wake-ups: its frames are written before the
 * commit is published.)  Who has posted something reads that byte: the server
 * alone watches for this.
 */
#include <unistd.h>

#include "store/internal.h"

void
wake_send(struct store *s)
{
	/* A lost byte only costs time: workers also look each second. */
	if (pwrite(s->turn.fd, "", 1, 0) < 0)
		return;
}

void
wake_ring(int sidecar)
{
	char byte;

	if (pread(sidecar, &byte, 1, 0) < 0)
		return;
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
