/* Statements of the scans; see sql.h. */
#ifndef IQ_SQL_SCAN_H
#define IQ_SQL_SCAN_H

#define SCAN_COLUMNS(offered, said) \
	"SELECT s.id, s.name, t.name, s.root, s.device, s.inode, s.run," \
	" s.acknowledged, s.files, " offered ", s.boot, s.started_at," \
	" s.finished_at, s.completed_at, s.from_dir, s.from_name, " said \
	" FROM scan s LEFT JOIN type t ON t.id = s.type"
#define SCAN_COLUMNS_SAID SCAN_COLUMNS("s.offered + s.apart", "s.said")
/* Before version 1.12 */
#define SCAN_COLUMNS_PLAIN SCAN_COLUMNS("s.offered", "0")

/* The count of those that have a name of their own, and no type, is kept apart:
 * not any job acknowledges what they offer. */
#define SCAN_OFFERED(n) \
	" offered = CASE WHEN type IS NULL AND name <> '' THEN 0 ELSE " n \
	" END, apart = CASE WHEN type IS NULL AND name <> '' THEN " n \
	" ELSE 0 END"
/* With offers that whoever reads from $1 and $2 may acknowledge */
#define SCAN_IS_OPEN \
	" WHERE s.offered > 0 OR (s.apart > 0 AND s.out_inode <> 0" \
	" AND s.out_device = $1 AND s.out_inode = $2)"

#define SQL_SCAN \
SQL(SCAN_FIND, \
	SCAN_COLUMNS_SAID " WHERE s.name = $1 AND s.root = $2") \
SQL(SCAN_FIND_PLAIN, \
	SCAN_COLUMNS_PLAIN " WHERE s.name = $1 AND s.root = $2") \
SQL(SCAN_LIST, SCAN_COLUMNS_SAID " ORDER BY s.root, s.name") \
SQL(SCAN_LIST_PLAIN, SCAN_COLUMNS_PLAIN " ORDER BY s.root, s.name") \
SQL(SCAN_INSERT, \
	"INSERT INTO scan(name, root, type, device, inode, run," \
	" acknowledged, files, offered, boot)" \
	" VALUES($1, $2, $3, 0, 0, 0, 0, 0, 0, '')") \
SQL(SCAN_TYPE, \
	"UPDATE scan SET type = $2, offered = offered + apart, apart = 0" \
	" WHERE id = $1") \
SQL(SCAN_UPDATE, \
	"UPDATE scan SET device = $2, inode = $3, run = $4, begun = $4," \
	" files = files + $5," SCAN_OFFERED("offered + apart + $6") "," \
	" boot = $7," \
	" started_at = $8, finished_at = $9, completed_at = $10," \
	" from_dir = $11, from_name = $12, watch = $13, said = $14," \
	" out_device = $15, out_inode = $16 WHERE id = $1") \
SQL(SCAN_SAID, \
	"UPDATE scan SET said = $2, run = $3, begun = $3," \
	SCAN_OFFERED("$4") " WHERE id = $1") \
SQL(SCAN_ACKNOWLEDGE, \
	"UPDATE scan SET said = $2, acknowledged = $2," \
	SCAN_OFFERED("$3") " WHERE id = $1") \
SQL(SCAN_NEXT, \
	"SELECT dir, first, files FROM scan_file WHERE scan = $1" \
	" AND (dir, first) >= ($2, $3) ORDER BY dir, first LIMIT 1") \
SQL(SCAN_DELETE, "DELETE FROM scan WHERE id = $1") \
SQL(SCAN_ROWS, \
	"SELECT dir, first, files FROM scan_file WHERE scan = $1" \
	" AND (dir, first) >= ($2, $3) AND dir < $4" \
	" ORDER BY dir, first LIMIT $5") \
SQL(SCAN_ROWS_AT, \
	"SELECT dir, first, files FROM scan_file WHERE scan = $1" \
	" AND dir = $2 AND first >= coalesce((SELECT max(first)" \
	" FROM scan_file WHERE scan = $1 AND dir = $2 AND first <= $3)," \
	" x'') ORDER BY first LIMIT $4") \
SQL(SCAN_ROW, \
	"SELECT files FROM scan_file WHERE scan = $1 AND dir = $2" \
	" AND first = $3") \
SQL(SCAN_PART, \
	"SELECT first, files FROM scan_file WHERE scan = $1 AND dir = $2" \
	" AND first <= $3 ORDER BY first DESC LIMIT 1") \
SQL(SCAN_PUT, \
	"INSERT INTO scan_file(scan, dir, first, files)" \
	" VALUES($1, $2, $3, $4)" \
	" ON CONFLICT(scan, dir, first) DO UPDATE SET files = excluded.files") \
SQL(SCAN_DROP, \
	"DELETE FROM scan_file WHERE scan = $1 AND dir = $2 AND first = $3") \
SQL(SCAN_DROP_SOME, \
	"DELETE FROM scan_file WHERE (scan, dir, first) IN (SELECT scan, dir," \
	" first FROM scan_file WHERE scan = $1 LIMIT $2)") \
SQL(SCAN_OPEN, "SELECT EXISTS(SELECT 1 FROM scan s" SCAN_IS_OPEN ")") \
SQL(SCAN_OFFERS, \
	"SELECT s.id, s.root, t.name, s.acknowledged, s.offered <= 0" \
	" FROM scan s LEFT JOIN type t ON t.id = s.type" SCAN_IS_OPEN) \
SQL(SCAN_TAKEN, \
	"UPDATE scan SET offered = offered - CASE WHEN $3 THEN 0 ELSE $2 END," \
	" apart = apart - CASE WHEN $3 THEN $2 ELSE 0 END WHERE id = $1") \
SQL(CHECK_SCANS, \
	"SELECT id, acknowledged, files, offered + apart FROM scan" \
	" ORDER BY id") \
SQL(CHECK_SCANS_PLAIN, \
	"SELECT id, acknowledged, files, offered FROM scan ORDER BY id") \
SQL(CHECK_SCAN_FILES, \
	"SELECT scan, files FROM scan_file ORDER BY scan") \
SQL(SCAN_LAST, "SELECT max(finished_at) FROM scan") \
SQL(SCAN_WATCH, "UPDATE scan SET watch = $2 WHERE id = $1") \
SQL(WATCH_LAST, "SELECT coalesce(max(id), 0) FROM watch") \
SQL(WATCH_INSERT, \
	"INSERT INTO watch(id, host, boot, pid, start, healthy, reason," \
	" source, coverage, pending, debounce, batch, started_at, told_at," \
	" told_boot)" \
	" VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13," \
	" $14)") \
SQL(WATCH_TELL, \
	"UPDATE watch SET healthy = $2, reason = $3, source = $4," \
	" coverage = $5, pending = $6, debounce = $7, batch = $8," \
	" told_at = $9, told_boot = $10 WHERE id = $1") \
SQL(WATCH_LEAVE, "UPDATE scan SET watch = NULL WHERE watch = $1") \
SQL(WATCH_TIDY, \
	"DELETE FROM watch WHERE id NOT IN" \
	" (SELECT watch FROM scan WHERE watch IS NOT NULL)") \
SQL(WATCH_OF, \
	"SELECT w.id, w.pid FROM scan s JOIN watch w ON w.id = s.watch" \
	" WHERE s.id = $1") \
SQL(WATCH_LIST, \
	"SELECT w.id, w.host, w.boot, w.pid, w.start, w.healthy, w.reason," \
	" w.source, w.coverage, w.pending, w.debounce, w.batch," \
	" w.started_at, w.told_at, w.told_boot, t.name, s.root, s.name" \
	" FROM watch w JOIN scan s ON s.watch = w.id" \
	" LEFT JOIN type t ON t.id = s.type ORDER BY w.id, s.root")

#endif
