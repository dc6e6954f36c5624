/* The part of sql.h that forgets */
#ifndef IQ_SQL_PRUNE_H
#define IQ_SQL_PRUNE_H

/* What a row of the history takes, about */
#define HISTORY_SIZE "105 + length(coalesce(key, '')) + length(coalesce(path," \
	" '')) + length(coalesce(error, '')) + length(coalesce(payload, ''))" \
	" + length(coalesce(\"group\", ''))"
/* Remembered for longer than their type is to, at $2 or $3 */
#define SEEN_OLD(now) "created_at < " now " - coalesce((SELECT abs(" \
	"remember) FROM type WHERE id = seen.type), 0)"

#define SQL_PRUNE \
SQL(NEXT_JOB, "SELECT next_job FROM queue") \
SQL(HISTORY_JOBS, "SELECT sum(succeeded + cancelled) FROM lane") \
SQL(HISTORY_NEXT, \
	"SELECT min(id) >> 20 FROM history WHERE id > " LAST_OF("$1")) \
SQL(HISTORY_BYTES, \
	"SELECT sum(" HISTORY_SIZE ") FROM history WHERE " OF_JOB("$1")) \
SQL(HISTORY_WALK, \
	"SELECT job, lane IS NOT NULL, type, finished_at FROM history" \
	" WHERE id > " LAST_OF("$1") " AND id <= " LAST_OF("$2") \
	" ORDER BY id LIMIT $3") \
SQL(FORGETTABLE, \
	"SELECT state, lane, type, finished_at FROM history" \
	" WHERE " OF_JOB("$1") \
	" AND NOT EXISTS (SELECT 1 FROM job WHERE id = $1)" \
	" AND NOT EXISTS (SELECT 1 FROM dependency WHERE parent = $1)" \
	" ORDER BY history.id DESC LIMIT 1") \
SQL(FORGET, "DELETE FROM history WHERE " OF_JOB("$1")) \
SQL(SEEN_LOOK, \
	"SELECT max(job), sum(old) FROM (SELECT job, " SEEN_OLD("$2") \
	" AS old FROM seen WHERE job > $1 ORDER BY job LIMIT $3)") \
SQL(SEEN_FORGET, \
	"DELETE FROM seen WHERE job > $1 AND job <= $2" \
	" AND " SEEN_OLD("$3"))

#endif
