#!/usr/bin/env bats
# What one enqueue does to the disk: the log (queue.db-wal) and its syncs.

load lib

# syncs FILE - how often the last traced program synced it
syncs() {
	grep -cE "^(fsync|fdatasync)\([0-9]+<$1>" trace || :
}

traced() {
	strace -y -e trace=fsync,fdatasync -o trace "$@"
}

@test "programs that commit once each keep the log short" {
	local i size
	for i in {1..60}; do
		iq-enqueue "$i"
	done
	size=$(stat -c %s queue.db-wal)
	((size < 200 * 4120)) || fail "the log has $size bytes"
	run iq-db check
	assert_status 0
}

@test "an enqueue syncs the log once, and nothing else" {
	iq-enqueue a
	traced iq-enqueue b
	assert_equal "$(syncs "$PWD/queue.db-wal")" 1
	assert_equal "$(wc -l <trace)" 2	# and "exited"
}

@test "the directory is synced when the log is new" {
	iq-enqueue a
	sqlite3 queue.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	assert_not_exist queue.db-wal
	traced iq-enqueue b
	assert_equal "$(syncs "$PWD")" 1
}
