#!/usr/bin/env bats
# What the history tells of an attempt besides what it used: the machine, the
# limits, the host, and how its figures are known.

load lib

setup() {
	iq_setup
}

# history_of FIELDS - of the jobs in the history, a line each
history_of() {
	iq-list --json -s succeeded -s cancelled -s quarantined | jq -c "$1"
}

# other_host N NAME - a worker N was there, on that machine
other_host() {
	sqlite3 queue.db "
		INSERT INTO worker VALUES($1, '$2', 'boot', 1, 1, '', 1, 1, 1,
			1, 1, 1);
		DELETE FROM worker WHERE id = $1;
		UPDATE queue SET next_worker = $1 + 1"
}

@test "the machine as it was when an attempt ended" {
	iq-enqueue --raw a b
	iq-work -n1 -- true
	run_split iq-work -n1 -- sh -c 'exit 65'
	run history_of '[.system_cpu_percent, .system_memory_percent] |
		map(. >= 0 and . <= 100 and . == floor)'
	assert_output $'[true,true]\n[true,true]'
	# the same as in the statistics, some seconds later
	local now
	now=$(iq-stats --json | jq .system.memory_percent)
	run_split iq-list --json 1
	assert_json "[.system_memory_percent - $now | fabs < 50][0]"
}

@test "the limit that was in force, configured and effective" {
	iq-enqueue --raw a b
	iq-work -n1 -j3 -- true
	(ulimit -n 64 && iq-work -n1 -j200 -- true) 2>/dev/null
	run history_of '[.limit_configured, .limit_effective]'
	assert_line --index 0 '[3,3]'
	output=${lines[1]}
	assert_json '.[0] == 200 and .[1] >= 1 and .[1] < 200'
}

@test "the host is known when its worker has left, and others have come" {
	iq-enqueue --raw a b c
	iq-work -n1 -- true
	other_host 2 elsewhere
	iq-work -n1 -- true
	sqlite3 queue.db 'UPDATE history SET worker = 2 WHERE job = 1'
	iq-work -n1 -- true
	run history_of '[.worker, .host]'
	local here
	here=$(sqlite3 queue.db 'SELECT host FROM host WHERE worker = 1')
	assert [ -n "$here" ]
	assert_output "[2,\"elsewhere\"]
[3,\"$here\"]
[4,\"$here\"]"
	# a row for each change, and not for each worker
	assert_equal "$(sqlite3 queue.db 'SELECT count(*) FROM host')" 3
	run_split iq-list --json --sort -host -s succeeded
	assert_equal "$(jq -r .host <<<"$output")" \
		"$(printf '%s\n' elsewhere "$here" "$here" | LC_ALL=C sort -r)"
}

@test "so many changes of host are kept" {
	iq-db init >/dev/null
	sqlite3 queue.db "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
		SELECT i + 1 FROM n WHERE i < 10000)
		INSERT INTO host SELECT i, 'h' || i FROM n"
	other_host 10001 x
	other_host 10002 y
	assert_equal "$(sqlite3 queue.db 'SELECT count(*), min(worker) FROM host')" \
		'10000|3'
	run_split iq-db check --text
	assert_success
}

@test "how the figures are known" {
	iq-enqueue --raw a
	iq-enqueue -t batch --raw b c
	iq-enqueue -t co --raw d e
	iq-work -t default -n1 -- true
	iq-work -t batch -b 2 --drain -- true
	iq-work -t co -c -j1 --drain -- sh -c 'while read -r l; do echo 0; done'
	run history_of '[.sampled, .max_rss_source, .max_rss_is_floor]'
	assert_line --index 0 '[false,"rusage",true]'
	assert_line --index 1 '[true,"rusage",true]'
	assert_line --index 2 '[true,"rusage",true]'
	assert_line --index 3 '[true,"proc",true]'
	# what was not used is not known
	iq-enqueue --raw f
	iq-ctl cancel 6 >/dev/null
	run_split iq-list --json 6
	assert_json '[.sampled, .max_rss_source, .max_rss_is_floor, .host,
		.limit_configured, .system_cpu_percent] | all(. == null)'
}

@test "of an attempt from before nothing of that is known" {
	old_queue
	iq-db init >/dev/null
	run history_of '[.max_rss_bytes > 0, .worker, .host, .limit_configured,
		.limit_effective, .sampled, .max_rss_source, .max_rss_is_floor]'
	assert_line --index 0 '[true,1,null,null,null,null,null,null]'
	# but where those are that are there
	assert_equal "$(sqlite3 queue.db 'SELECT * FROM host')" $'2|host\n3|'
}
