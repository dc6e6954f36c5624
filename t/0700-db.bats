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
	HOME=/nonexistent run_split iq-list
	assert_ran 66 "" "iq-list: open a queue in /nonexistent/.local/state/iq:\
 no such directory; make both with: iq-db init"
}

@test "init of what is no queue is refused" {
	mkdir directory
	run_split iq-db -q directory init
	assert_status 77
	(umask 077 && echo "not a database at all, but long enough to look" >text)
	run_split iq-db -q text init
	assert_status 74
	assert_stderr_like "iq-db: * $IQ_TEST/text: file is not a database: this\
 is no queue; if it was one, it is damaged: restore *"
	rm text-lock
	chmod 644 text
	run_split iq-enqueue -q text x
	assert_ran 74 "" "iq-enqueue: use $IQ_TEST/text: that is no queue, and no\
 SQLite database at all"
	[[ ! -e text-lock ]]
	rm text
	(umask 022 && : >text)
	run_split iq-enqueue -q text x
	assert_ran 77 "" "iq-enqueue: use $IQ_TEST/text: others may read or write\
 it; chmod 600 it"
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

@test "verbs that there are not, and operands too few or many, are 64" {
	local verb
	for verb in "" chekc nonsense "init x" backup "backup a b" \
		"compact x"; do
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

@test "a backup has jobs that wait for others" {
	iq-enqueue /a
	iq-enqueue --after 1 /b
	run_split iq-db backup copy.db
	assert_ran 0 "" ""
	iq-work -j1 --drain -q copy.db -- true
	run_split iq-db -q copy.db check --text
	assert_ran 0 "$IQ_TEST/copy.db: ok" ""
}

@test "a backup leaves nothing else behind" {
	iq-enqueue /a
	mkdir -m 700 to
	iq-db backup to/copy.db
	assert_equal "$(ls -A to)" copy.db
}

@test "a backup that was only read is still one file" {
	iq-enqueue --raw a
	iq-db backup copy.db
	run_split iq-list -q copy.db
	assert_json .path a
	run_split iq-db check --text -q copy.db
	assert_ran 0 "$PWD/copy.db: ok" ""
	run printf '%s\n' copy.db*
	assert_output copy.db
	# the log of what was written stays
	iq-enqueue -q copy.db --raw b
	iq-list -q copy.db >/dev/null
	assert_equal "$(iq-list -q copy.db | jq -r .path)" "a
b"
	assert_exist copy.db-wal
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
	local number
	for number in 1 2 3 4 5; do
		seq "$number" 7 9000 | iq-enqueue --raw
		iq-db backup "copy$number.db"
	done
	stop work
	for number in 1 2 3 4 5; do
		run_split iq-db -q "copy$number.db" check --text
		assert_ran 0 "$IQ_TEST/copy$number.db: ok" ""
	done
}

@test "a backup of a queue in use can be restored" {
	make_holder hold
	iq-enqueue /a /b
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	iq-db backup copy.db
	release_holder hold
	stop work
	rm queue.db*
	mv copy.db queue.db
	run_split iq-list
	assert_equal "$(jq -c '[.id, .state]' <<<"$output")" '[1,"running"]
[2,"pending"]'
	# what ran then is taken back, and runs again
	run_split iq-work -j1 --drain -- echo
	assert_status 0
	assert_equal "$(sort <<<"$output")" "/a
/b"
	run_split iq-db check --text
	assert_status 0
}

@test "a backup replaces nothing but an older backup of this queue" {
	iq-enqueue /a
	mkdir -m 700 to
	echo "the only copy of my thesis" >to/text
	sqlite3 to/other 'CREATE TABLE t(x)'
	iq-enqueue -q second.db /b
	iq-db -q second.db backup to/second
	local name before
	for name in text other second; do
		before=$(sha256sum <"to/$name")
		run_split iq-db backup "to/$name"
		assert_status 73
		assert_stderr_like "iq-db: back up to $IQ_TEST/to/$name: that *;\
 take another name, or move it away"
		assert_equal "$(sha256sum <"to/$name")" "$before"
	done
	[[ $stderr = *"a backup of one ($(iq-db -q second.db info |
		jq -r .uuid))"* ]]
	: >to/empty
	run_split iq-db backup to/empty
	assert_ran 0 "" ""
	assert_equal "$(iq-list -q to/empty | jq -r .path)" /a
}

@test "a backup into a pipe is refused with what to do" {
	run_split iq-db backup -
	assert_status 64
	assert_stdout ""
	assert_stderr_like "iq-db: backup: * it needs a FILE (./- is one)*"
	iq-enqueue /a
	iq-db backup ./-
	assert_file_exists ./-
}

# One MiB in each of these jobs
large_queue() {
	head -c 1000000 /dev/zero | tr '\0' x >payload
	local i
	for ((i = 0; i < $1; i++)); do
		printf '{"key":"%s","payload":"%s"}\n' "$i" "$(<payload)"
	done | iq-enqueue -J
}

@test "a backup that is interrupted leaves nothing and dies by the signal" {
	large_queue 60
	mkdir -m 700 to
	local i
	# until one was caught at work
	for i in {1..20}; do
		start backup iq-db backup to/copy.db
		wait_until '[[ -n $(ls -A to) ]]'
		stop backup
		((status == 0)) || break
		rm to/copy.db
	done
	assert_equal "$status" 143
	assert_equal "$(ls -A to)" ""
	assert_equal "$(<backup.err)" ""
}

@test "check and backup of a large queue tell how far they are" {
	large_queue 12
	run script -qec 'iq-db check' /dev/null
	assert_output --partial "reading 1"
	assert_output --partial "queue.db: ok"
	run_split iq-db check --text
	assert_ran 0 "$IQ_TEST/queue.db: ok" ""
	run script -qec 'iq-db backup copy.db' /dev/null
	assert_success
	assert_file_exists copy.db
}

@test "neither the queue itself nor one with a log is overwritten" {
	iq-enqueue /a
	run_split iq-db backup queue.db
	assert_ran 73 "" \
		"iq-db: back up to $IQ_TEST/queue.db: that is the queue itself"
	iq-enqueue -q other.db /a
	run_split iq-db backup other.db
	assert_ran 73 "" "iq-db: back up to $IQ_TEST/other.db: it is a queue\
 (there is $IQ_TEST/other.db-wal); take another name, or move both away"
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
	run_split bash -c 'ulimit -f 100; exec iq-db backup to/copy.db'
	((status == 74 || status == 75))
	assert_equal "$(ls -A to)" ""
}

@test "a name that looks like a URI is a name" {
	iq-enqueue /a
	iq-db backup 'file:x?mode=memory'
	assert_file_exists 'file:x?mode=memory'
	assert_equal "$(iq-list -q 'file:x?mode=memory' | jq .id)" 1
}
