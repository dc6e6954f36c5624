/* How far running jobs are, as their handlers tell. */
#include "store/internal.h"

int
store_progress(struct store *s, const struct slot_progress *v, size_t n,
	struct err *err)
{
	int code = tx_begin(s, err);

	if (code)
		return code;
	for (size_t i = 0; i < n && code == 0; i++)
		code = db_run(&s->db, SQL_LEASE_PROGRESS, err, "iif",
		    v[i].claim, (int64_t)v[i].slot, v[i].progress);
	return tx_end(s, code, err);
}
