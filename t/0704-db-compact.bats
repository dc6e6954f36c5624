#!/usr/bin/env bats
# iq-db compact: the file without what is free in it.

load lib
load db

# Much was in it, little is left
a_hollow_queue() {
	head -c 3000 /dev/zero | tr '\0' x >filler
	local i
	for i in {1..600}; do
		printf '{"key":"%s","payload":"%s"}\n' "$i" "$(<filler)"
	done | iq-enqueue -J
	iq-enqueue -t notes --after 5 --group g /a /b
	iq-work -t default -j2 -n 590 -- true
	sqlite3 queue.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
}

size() {
	stat -c %s queue.db
}

sound() {
	run_split iq-db check --text
	assert_ran 0 "$IQ_TEST/queue.db: ok" ""
}

@test "it is smaller, and has everything that it had" {
	a_hollow_queue
	local before all
	before=$(size)
	all=$(iq-list -s pending -s succeeded)
	run_split iq-db compact
	assert_status 0
	assert_stderr ""
	assert_json 'keys_unsorted | join(" ")' "queue before_bytes after_bytes"
	assert_json .before_bytes "$before"
	assert_json .after_bytes "$(size)"
	assert_json '.after_bytes * 3 < .before_bytes'
	assert_equal "$(iq-list -s pending -s succeeded)" "$all"
	sound
	assert_equal "$(sqlite3 queue.db 'PRAGMA auto_vacuum;
		PRAGMA journal_mode; PRAGMA freelist_count' | paste -sd' ')" \
		"2 wal 0"
	run_split sqlite3 -readonly queue.db \
		'SELECT detail FROM event WHERE kind = 22'
	assert_json '.[0] | .before_bytes > .after_bytes'
	run_split iq-enqueue -I --raw c
	assert_ran 0 603 ""
	assert_equal "$(ls queue.db*)" "queue.db
queue.db-lock
queue.db-run
queue.db-shm
queue.db-wal"
}

@test "for people it says so in a line" {
	iq-enqueue /a
	run_split iq-db compact --text
	assert_status 0
	assert_stdout_like "$IQ_TEST/queue.db: * KiB -> * KiB"
}

@test "others go on meanwhile, and nothing is lost" {
	seq 1500 | iq-enqueue --raw
	start work iq-work -j2 --drain -- true
	local i
	for i in 1 2 3 4; do
		start "compact$i" iq-db compact
		seq "$((i * 10000))" "$((i * 10000 + 300))" | iq-enqueue --raw
		run_split iq-list --limit 1
		assert_status 0
		local -n pid=compact${i}_pid
		wait "$pid"
		assert_equal "$(<"compact$i.err")" ""
	done
	wait "$work_pid"
	iq-work -j2 --drain -- true
	assert_equal "$(iq-stats | jq .depth.succeeded)" 2704
	sound
}

@test "an interrupted one changes nothing, and dies by the signal" {
	forty_megabytes
	# until one was caught at work
	for i in {1..20}; do
		start compact iq-db compact
		wait_until 'compgen -G "iq-copy-*" >/dev/null'
		stop compact
		((status == 0)) || break
	done
	assert_equal "$status" 143
	assert_equal "$(<compact.err)" ""
	assert_equal "$(ls queue.db*)" "queue.db
queue.db-lock
queue.db-run
queue.db-shm
queue.db-wal"
	sound
}

@test "without room for it nothing is begun" {
	on_small_disk 4800 'seq 15000 | iq-enqueue --raw && iq-db compact
		echo $?; iq-list | wc -l; ls'
	assert_stdout "75
15000
queue.db
queue.db-lock
queue.db-run
queue.db-shm
queue.db-wal"
	assert_stderr_like "iq-db: compact $IQ_TEST/disk/queue.db: it takes *\
 MiB of room, and * are free"
}

@test "a missing queue is 66, and none is made" {
	run_split iq-db compact
	assert_status 66
	assert_file_not_exists queue.db
}
