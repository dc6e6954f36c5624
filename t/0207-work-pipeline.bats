#!/usr/bin/env bats
# What a worker stands between: what handlers read, the job log, and the type
# that gets what has succeeded.

load lib

# ---- --stdin ----

@test "--stdin none is /dev/null" {
	iq-enqueue -t t --payload '{"a":1}' a
	run_split iq-work -t t --drain --stdin none -- \
		sh -c 'wc -c; readlink /proc/self/fd/0'
	assert_ran 0 $'0\n/dev/null' ""
}

@test "--stdin payload is the payload, as it was given, and a newline" {
	iq-enqueue -t t --payload '{"n": 1.50, "s": "a\u0041"}' a
	iq-enqueue -t t b
	run_split iq-work -t t -j1 --drain --stdin payload -- \
		sh -c 'sed "s/$/./"; echo "$1"' sh
	assert_ran 0 "{\"n\":1.50,\"s\":\"a\\u0041\"}.
$PWD/a
$PWD/b" ""
}

@test "--stdin payload: one that is too long for the environment" {
	{
		printf '"'
		head -c 1000000 /dev/zero | tr '\0' x
		printf '"'
	} >payload
	jq -c '{path: "/a", type: "t", payload: .}' payload | iq-enqueue -J
	run_split iq-work -t t --drain --stdin payload -- \
		sh -c 'cat >got; echo "${IQ_JOB_PAYLOAD-unset}"'
	assert_ran 0 unset ""
	echo >>payload
	cmp payload got
}

@test "--stdin json is the job, as an object" {
	iq-enqueue -t t -p high -k K --payload '{"a": 1}' $'b\nc'
	run_split iq-work -t t --drain --stdin json -- sh -c cat
	assert_status 0
	assert_json 'del(.created_at) | tojson' "$(jq -nc --arg p "$PWD/b
c" '{id: 1, type: "t", path: $p, event: null, key: "K", priority: 2,
		attempt: 1, attempts: 0, payload: {a: 1}}')"
	iq-enqueue -t t --raw $'\377'
	run_split iq-work -t t --drain --stdin json -- sh -c cat
	assert_json '.path_base64, .key_base64' $'/w==\n/w=='
}

@test "--stdin paths: a path a line, and none as an argument" {
	iq-enqueue -t t a
	iq-enqueue -t t -k K --payload 1 --raw ''  || :
	printf '%s\n' '{"type":"t","payload":1}' | iq-enqueue -J
	run_split iq-work -t t -j1 --drain --stdin paths -- sh -c 'cat; echo $#' sh
	assert_ran 0 "$PWD/a"$'\n0\n0' ""
	iq-enqueue -t t b
	run_split iq-work -t t --drain --stdin paths -- sh -c 'cat; echo "$1"' sh '<{}>'
	assert_ran 0 "$PWD/b"$'\n'"<$PWD/b>" ""
}

@test "--stdin paths: a path with a newline is quarantined" {
	iq-enqueue -t t --raw $'a\nb' c
	run_split iq-work -t t -j1 --drain --json --stdin paths -- cat
	assert_status 1
	assert_json '[.id, .state, .reason, .exit, .error] | @csv' "\
1,\"quarantined\",\"parse_error\",65,\"its path holds a newline, and --stdin paths gives one a line\"
2,\"succeeded\",\"succeeded\",0,"
}

@test "--stdin: a handler need not read it" {
	jq -nc '{path: "/a", type: "t", payload: ("x" * 1000000)}' | iq-enqueue -J
	run_split iq-work -t t --drain --stdin payload -- true
	assert_ran 0 "" ""
}

@test "--stdin takes known words only" {
	run_split iq-work --stdin path -- true
	assert_status 64
	assert_stderr_like "iq-work: --stdin: path is not none, payload, json or paths*"
}

# ---- --joblog ----

# A line's columns that do not depend on the time
columns() {
	awk -F '\t' -v OFS='|' '{ print $1, $2, $5, $6, $7, $8, $9 }' "$@"
}

@test "--joblog: GNU parallel's columns, a line per attempt" {
	iq-enqueue -t t --raw a "b c" "d'e"
	cat >h <<-'END'
	#!/bin/sh
	printf abc
	case $IQ_JOB_ID$IQ_JOB_ATTEMPT in
	11) exit 75 ;;
	2*) kill -KILL $$ ;;
	esac
	END
	chmod +x h
	IQ_SET_RETRY_STRATEGY=immediate run_split iq-work -t t -j1 --drain \
		--joblog log -- ./h
	run_split columns log
	assert_stdout "\
Seq|Host|Send|Receive|Exitval|Signal|Command
1|:|0|3|75|0|./h a
1|:|0|3|0|0|./h a
2|:|0|3|0|9|./h 'b c'
2|:|0|3|0|9|./h 'b c'
2|:|0|3|0|9|./h 'b c'
3|:|0|3|0|0|./h 'd'\\''e'"
	head -n 2 log | grep -P '^1\t:\t[0-9]{10}\.[0-9]{3}\t {5}0\.[0-9]{3}\t0\t3\t75\t0\t./h'
}

@test "--joblog: GNU parallel reads it" {
	iq-enqueue -t t --raw a b c
	iq-work -t t -j1 --drain --joblog log -- sh -c 'test "$1" != b' sh || :
	run_split parallel --will-cite -k --resume-failed --joblog log echo ::: a b c
	assert_stdout b
}

@test "--joblog is appended to, and has its head once" {
	local i
	for i in 1 2 3 4; do
		seq "$((i * 10))" "$((i * 10 + 9))" | iq-enqueue -t "t$i" --raw
		start "worker$i" iq-work -t "t$i" -j2 --drain --joblog log -- true
	done
	for i in 1 2 3 4; do
		local pid=worker${i}_pid
		wait "${!pid}"
	done
	assert_equal "$(grep -c ^Seq log)" 1
	assert_equal "$(grep -cP '^[0-9]+\t:\t[0-9.]+\t +[0-9.]+\t0\t0\t0\t0\ttrue [0-9]+$' log)" 40
	iq-enqueue -t t1 --raw last
	iq-work -t t1 --drain --joblog log -- true
	assert_equal "$(wc -l <log)" 42
}

@test "--joblog has a line as soon as a job has ended" {
	make_holder hold
	iq-enqueue -t t --raw a b
	start worker iq-work -t t -j2 --joblog log -- sh -c '[ "$1" = a ] || ./hold' sh
	wait_until 'grep -q "^1" log'
	release_holder hold
	wait_until 'grep -q "^2" log'
	stop worker
}

@test "--joblog: a file that cannot be opened is 73" {
	iq-enqueue -t t --raw a
	run_split iq-work -t t --drain --joblog nowhere/log -- true
	assert_ran 73 "" "iq-work: --joblog: open nowhere/log: No such file or directory"
	run_split iq-work -t t --drain --joblog /dev/full -- true
	assert_ran 73 "" "iq-work: --joblog: open /dev/full: No space left on device"
	run_split iq-list -s ready
	assert_json .id 1
}

@test "--joblog: when it cannot be written any more the worker stops with 74" {
	iq-enqueue -t t --raw a b
	mkfifo log
	(head -n 1 <log; : >gone) &
	run_split iq-work -t t -j1 --drain --joblog log -- \
		sh -c 'until [ -e gone ]; do :; done'
	wait $!
	assert_ran 74 "" "iq-work: write the job log: Broken pipe: stopping"
	run_split iq-list
	assert_json '[.id, .state] | @csv' '2,"pending"'
}

# ---- --then ----

@test "--then: what has succeeded goes on, as it was" {
	iq-enqueue -t one -p high -k K --payload '{"a": 1}' a
	iq-enqueue -t one b
	printf '%s\n' '{"type":"one","path":"/c","event":"modified"}' | iq-enqueue -J
	run_split iq-work -t one -j1 --drain --then two -- sh -c 'test "$1" != "$PWD/b"' sh
	assert_status 1
	run_split iq-list -t two
	assert_json '[.type, .path, .key, .priority, .event, (.payload | tojson)] | @csv' "\
\"two\",\"$PWD/a\",\"K\",2,,\"{\"\"a\"\":1}\"
\"two\",\"/c\",\"/c\",3,\"modified\",\"null\""
}

@test "--then: what has no key goes on without one" {
	iq-enqueue --no-key -t a --payload '{"a":1}' /x
	iq-enqueue --on-duplicate allow -t a --payload '{"a":2}' /x
	run_split iq-work -t a -j1 --drain --then b -- true
	assert_ran 0 "" ""
	run jq -sc 'map([.path, .key, .payload.a])' <(iq-list -t b)
	assert_output '[["/x",null,1],["/x",null,2]]'
}

@test "--then: and what the handler enqueues itself" {
	iq-enqueue -t one a
	iq-work -t one --drain --then two -- sh -c \
		'echo "{\"enqueue\":{\"path\":\"/x\",\"type\":\"three\"}}" >&3' sh
	run_split iq-list
	assert_json '[.type, .path] | @csv' "\"three\",\"/x\"
\"two\",\"$PWD/a\""
}

@test "--then: stages of a pipeline, each a worker" {
	iq-enqueue -t one a b c
	iq-work -t one --drain --then two -- true
	iq-work -t two --drain --then three -- true
	run_split iq-work -t three --drain -- sh -c 'echo "${1##*/}"' sh
	assert_status 0
	assert_equal "$(sort <<<"$output" | paste -sd ' ')" "a b c"
}

@test "--then: a type that it serves itself would never end" {
	local args
	for args in "--then notes" "-t notes --then notes" "-t notes --then notes/x"; do
		# shellcheck disable=SC2086
		run_split iq-work $args -- true
		assert_status 64
		assert_stderr_like "iq-work: --then notes*: this worker serves that type as well*"
	done
	run_split iq-work --then No -t x -- true
	assert_status 64
}
