#!/usr/bin/env bats
# Several jobs for one run of the handler.

load lib

# states - state, attempts and reason of each job, in the order of their ids
states() {
	iq-list --json -s pending -s running -s succeeded -s quarantined \
		-s cancelled | jq -c '[.id,.state,.attempts,.reason]'
}

# says LINE ... - a handler ./says that says these on descriptor 3 when it has
# several jobs, tells how many and exits with $STATUS
says() {
	printf '%s\n' "$@" >lines
	cat >says <<-'END'
	#!/bin/sh
	echo "$IQ_JOB_IDS"
	test "$#" -lt 2 || { cat lines >&3; exit "$STATUS"; }
	END
	chmod +x says
}

@test "-b: one run has up to N jobs, as its arguments" {
	iq-enqueue --raw a b c d e
	run_split iq-work -j1 -b3 --drain -- sh -c 'echo "$@"' sh
	assert_ran 0 $'a b c\nd e' ""
	iq-enqueue --raw a b c
	run_split iq-work -j1 -b3 --drain -- sh -c 'echo "$@"' sh -x '{}' -y
	assert_ran 0 "-x a b c -y" ""
}

@test "a batch is of one type, and does not wait to be full" {
	iq-enqueue -t x --raw a
	iq-enqueue -t y --raw b c
	iq-enqueue -t x --raw d
	run_split iq-work -j1 -b9 --drain -- sh -c 'echo "$@"' sh '{type}' '{}'
	assert_ran 0 $'x a d\ny b c' ""
}

@test "the setting batch_files is that of the type" {
	iq-enqueue -t x --raw a b
	iq-enqueue -t y --raw c d e
	iq-tune set -t y batch_files=2
	run_split iq-work -t x -j1 --drain -- echo
	assert_ran 0 $'a\nb' ""
	run_split iq-work -t y -j1 --drain -- echo
	assert_ran 0 $'c d\ne' ""
	iq-enqueue -t y --raw c d
	run_split iq-work -t y -b1 -j1 --drain -- echo
	assert_ran 0 $'c\nd' ""
}

@test "words of one job are refused with -b, and overrule the setting" {
	local word
	for word in '{id}' '{key}' '{attempt}' '{event}' '--file={}'; do
		run_split iq-work -b2 -- true "$word"
		assert_status 64
		assert_stderr_like 'iq-work: --batch: COMMAND has words of one job*'
	done
	iq-enqueue --raw a b
	IQ_SET_BATCH_FILES=9 run_split iq-work -j1 --drain -- echo '{id}:{}'
	assert_ran 0 $'1:a\n2:b' ""
}

@test "stored handlers take batches too, but those with words of one job" {
	iq-enqueue -t x --raw a b c
	iq-enqueue -t y --raw d e
	iq-tune set -t x 'handler=["/bin/echo","{type}"]' batch_files=2
	iq-tune set -t y 'handler=["/bin/echo","{id}","{}"]' batch_files=2
	iq-db trust >/dev/null
	run_split iq-work -t x -j1 --drain
	assert_ran 0 $'x a b\nx c' ""
	run_split iq-work -t y -j1 --drain
	assert_ran 0 $'4 d\n5 e' ""
	iq-enqueue -t x --raw a b c
	iq-enqueue -t y --raw d e
	run_split iq-work -t x -j1 -b9 --drain
	assert_ran 0 'x a b c' ""
	run_split iq-work -t y -j1 -b9 --drain
	assert_ran 0 $'9 d\n10 e' ""
}

@test "IQ_JOB_IDS has the ids; what one job has is not set for several" {
	iq-enqueue --raw a b c
	run_split iq-work -j1 -b2 --drain -- sh -c \
		'echo "$IQ_JOB_IDS" "$(env | grep -c ^IQ_JOB_)"'
	assert_ran 0 $'1 2 2\n3 8' ""
}

@test "-b takes 1 to 1024" {
	local n
	for n in 0 1025 x; do
		run_split iq-work -b "$n" -- true
		assert_status 64
	done
}

@test "-n counts jobs" {
	iq-enqueue --raw a b c d e
	run_split iq-work -j2 -b2 -n3 -- sh -c 'echo "$#"' sh
	assert_status 0
	assert_equal "$(sort <<<"$output")" $'1\n2'
	run iq-list -s ready --json
	assert_equal "${#lines[@]}" 2
}

@test "a batch that fails charges nobody: each job is run alone" {
	iq-enqueue --raw good bad fine
	run_split iq-work -j1 -b3 --drain -- sh -c 'echo "$@"
		case $* in *bad*) exit 65;; esac' sh
	assert_status 1
	assert_stdout $'good bad fine\ngood\nbad\nfine'
	run states
	assert_output '[1,"succeeded",0,"succeeded"]
[2,"quarantined",1,"parse_error"]
[3,"succeeded",0,"succeeded"]'
}

@test "a batch that is killed, or says nonsense, charges nobody either" {
	iq-enqueue --raw a b
	run_split iq-work -j1 -b2 --drain -- sh -c 'echo "$@"
		test $# = 1 || kill -KILL $$' sh
	assert_ran 0 $'a b\na\nb' ""
	iq-enqueue --raw a b
	says nonsense
	STATUS=0 run_split iq-work -j1 -b2 --drain -- ./says
	assert_ran 0 $'3 4\n3\n4' ""
}

@test "whom the handler names on descriptor 3 has a fate of its own" {
	iq-enqueue --raw a b c d
	says '{"id":2,"error":"no header"}' '{"id":2,"exit":65}' \
		'{"id":4,"exit":0}'
	STATUS=1 run_split iq-work -j1 -b4 --drain -- ./says
	assert_status 1
	assert_stdout $'1 2 3 4\n1\n3'
	run states
	assert_output '[1,"succeeded",0,"succeeded"]
[2,"quarantined",1,"parse_error"]
[3,"succeeded",0,"succeeded"]
[4,"succeeded",0,"succeeded"]'
	assert_equal "$(iq-list --json 2 | jq -r .error)" "no header"
}

@test "it is recorded before the handler ends" {
	iq-enqueue --raw a b
	make_holder hold
	start work iq-work -j1 -b2 --drain -- sh -c \
		'echo "{\"id\":2,\"exit\":0}" >&3; exec ./hold' sh
	wait_until '[[ $(iq-list --json 2 | jq -r .state) == succeeded ]]'
	assert_equal "$(iq-list --json 1 | jq -r .state)" running
	release_holder hold
	wait "$work_pid"
	assert_equal "$(iq-list --json 1 | jq -r .state)" succeeded
}

@test "those that end one after the other have each a time of its own" {
	iq-enqueue --raw a b c d
	make_holder hold
	start work iq-work -j1 -b4 --drain -- sh -c \
		'echo "{\"id\":1,\"exit\":0}" >&3; ./hold
		printf "{\"id\":%d,\"exit\":0}\n" 2 3 >&3' sh
	wait_until '[[ $(iq-list --json 1 | jq -r .state) == succeeded ]]'
	release_holder hold
	wait "$work_pid"
	run_split sqlite3 "$IQ_QUEUE" 'SELECT count(*) FROM history AS a
		JOIN history AS b ON b.job > a.job
		AND b.started_at < a.finished_at'
	assert_ran 0 0 ""
	run_split sqlite3 "$IQ_QUEUE" 'SELECT count(*) FROM history
		WHERE finished_at >= started_at'
	assert_ran 0 4 ""
}

@test "what is said of a job alone may name it" {
	iq-enqueue --raw a
	run_split iq-work -n1 --json -- sh -c \
		'echo "{\"id\":1,\"exit\":75,\"error\":\"later\"}" >&3'
	assert_status 1
	assert_json '[.exit,.outcome,.error] == [75,"transient","later"]'
}

@test "wrong lines about single jobs fail the batch, uncharged" {
	local line
	for line in '{"id":99,"exit":0}' '{"id":0,"exit":0}' '{"exit":0}' \
			'{"id":1,"exit":256}' '{"id":1,"exit":0,"outcome":"snooze"}' \
			'{"enqueue":{"path":"/x"}}'; do
		rm -f queue.db*
		iq-enqueue --raw a b
		says "$line"
		STATUS=0 run_split iq-work -j1 -b2 --drain -- ./says
		assert_ran 0 $'1 2\n1\n2' ""
	done
}

@test "a second end of a job is nonsense, the first one holds" {
	iq-enqueue --raw a b
	says '{"id":1,"exit":0}' '{"id":1,"exit":65}'
	STATUS=0 run_split iq-work -j1 -b2 --drain -- ./says
	assert_ran 0 $'1 2\n2' ""
}

@test "what is to follow one job of a batch is committed with its success" {
	iq-enqueue --raw a b
	says '{"id":1,"enqueue":{"path":"/one","type":"next"}}' \
		'{"id":2,"enqueue":{"path":"/two","type":"next"}}' \
		'{"id":1,"exit":0}' '{"id":2,"exit":65}'
	STATUS=0 run_split iq-work -t default -j1 -b2 --drain -- ./says
	assert_status 1
	assert_equal "$(iq-list --json -t next | jq -r .path)" /one
}

@test "what all jobs are told is when to come again" {
	iq-enqueue --raw a b
	says '{"retry_after_seconds":3600}'
	STATUS=75 run_split iq-work -j1 -b2 --drain --json -- ./says
	assert_equal "$(jq -c '[.id,.outcome,.attempts]' <<<"$output")" \
		$'[1,"rate_limited",0]\n[2,"rate_limited",0]'
}

@test "a batch may take the timeouts of its jobs in sum" {
	iq-enqueue --raw a b
	run_split iq-work -j1 -b2 --drain --timeout 300ms --json -- \
		sh -c 'test $# = 1 || exec sleep 60' sh
	assert_equal "$(jq -c '[.id,.reason,.attempts]' <<<"$output")" \
		'[1,"timeout",0]
[2,"timeout",0]
[1,"succeeded",0]
[2,"succeeded",0]'
	assert_equal "$(jq -s '.[0].duration_seconds >= 0.6' <<<"$output")" true
}

@test "cancel --kill of one ends the run; the others go back uncharged" {
	iq-enqueue --raw a b c
	make_holder hold
	start work iq-work -j1 -b3 --drain -- sh -c \
		'test $# != 3 || exec ./hold' sh
	wait_until '[[ -s hold.started ]]'
	iq-ctl cancel --kill 2
	wait "$work_pid" || :
	run states
	assert_output '[1,"succeeded",0,"succeeded"]
[2,"cancelled",0,"operator"]
[3,"succeeded",0,"succeeded"]'
}

@test "release of one ends the run, and nobody is charged" {
	iq-enqueue --raw a b
	make_holder hold
	start work iq-work -j1 -b2 --json -n2 -- ./hold
	wait_until '[[ -s hold.started ]]'
	iq-ctl release 1
	wait "$work_pid" || :
	assert_equal "$(jq -c '[.id,.outcome,.state,.attempts]' work.out)" \
		'[1,"released","pending",0]
[2,"released","pending",0]'
}

@test "a stop at once gives the whole batch back" {
	iq-enqueue --raw a b
	make_holder hold
	start work iq-work -j1 -b2 -- ./hold
	wait_until '[[ -s hold.started ]]'
	kill "$work_pid"
	wait_until 'grep -q stopping work.err'
	stop work
	assert_equal "$status" 0
	assert_equal "$(iq-list --json | jq -c '[.state,.attempts]')" \
		$'["pending",0]\n["pending",0]'
}

@test "the worker killed: its batch is charged to nobody, each is run alone" {
	iq-enqueue --raw a b
	make_holder hold
	start first iq-work -b2 -- ./hold
	wait_until '[[ -s hold.started ]]'
	kill -KILL "$(pgrep -P "$first_pid")"
	wait "$first_pid" || :
	run_split iq-work -j1 -b2 --drain -- echo
	assert_status 0
	assert_stdout $'a\nb'
	assert_equal "$(iq-list --json -s succeeded | jq -c .attempts)" $'0\n0'
}

@test "leftovers of a batch are ended, its outcome stays" {
	needs_linux "process groups only are seen"
	iq-enqueue --raw a b
	run_split iq-work -j1 -b2 --drain --json -- sh -c \
		'(setsid sleep 987653 &); exit 0'
	assert_status 0
	assert_equal "$(jq -c .state <<<"$output")" $'"succeeded"\n"succeeded"'
	run pgrep -f 'sleep 987653'
	assert_output ""
}

@test "paths that are too many for a process are given to several" {
	local long
	long=$(printf '%01000d' 0)
	for i in {1..300}; do echo "$long$i"; done | iq-enqueue --raw --batch 300
	# what the system gives a process depends on its stack
	ulimit -s 256
	run_split iq-work -j1 -b300 --drain --json -- true
	assert_status 0
	assert_equal "$(jq -s 'length' <<<"$output")" 300
	assert_equal "$(jq -s 'map(.started_at) | unique | length > 1' \
		<<<"$output")" true
	assert_equal "$(jq -s 'map(.attempt) | max' <<<"$output")" 1
}

@test "a job that is too long by itself is quarantined, its company is not" {
	# jq and printf have it on stdin: no argument is that long
	{ echo a; printf '%0200000d\n' 0; echo b; } | iq-enqueue --raw
	run_split iq-work -j1 -b3 --drain -- true
	assert_status 1
	run states
	assert_output '[1,"succeeded",0,"succeeded"]
[2,"quarantined",1,"connector_error"]
[3,"succeeded",0,"succeeded"]'
}

@test "what was used is divided, output is printed once" {
	iq-enqueue --raw a b
	run_split iq-work -j1 -b2 --drain --output inherit --results r -- true
	assert_status 64
	run_split iq-work -j1 -b2 --drain --json -- sh -c \
		'head -c 1000000 /dev/zero >file; echo printed >&2'
	assert_status 0
	assert_stderr printed
	run jq -s '(.[0].written_bytes == .[1].written_bytes) and
		(.[0].written_bytes >= 500000) and
		(.[0].written_bytes < 600000)' <<<"$output"
	assert_output true
}

@test "--results: the jobs of a batch share their files" {
	iq-enqueue --raw a b
	says '{"id":2,"exit":65}'
	STATUS=0 run_split iq-work -j1 -b2 --drain --results r -- ./says
	assert_status 1
	assert_equal "$(cat r/1/1/stdout r/1/1/exit r/2/1/stdout r/2/1/exit)" \
		$'1 2\n0\n1 2\n65'
}

@test "a job that was given alone gets nothing added" {
	iq-enqueue --raw a b
	run_split iq-work -j1 -b2 -n2 -- false
	iq-enqueue --raw c
	run_split iq-work -j1 -b9 --drain -- echo
	assert_ran 0 $'a\nb\nc' ""
}

@test "--stdin gives a batch what all of its jobs say" {
	iq-enqueue --raw a b
	run_split iq-work -j1 -b2 --drain --stdin paths -- sh -c 'cat; echo "$#"' sh
	assert_ran 0 $'a\nb\n0' ""
	iq-enqueue --raw c $'d\ne' f
	run_split iq-work -j1 -b3 --drain --stdin paths -- cat
	assert_status 1
	assert_stdout $'c\nf'
	assert_equal "$(iq-list --json -s quarantined | jq -c '[.id,.reason]')" \
		'[4,"parse_error"]'
	iq-enqueue --raw g h
	run_split iq-work -j1 -b2 --drain --stdin json -- sh -c 'jq -r .path' sh
	assert_ran 0 $'g\nh' ""
}

@test "--then and --joblog: each job of a batch has its own" {
	iq-enqueue -t x --raw a b
	run_split iq-work -t x -j1 -b2 --drain --then next --joblog log -- true
	assert_ran 0 "" ""
	assert_equal "$(iq-list --json -t next | jq -r .path)" $'a\nb'
	assert_equal "$(cut -f 1,7,9 log)" \
		$'Seq\tExitval\tCommand\n1\t0\ttrue a b\n2\t0\ttrue a b'
}

# shares [FILTER] - of one run of a handler, that took $ns: for how many jobs it
# counts, and what their run times come to, in hundredths of the run's
shares() {
	local took
	took=$(sqlite3 queue.db 'SELECT max(finished_at) - min(started_at)
		FROM history')
	iq-stats | jq -c --argjson ns "$took" '[.duration_seconds.count,
		(.duration_seconds | .mean * .count / $ns * 1e11 | round)]
		'"${1-}"
}

loop='i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done'

@test "a batch runs once: its time is divided as what it uses is" {
	iq-enqueue --raw 1 2 3 4 5
	iq-work -j1 -b5 --drain -- sh -c "$loop"
	run shares '+ [(.cpu_seconds | .mean * .count / $ns * 1e11) as $busy |
		.types[0].average.cpu_percent - $busy | fabs < 0.06]'
	assert_output '[5,100,true]'
	# the operator has waited for all of it, for each
	run jq -sc 'map(.duration_seconds) | length, unique == [max]' \
		<(iq-list -s succeeded)
	assert_output $'5\ntrue'
	run jq -sc 'unique_by(.cpu_percent)[] | .cpu_seconds * 500 /
		.duration_seconds - .cpu_percent | fabs < 0.06' \
		<(iq-list -s succeeded)
	assert_output true
}

@test "those of a batch that end early leave their part of its time" {
	iq-enqueue --raw 1 2 3 4
	iq-work -j1 -b4 --drain -- sh -c "$loop
		echo '{\"id\":2,\"exit\":0}' >&3; $loop; $loop"
	run shares
	assert_output '[4,100]'
}
