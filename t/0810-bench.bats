#!/usr/bin/env bats
# The yardsticks of t/perf: that they measure what they say.  The figures are
# made by `make bench`.

load lib

setup() {
	iq_setup
	PATH=$IQ_BUILD/perf:$PATH
}

# rows FILE - all jobs, without the times
rows() {
	sqlite3 "$1" "SELECT id, type, lane, state, quote(key), path, no_path,
		event, run_at, eligible_at = created_at, older, size_bytes,
		mtime, max_attempts, timeout, parent_failure, \"group\",
		payload, attempt, attempts, crashes FROM job ORDER BY id"
}

@test "spawn prints five numbers for each command" {
	run_split spawn -n 3 true "{}" : sh -c 'test -n "$1"' sh "{}"
	assert_status 0
	assert_equal "${#lines[@]}" 2
	assert_equal "$(awk 'NF == 5 && $2 <= $1 && $1 <= $3' <<<"$output" |
		wc -l)" 2
}

@test "spawn ends when a command fails" {
	run_split spawn -n 3 true : false
	assert_ran 1 "" "spawn: false failed (wait status 0x100)"
}

@test "bare inserts the rows that iq-enqueue -0 inserts" {
	local i
	for i in {1..300}; do
		printf '/srv/in/%d\0' $((i * 7919 % 1000))
	done >paths
	iq-enqueue -0 <paths
	IQ_QUEUE=$PWD/bare.db iq-enqueue </dev/null
	bare bare.db <paths
	run diff <(rows queue.db) <(rows bare.db)
	assert_success
	assert_equal "$(rows bare.db | wc -l)" 300
}

@test "feed waits for the acknowledgement of each record" {
	run_split feed -w 3 -n 5 iq-enqueue --batch 1 --ack
	assert_status 0
	assert_equal "$(sqlite3 queue.db 'SELECT count(*), count(DISTINCT
		created_at) > 5 FROM job')" "15|1"
}

@test "feed ends when a writer fails" {
	run_split feed -w 2 -n 5 false
	assert_status 74
	assert_stderr_like "feed: process * gave no answer"
}

@test "commits inserts all that it was asked to" {
	run_split commits -w 3 -n 5 other.db
	assert_status 0
	assert_equal "$(sqlite3 other.db 'SELECT count(*) FROM queue')" 15
}

@test "latency ends when the handler has begun each time" {
	iq-enqueue </dev/null
	start worker iq-work -- stamp "$PWD/fifo"
	run_split latency -n 3 -p 1000 "$PWD/fifo" iq-enqueue "{}"
	assert_status 0
	assert_equal "$(awk 'NF == 4 && $1 > 0' <<<"$output" | wc -l)" 1
	stop worker
}

@test "lifetime makes a queue with a past" {
	lifetime queue.db 2000 29d 2h 3 100
	lifetime queue.db 500 2h 0 3 50
	run iq-db check
	assert_success
	run_split iq-stats --json --since -30d
	assert_json '[.intake.enqueued, .outcomes.succeeded + .outcomes.failed,
		.duration_seconds.count, .window_seconds > 2400000] | tojson' \
		'[2500,2500,2500,true]'
	run_split iq-stats --json --since -90m
	assert_json '.intake.enqueued > 300 and .intake.enqueued < 500' true
}

@test "bareturn ends the jobs of a type, and claim those of another" {
	seq 100 | iq-enqueue -t bare
	seq 100 | iq-enqueue -t mine
	run_split bareturn queue.db bare 9 10
	assert_status 0
	[[ $output =~ ^[0-9.]+$ ]]
	run_split claim queue.db mine 9 10
	assert_status 0
	run sqlite3 queue.db 'SELECT count(*), sum(lane IS NOT NULL),
		sum(path IS NULL AND key IS NULL) FROM history GROUP BY type'
	assert_output $'90|90|0\n90|90|0'
	run sqlite3 queue.db 'SELECT count(*), min(state), max(state) FROM job
		GROUP BY type'
	assert_output $'10|1|1\n10|1|1'
	run_split bareturn queue.db bare 2 10
	assert_ran 1 "" "bareturn: not enough to take"
}

@test "answer says what it is told to" {
	run_split answer < <(seq 3)
	assert_ran 0 $'0\n0\n0' ""
	run_split answer 65 < <(seq 2)
	assert_ran 0 $'65\n65' ""
}

@test "beanrun runs what beanput puts" {
	local port=$((20000 + RANDOM % 10000))
	command -v beanstalkd >/dev/null || skip "no beanstalkd"
	start server beanstalkd -l 127.0.0.1 -p "$port"
	wait_until ": 2>/dev/null >/dev/tcp/127.0.0.1/$port"
	start runner beanrun "$port" sh -c 'echo "$1" >>ran' sh
	run_split beanput "$port" "/srv/in/one file"
	assert_ran 0 "" ""
	printf '/b\0/c\0' | beanput "$port"
	wait_until '[[ $(cat ran) == $'"'/srv/in/one file\\n/b\\n/c'"' ]]'
	stop runner
	stop server
}

@test "claim runs jobs through the queue" {
	seq 10 | iq-enqueue -t mine
	seq 5 | iq-enqueue -t other
	run_split claim queue.db mine 10
	assert_status 0
	run iq-db check
	assert_success
	assert_equal "$(iq-list --json | jq -r .type | sort | uniq -c |
		tr -s ' ')" " 5 other"
}
