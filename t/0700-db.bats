#!/usr/bin/env bats
# iq-db: init, info, backup.

load lib

@test "init says where, and is 0 also when it is there already" {
	run_split iq-db init
	assert_ran 0 "made $IQ_TEST/queue.db" ""
	run_split iq-db init
	assert_ran 0 "exists $IQ_TEST/queue.db" ""
	assert_equal "$(stat -c %a queue.db)" 600
}

@test "init makes the directory of the standard place" {
	unset IQ_QUEUE
	run_split iq-db init
	assert_ran 0 "made $HOME/.local/state/iq/queue.db" ""
	assert_equal "$(stat -c %a "$HOME/.local/state/iq")" 700
	run_split iq-list
	assert_ran 0 "" ""
}

@test "init of what is no queue is refused" {
	mkdir directory
	run_split iq-db -q directory init
	assert_status 77
	(umask 077 && echo "not a database at all, but long enough to look" >text)
	run_split iq-db -q text init
	assert_status 74
	(umask 077 && sqlite3 other.db 'CREATE TABLE t(x)')
	run_split iq-db -q other.db init
	assert_status 78
	assert_stderr_like "iq-db: use $IQ_TEST/other.db: *"
}

@test "info: what it is and how much is in it" {
	iq-enqueue /a /b /c
	iq-work -n1 -- true 2>/dev/null || :
	run_split iq-db info
	assert_json 'keys_unsorted | join(" ")' "queue uuid created_at\
 schema_version sqlite_version file_bytes wal_bytes jobs history events"
	assert_json '.jobs + .history' 3
	assert_json '.events > 3 and .file_bytes > 0 and (.uuid | length) == 36'
	run_split iq-db info --text
	assert_stdout_like "queue *$IQ_TEST/queue.db
uuid *
jobs * live, * ended
events *"
}

@test "a missing queue is 66" {
	local verb
	for verb in info check "backup x"; do
		# shellcheck disable=SC2086
		run_split iq-db $verb
		assert_status 66
		assert_stderr_like "*iq-db init -q $IQ_TEST/queue.db"
	done
	assert_file_not_exists queue.db
}

@test "verbs of a later version, and none at all, are 64" {
	local verb
	for verb in restore prune compact trust untrust "check --repair"; do
		# shellcheck disable=SC2086
		run_split iq-db $verb
		assert_status 64
		assert_stderr_like "iq-db: *: not in this version*"
	done
	for verb in "" chekc nonsense "init x" backup "backup a b"; do
		# shellcheck disable=SC2086
		run_split iq-db $verb
		assert_status 64
	done
}

# ---- backup ----

@test "a backup is a queue with everything in it" {
	iq-enqueue -t notes /a /b
	iq-tune set -t notes max_workers=2
	iq-work -n1 -- true
	run_split iq-db backup copy.db
	assert_ran 0 "" ""
	assert_equal "$(stat -c %a copy.db)" 600
	assert_equal "$(iq-list -q copy.db -s pending -s succeeded)" \
		"$(iq-list -s pending -s succeeded)"
	run_split iq-tune -q copy.db get -t notes max_workers
	assert_stdout 2
	run_split iq-db -q copy.db check --text
	assert_ran 0 "$IQ_TEST/copy.db: ok" ""
	assert_equal "$(iq-db -q copy.db info | jq -r .uuid)" \
		"$(iq-db info | jq -r .uuid)"
}

@test "a backup leaves nothing else behind" {
	iq-enqueue /a
	mkdir -m 700 to
	iq-db backup to/copy.db
	assert_equal "$(ls -A to)" copy.db
}

@test "a backup replaces the one before, and only when it is whole" {
	iq-enqueue /a
	iq-db backup copy.db
	iq-enqueue /b
	# somebody has looked at it meanwhile
	iq-db -q copy.db check >/dev/null
	iq-db backup copy.db
	assert_equal "$(iq-list -q copy.db | wc -l)" 2
}

@test "a backup of a queue in use is consistent" {
	seq 1 3000 | iq-enqueue --raw
	start work iq-work -j2 -- true
	local i
	for i in 1 2 3 4 5; do
		seq "$i" 7 9000 | iq-enqueue --raw
		iq-db backup "copy$i.db"
	done
	stop work
	for i in 1 2 3 4 5; do
		run_split iq-db -q "copy$i.db" check
		# jobs that run hold locks on the sidecar of the original
		assert_json '[.findings[] | select(contains("-lock is not") | not)] |
			length' 0
	done
}

@test "neither the queue itself nor one in use is overwritten" {
	iq-enqueue /a
	run_split iq-db backup queue.db
	assert_ran 73 "" \
		"iq-db: back up to $IQ_TEST/queue.db: that is the queue itself"
	iq-enqueue -q other.db /a
	run_split iq-db backup other.db
	assert_status 73
	assert_stderr_like "*it is a queue in use*"
	mkdir directory
	run_split iq-db backup directory
	assert_status 73
	run_split iq-db backup no/such/place.db
	assert_status 73
	run_split iq-db backup directory/
	assert_status 64
	run_split iq-list
	assert_json .id 1
}

@test "a backup that does not fit is 74 and leaves nothing" {
	seq 1 20000 | iq-enqueue --raw
	mkdir -m 700 to
	run_split bash -c 'ulimit -f 100; trap "" XFSZ; exec iq-db backup to/copy.db'
	((status == 74 || status == 75))
	assert_equal "$(ls -A to)" ""
}

@test "a name that looks like a URI is a name" {
	iq-enqueue /a
	iq-db backup 'file:x?mode=memory'
	assert_file_exists 'file:x?mode=memory'
	assert_equal "$(iq-list -q 'file:x?mode=memory' | jq .id)" 1
}
