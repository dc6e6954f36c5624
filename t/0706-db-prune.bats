#!/usr/bin/env bats
# Retention: what is old leaves the queue, by iq-db prune and by workers.

load lib

sound() {
	run_split iq-db check --text
	assert_ran 0 "$IQ_TEST/queue.db: ok" ""
}

# ids STATE ... - of the jobs in these states
ids() {
	iq-list --json "${@/#/-s}" | jq -r .id | paste -sd' '
}

# Jobs 1 to 6 have ended: 5 cancelled, 6 cancelled before it was started; 7 to
# 9 live, one of them after failures
some_history() {
	iq-tune set retry_strategy=immediate max_attempts=3
	iq-enqueue -t notes --raw a b c d
	iq-work -j1 --drain -- true
	iq-enqueue -t mail --raw e f g h i
	iq-work -t mail -j1 -n1 --drain -- sh -c 'exit 65' 2>/dev/null || :
	iq-ctl discard 5 >/dev/null
	iq-ctl cancel 6 >/dev/null
	iq-work -t mail -j1 -n3 -- sh -c 'exit 75' 2>/dev/null || :
	assert_equal "$(iq-list --json | jq -r '[.id, .state, .attempts] |
		join(" ")')" "7 quarantined 3
8 pending 0
9 pending 0"
}

@test "what ended within the last thirty days stays" {
	some_history
	age 29
	run_split iq-db prune
	assert_ran 0 "{\"queue\":\"$IQ_TEST/queue.db\",\"jobs\":0,\
\"attempts\":0,\"keys\":0,\"freed_bytes\":0}" ""
	assert_equal "$(ids succeeded cancelled)" "1 2 3 4 5 6"
	assert_equal "$(iq-log --json --kind forget)" ""
}

@test "what ended before goes, and what lives keeps all of its attempts" {
	some_history
	age 31
	run_split iq-db prune
	assert_status 0
	assert_json '[.jobs, .attempts, .keys] | tojson' '[6,7,0]'
	assert_equal "$(ids succeeded cancelled)" ""
	assert_equal "$(ids pending quarantined)" "7 8 9"
	assert_equal "$(sqlite3 queue.db 'SELECT job, count(*) FROM history
		GROUP BY job')" "7|3"
	assert_equal "$(iq-stats | jq -c '.depth | [.succeeded, .cancelled]')" \
		"[0,0]"
	sound
	# the log tells who went, in the order in which they had ended
	run_split iq-log --json --kind forget
	assert_equal "$(jq -c '.moves[] | range(.id; .id + .count) as $id |
		[$id, .type, .from, .to]' <<<"$output" | sort)" \
		'[1,"notes","succeeded",null]
[2,"notes","succeeded",null]
[3,"notes","succeeded",null]
[4,"notes","succeeded",null]
[5,"mail","cancelled",null]
[6,"mail","cancelled",null]'
	run_split iq-list 1
	assert_status 66
	run_split iq-enqueue -I --raw j
	assert_ran 0 10 ""
}

@test "for people it says so in a line" {
	some_history
	age 31
	run_split iq-db prune --text
	assert_status 0
	assert_stdout_like "$IQ_TEST/queue.db: 6 jobs and 0 keys; * freed"
}

@test "each type has its retention, and 0 is for ever" {
	some_history
	age 10
	iq-tune set retention=0 >/dev/null
	iq-tune set -t notes retention=7d
	run_split iq-db prune
	assert_json .jobs 4
	assert_equal "$(ids succeeded cancelled)" "5 6"
	age 10000
	run_split iq-db prune
	assert_json .jobs 0
	IQ_SET_RETENTION=1d run_split iq-db prune
	assert_json .jobs 2
	sound
}

@test "a job that another one waits for stays" {
	iq-enqueue --raw a
	iq-ctl cancel 1 >/dev/null
	iq-enqueue --raw --after 1 b
	iq-enqueue --raw c
	iq-ctl cancel 3 >/dev/null
	age 50
	run_split iq-db prune
	assert_json .jobs 1
	assert_equal "$(ids cancelled)" 1
	iq-ctl retry 1 >/dev/null
	run_split iq-work --drain -j1 -- echo
	assert_ran 0 "a
b" ""
	sound
}

@test "a job that was revived counts from its last end" {
	iq-enqueue --raw a b
	start work iq-work -j1 -n2 -- sh -c 'sleep 60'
	local id
	for id in 1 2; do
		wait_until "[[ \$(iq-list --json $id | jq -r .state) = running ]]"
		iq-ctl cancel --kill "$id" >/dev/null
		wait_until "[[ \$(iq-list --json $id | jq -r .state) = cancelled ]]"
	done
	wait "$work_pid" || :
	age 40
	iq-ctl retry 1 >/dev/null
	run_split iq-db prune
	assert_json .jobs 1
	iq-ctl cancel 1 >/dev/null
	run_split iq-db prune
	assert_json .jobs 0
	run_split iq-list 1
	assert_json .state cancelled
	sound
}

@test "telemetry has a retention of its own" {
	some_history
	local rows='SELECT (SELECT count(*) FROM metric WHERE minute > 0) +
		(SELECT count(*) FROM hist WHERE minute > 0)'
	age 91
	(($(sqlite3 queue.db "$rows") > 20))
	iq-enqueue --raw new
	IQ_SET_TELEMETRY_RETENTION=100d run_split iq-db prune
	assert_status 0
	IQ_SET_TELEMETRY_RETENTION=100d run_split iq-stats --since -100d
	assert_json .intake.enqueued 10
	run_split iq-db prune
	assert_status 0
	run_split iq-stats --since -100d
	assert_json .intake.enqueued 1
	# the total of all times, the new job and how many there were just now
	(($(sqlite3 queue.db "$rows") < 20))
}

@test "keys are remembered as long as their type is to, by each type" {
	iq-enqueue -t a --unique-for 10d --raw x
	iq-enqueue -t b --unique-for 1h --raw x
	iq-work --drain -j1 -- true
	sqlite3 queue.db 'UPDATE seen
		SET created_at = created_at - 86400000000000'
	run_split iq-db prune
	assert_json .keys 1
	run_split iq-enqueue -t a --unique-for 10d -I --raw x
	assert_stdout 1
	run_split iq-enqueue -t b --unique-for 1h -I --raw x
	assert_stdout 3
}

@test "of too much history the oldest goes, whatever its age" {
	local blob
	blob=$(head -c 2000 /dev/zero | tr '\0' x)
	seq 400 | sed "s/\$/$blob/" | iq-enqueue --raw
	iq-work --drain -j2 -- true
	iq-tune set retention_bytes=420K
	run_split iq-db prune
	assert_json '.jobs > 150 and .jobs < 250'
	local gone
	gone=$(jq .jobs <<<"$output")
	assert_equal "$(iq-list --json -s succeeded | head -n 1 | jq .id)" \
		"$((gone + 1))"
	run_split iq-db prune
	assert_json '.jobs < 5'
	sound
}

@test "what is free goes back to the file system" {
	seq 4000 | sed 's/$/ and a name that takes some room/' |
		iq-enqueue --raw
	seq 4000 | iq-ctl cancel >/dev/null
	age 31
	local before
	before=$(stat -c %s queue.db)
	run_split iq-db prune
	assert_json .jobs 4000
	assert_json '.freed_bytes > 300000'
	sqlite3 queue.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	(($(stat -c %s queue.db) < before))
	assert_equal "$(sqlite3 queue.db 'PRAGMA freelist_count')" 0
	sound
}

@test "an interrupted one has done a part, and dies by the signal" {
	seq 3000 | iq-enqueue --raw
	seq 3000 | iq-ctl cancel >/dev/null
	age 31
	# in the turn of one of its chunks
	run_split strace -qq -o trace -e trace=flock \
		-e inject=flock:signal=TERM:when=8 iq-db prune
	assert_ran 143 "" ""
	assert_equal "$(iq-stats | jq '.depth.cancelled |
		0 < . and . < 3000')" true
	sound
	iq-db prune >/dev/null
	assert_equal "$(iq-stats | jq .depth.cancelled)" 0
	sound
}

# ---- workers ----

@test "a worker with nothing to do prunes" {
	seq 3000 | iq-enqueue --raw
	seq 3000 | iq-ctl cancel >/dev/null
	age 31
	start work iq-work -- true
	wait_until '[[ $(iq-stats | jq .depth.cancelled) = 0 ]]'
	stop work
	assert_equal "$status $(<work.err)" "0 "
	assert_equal "$(iq-log --json --kind forget | jq .actor.worker |
		sort -u)" 1
	sound
}

@test "a worker that is busy prunes, too" {
	seq 2000 | iq-enqueue --raw -t old
	seq 2000 | iq-ctl cancel >/dev/null
	age 31
	seq 100000 100400 | iq-enqueue --raw
	make_holder hold
	start work iq-work -j1 -- ./hold
	wait_until '[[ $(iq-stats | jq .depth.cancelled) = 0 ]]'
	assert_equal "$(wc -l <hold.started)" 1
	release_holder hold
	stop work
	sound
}

@test "who only drains does its part before it ends" {
	seq 300 | iq-enqueue --raw
	seq 300 | iq-ctl cancel >/dev/null
	age 31
	run_split iq-work --drain -- true
	assert_ran 0 "" ""
	(($(iq-stats | jq .depth.cancelled) < 300))
	sound
}

@test "many at once, while others work" {
	seq 3000 | iq-enqueue --raw -t old
	seq 3000 | iq-ctl cancel >/dev/null
	age 31
	seq 10000 10300 | iq-enqueue --raw -t new
	local i
	for i in 1 2 3; do
		start "prune$i" iq-db prune
		start "work$i" iq-work -t new -j1 --drain -- true
	done
	seq 20000 20100 | iq-enqueue --raw -t new
	for i in 1 2 3; do
		local -n prune=prune${i}_pid work=work${i}_pid
		wait "$prune"
		wait "$work"
		assert_equal "$(cat "prune$i.err" "work$i.err")" ""
	done
	assert_equal "$(jq -s 'map(.jobs) | add <= 3000' prune?.out)" true
	assert_equal "$(iq-stats | jq -c '.depth | [.succeeded, .cancelled]')" \
		"[402,0]"
	sound
}

@test "it goes in chunks, between which others have their turns" {
	seq 3000 | iq-enqueue --raw
	seq 3000 | iq-ctl cancel >/dev/null
	age 31
	run_split iq-db prune
	assert_json .jobs 3000
	run_split iq-log --json --kind forget
	assert_equal "$(jq -s 'map([.moves[].count] | add) |
		[add, length > 5, max <= 512]' -c <<<"$output")" \
		"[3000,true,true]"
}

@test "more attempts than a chunk looks at" {
	iq-enqueue --raw a b c
	iq-ctl cancel 1 2 3 >/dev/null
	# 2 lives and has failed very often, 3 as often before its end
	iq-ctl retry 2 >/dev/null
	sqlite3 queue.db "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL
			SELECT i + 1 FROM n WHERE i < 1500)
		INSERT INTO history(id, job, attempt, type, state, reason, outcome,
			created_at, finished_at, finish)
		SELECT j << 20 | i, j, i, type, 1, 4, 2, created_at, finished_at, finish
			FROM history JOIN n JOIN (SELECT 2 AS j UNION SELECT 3)
			WHERE job = 3;
		UPDATE history SET id = id + 2000, attempt = attempt + 2000
			WHERE attempt = 1
			AND job = 3"
	age 31
	run_split iq-db prune
	assert_json '[.jobs, .attempts] | tojson' '[2,1501]'
	assert_equal "$(sqlite3 queue.db 'SELECT job, count(*) FROM history
		GROUP BY job')" "2|1499"
}
