#!/usr/bin/env bats
# What a handler says on its descriptor 3.

load lib

# says LINE ... - a handler ./says that says these and exits with $IQ_JOB_KEY,
# or with 0 when that is no number
says() {
	printf '%s\n' "$@" >lines
	cat >says <<-END
	#!/bin/sh
	cat '$PWD/lines' >&3
	case \$IQ_JOB_KEY in
	[0-9]*) exit "\$IQ_JOB_KEY" ;;
	esac
	END
	chmod +x says
}

# work - runs what is ready of type t once; one result object a line
work() {
	run_split iq-work -t t -j1 --drain --json -- "${@:-./says}"
}

@test "descriptor 3 is a pipe, and IQ_RESULT_FD says so" {
	iq-enqueue a
	run_split iq-work -n1 -- sh -c 'test -p /dev/fd/3 && echo "$IQ_RESULT_FD"'
	assert_ran 0 3 ""
}

@test "one that closes it has said nothing" {
	iq-enqueue a
	run_split iq-work --drain -- sh -c 'exec 3>&-; echo closed'
	assert_ran 0 closed ""
}

@test "a handler inside a handler has one of its own" {
	iq-enqueue -t outer a
	iq-enqueue -t inner b
	run_split iq-work -t outer --drain --json -- \
		iq-work -t inner --drain --output discard -- \
		sh -c 'echo "{\"bytes\":5}" >&3'
	assert_ran 0 "$output" ""
	assert_json '[.id, .state, .size_bytes] | @csv' '1,"succeeded",'
}

@test "handlers that run at once do not see each other's" {
	make_holder hold
	iq-enqueue -t held a
	start held iq-work -t held --drain -- ./hold
	iq-enqueue b c
	wait_until '[[ -s hold.started ]]'
	run_split iq-work -j2 -t default --drain -- sh -c 'ls /proc/$$/fd; :'
	assert_ran 0 $'0\n1\n2\n3\n60\n0\n1\n2\n3\n60' ""
	release_holder hold
	wait "$held_pid"
}

@test "error is the error, instead of what was printed" {
	says '{"error":"the box is locked"}'
	iq-enqueue -t t -k 1 --raw a
	work sh -c 'echo noise >&2; exec ./says'
	assert_json .error "the box is locked"
	run_split iq-list 1
	assert_json .error "the box is locked"
	run_split iq-list --output 1
	assert_json .stderr noise
}

@test "a very long error is cut" {
	says "{\"error\":\"$(printf '%05000d' 0)\"}"
	iq-enqueue -t t -k 1 --raw a
	work
	assert_json '.error | length' 4096
}

@test "bytes is what was done, whatever the size of the file" {
	says '{"bytes":100}' '{"bytes":1048576}'
	printf abc >a
	iq-enqueue -t t a
	work
	assert_json .size_bytes 1048576
	run_split iq-stats -t t
	assert_json .throughput.files_per_second "$(jq .throughput.jobs_per_second <<<"$output")"
	assert_json '.throughput.bytes_per_second > 0'
}

@test "retry_after_seconds: at that time, uncharged, whatever the status" {
	local status
	says '{"retry_after_seconds":600}'
	for status in 0 1 65; do
		iq-enqueue -t t -k "$status" --raw "$status"
	done
	work
	assert_status 1
	assert_json '[.state, .outcome, .reason, .attempts, .exit,
		((.next_run_at | .[0:19] + "Z" | fromdate) -
		(.finished_at | .[0:19] + "Z" | fromdate) | . >= 599 and
		. <= 601)] | @csv' \
		'"pending","rate_limited","rate_limited",0,0,true
"pending","rate_limited","rate_limited",0,1,true
"pending","rate_limited","rate_limited",0,65,true'
}

@test "retry_after_seconds: longer than time lasts is never, not at once" {
	iq-enqueue a
	run_split iq-work -n1 -- sh -c \
		"echo '{\"retry_after_seconds\":9000000000}' >&3; exit 75"
	run iq-list --json
	assert_json '.state == "pending" and .run_at >= "2262"'
}

@test "outcome: which kind of failure it was" {
	local kind
	for kind in transient rate_limited permanent snooze; do
		says "{\"outcome\":\"$kind\"}"
		iq-enqueue -t t -k 1 --raw "$kind"
		work
		jq -r '[.outcome, .state, .reason, .attempts] | @csv' \
			<<<"$output"
		iq-enqueue -t t -k 65 --raw "$kind"
		work
		jq -r '[.outcome, .state, .reason, .attempts] | @csv' \
			<<<"$output"
		iq-list -t t | jq .id | iq-ctl quarantine >/dev/null || :
	done >have
	run diff - have <<-'END'
	"transient","pending","transient",1
	"transient","pending","transient",1
	"rate_limited","pending","rate_limited",0
	"rate_limited","pending","rate_limited",0
	"permanent","quarantined","connector_error",1
	"permanent","quarantined","parse_error",1
	"snooze","pending","snoozed",0
	"snooze","pending","snoozed",0
	END
	assert_success
}

@test "outcome: without a time, the delays of the settings" {
	says '{"outcome":"rate_limited"}'
	iq-tune set rate_limit_delay=1h retry_base=5m retry_jitter=0
	iq-enqueue -t t -k 1 --raw a
	work
	iq-list --why 1 >why
	assert_json '(.next_run_at | .[0:19] + "Z" | fromdate) -
		(.finished_at | .[0:19] + "Z" | fromdate) | . / 60 | round' 60
	grep -q 'rate_limited; 0 of 3' why
	says '{"outcome":"snooze"}'
	iq-enqueue -t t -k 2 --raw b
	work
	assert_json '(.next_run_at | .[0:19] + "Z" | fromdate) -
		(.finished_at | .[0:19] + "Z" | fromdate) | . / 60 | round' 5
}

@test "outcome: with a time" {
	local kind
	for kind in transient rate_limited snooze; do
		says "{\"outcome\":\"$kind\",\"retry_after_seconds\":7200}"
		iq-enqueue -t t -k 1 --raw "$kind"
		work
		assert_json '(.next_run_at | .[0:19] + "Z" | fromdate) -
			(.finished_at | .[0:19] + "Z" | fromdate) |
			. / 3600 | round' 2
		iq-list -t t | jq .id | iq-ctl cancel >/dev/null
	done
}

@test "outcome: what is put off is never given up" {
	says '{"outcome":"snooze","retry_after_seconds":0}'
	iq-enqueue -t t -k 1 --raw --max-attempts 1 a
	run_split iq-work -t t -n 5 --json -- ./says
	assert_status 1
	assert_json '[.attempt, .state, .attempts] | @csv' \
		$'1,"pending",0\n2,"pending",0\n3,"pending",0\n4,"pending",0\n5,"pending",0'
}

@test "outcome: with exit 0 it is no success" {
	says '{"outcome":"permanent"}'
	iq-enqueue -t t --raw a
	work
	assert_json '[.state, .outcome, .error] | @tsv' "pending	unknown	\
descriptor 3, line 1: there is an outcome, which is for failures, and the \
exit status is 0"
}

@test "a timeout is one, whatever was said; the error counts" {
	make_holder hold
	iq-enqueue -t t --raw --timeout 50ms a
	work sh -c 'echo "{\"error\":\"slow\",\"outcome\":\"permanent\"}" >&3
		exec ./hold'
	assert_json '[.outcome, .reason, .error] | @csv' \
		'"transient","timeout","slow"'
}

@test "what makes no sense fails the attempt, and is named" {
	local line
	iq-tune set -t t max_attempts=1
	while IFS= read -r line; do
		says '{"bytes":1}' "$line" '{"bytes":2}'
		iq-enqueue -t t --raw "$line"
		work
		assert_status 1
		jq -r '[.outcome, .reason, .size_bytes, .error] | @csv' \
			<<<"$output"
	done <<-'END' >have
	hello
	{"progres":1}
	{"progress":2}
	{"enqueue":{"path":"/a","type":"No"}}
	{"error":"
	END
	run diff - have <<-'END'
	"unknown","max_attempts",,"descriptor 3, line 2: not JSON: '[' or '{' expected near 'hello' (byte 5)"
	"unknown","max_attempts",,"descriptor 3, line 2: field ""progres"": unknown"
	"unknown","max_attempts",,"descriptor 3, line 2: progress: not a number from 0 to 1"
	"unknown","max_attempts",,"descriptor 3, line 2: enqueue: type: type ""No"": each part starts with a-z or 0-9"
	"unknown","max_attempts",,"descriptor 3, line 2: not JSON: premature end of input near '""' (byte 10)"
	END
	assert_success
}

@test "bytes that are no text are refused" {
	local bytes
	for bytes in '\377' '{"bytes":1\0}' '\0' '\303('; do
		iq-enqueue -t t --raw "$bytes"
		work printf "$bytes\\n"
		assert_json .state succeeded
		iq-enqueue -t t --raw "$bytes"
		work sh -c "printf '$bytes\\n' >&3"
		assert_json .outcome unknown
		iq-list -t t | jq .id | iq-ctl cancel >/dev/null
	done
}

@test "a line that its handler could not finish is passed over" {
	iq-enqueue -t t --raw a b c
	work sh -c 'echo "{\"error\":\"said\"}" >&3; printf "{\"byt" >&3
		case $IQ_JOB_ID in 1) exit 75;; 2) kill -KILL $$;; esac'
	assert_json '[.outcome, .exit, .error] | @tsv' "transient	75	said
unknown	-9	said
unknown	0	descriptor 3, line 2: not JSON: premature end of input near \
'\"byt' (byte 5)"
}

@test "a gigabyte of nonsense is read away, and not kept" {
	iq-enqueue -t t --raw a b
	ulimit -v 400000
	work sh -c 'case $IQ_JOB_ID in
		1) head -c 1G /dev/zero >&3 ;;
		2) yes "{\"progress\":0.5}" | head -n 300000 >&3 ;;
		esac'
	assert_json '[.outcome, .error] | @tsv' "unknown	descriptor 3, line 1: longer than 8 MiB
success	"
}

@test "a process that it left behind says more, and is waited for" {
	iq-tune set -t t leftovers=wait
	iq-enqueue -t t --raw a
	mkfifo gate
	start worker iq-work -t t --drain --json -- sh -c \
		'(read -r _ <gate; echo "{\"bytes\":7}" >&3) & :'
	wait_until '[[ $(iq-list -s running | wc -l) == 1 ]]'
	echo >gate
	wait "$worker_pid"
	output=$(<worker.out)
	assert_json .size_bytes 7
}

@test "a process that it left behind is ended, and what it said by then counts" {
	iq-enqueue -t t --raw a
	run_split iq-work -t t --drain --json --grace 10s -- bash -c \
		'(trap "echo {\\\"bytes\\\":8} >&3; exit" TERM
		echo >&3 "{\"bytes\":7}"; : >ready; while :; do read -rt 1 <> <(:) || :; done) &
		until [[ -e ready ]]; do :; done'
	assert_json .size_bytes 8
}

# ---- progress ----

@test "progress is in the list while the job runs" {
	make_holder hold
	iq-enqueue -t t --raw a b
	start worker iq-work -t t -j2 --drain -- sh -c \
		'[ "$IQ_JOB_ID" = 2 ] || echo "{\"progress\":0.25}" >&3; exec ./hold'
	wait_until '[[ $(iq-list 1 | jq .progress) == 0.25 ]]'
	run_split iq-list --sort progress
	assert_json '[.id, .progress] | @csv' $'1,0.25\n2,'
	release_holder hold
	wait "$worker_pid"
	run_split iq-list 1
	assert_json '[.state, .progress] | @csv' '"succeeded",'
}

@test "progress of an attempt is not that of the next one" {
	make_holder hold
	iq-enqueue -t t --raw a
	IQ_SET_RETRY_STRATEGY=immediate start worker iq-work -t t --drain -- \
		sh -c '[ "$IQ_JOB_ATTEMPT" = 2 ] || echo "{\"progress\":1}" >&3
		./hold; exit 75'
	wait_until '[[ $(iq-list 1 | jq .progress) == 1 ]]'
	iq-ctl release 1 >/dev/null
	wait_until '[[ $(iq-list 1 | jq .attempt) == 2 ]]'
	run_split iq-list 1
	assert_json '[.state, .progress] | @csv' '"running",'
	release_holder hold
	wait "$worker_pid" || :
}

@test "what runs when an older queue is upgraded has no progress" {
	old_queue
	iq-db init >/dev/null
	run_split iq-list -s running
	assert_json .progress null
	assert_json .id 8
}

# ---- enqueue ----

@test "enqueue: with its success, and as its own job is" {
	says '{"enqueue":{"path":"b//c"}}' \
		'{"enqueue":{"path":"/x","type":"new/one","priority":"low","key":"K","payload":{"n": 1.50},"delay_seconds":60}}'
	iq-enqueue -t t -p high a
	run_split iq-work -t t -n1 -- ./says
	assert_ran 0 "" ""
	run_split iq-list
	assert_json '[.id, .type, .path, .key, .state, .priority,
		(.payload | tojson), .run_at == null] | @csv' "\
2,\"t\",\"$PWD/b/c\",\"$PWD/b/c\",\"pending\",2,\"null\",true
3,\"new/one\",\"/x\",\"K\",\"pending\",4,\"{\"\"n\"\":1.5}\",false"
}

@test "enqueue: not when it fails, in whatever way" {
	says '{"enqueue":{"path":"/x","type":"next"}}'
	iq-tune set -t t max_attempts=1
	iq-enqueue -t t -k 1 --raw a
	iq-enqueue -t t -k 75 --raw b
	work
	assert_status 1
	says '{"enqueue":{"path":"/x","type":"next"}}' '{"retry_after_seconds":9}'
	iq-enqueue -t t --raw c
	work
	says '{"enqueue":{"path":"/x","type":"next"}}' x
	iq-enqueue -t t --raw d
	work
	run_split iq-list
	assert_json '[.id, .type] | @csv' $'1,"t"\n2,"t"\n3,"t"\n4,"t"'
}

@test "enqueue: not when it was timed out, cancelled or given back" {
	make_holder hold
	cat >say <<-'END'
	#!/bin/bash
	trap 'exit 0' TERM
	echo '{"enqueue":{"path":"/x","type":"next"}}' >&3
	./hold & wait
	END
	chmod +x say
	iq-enqueue -t t --raw --timeout 50ms --max-attempts 1 a
	work ./say
	assert_json '[.exit, .reason] | @csv' '0,"timeout"'
	iq-enqueue -t t --raw b c
	start worker iq-work -t t -j2 -- ./say
	wait_until '[[ $(wc -l <hold.started) == 3 ]]'
	iq-ctl cancel --kill 2 >/dev/null
	wait_until '[[ $(iq-list 2 | jq -r .state) == cancelled ]]'
	kill -TERM "$worker_pid"
	wait_until 'grep -q stopping worker.err'
	stop worker
	release_holder hold
	run_split iq-list
	assert_json '[.id, .state] | @csv' $'1,"quarantined"\n3,"pending"'
}

@test "enqueue: duplicates are merged" {
	says '{"enqueue":{"path":"/x","type":"next"}}' \
		'{"enqueue":{"path":"/x","type":"next","priority":1}}'
	iq-enqueue -t next /x
	iq-enqueue -t t a b
	iq-work -t t --drain -- ./says
	run_split iq-list
	assert_json '[.id, .path, .priority] | @csv' '1,"/x",1'
}

@test "enqueue: the same again, after itself" {
	iq-enqueue -t t a
	run_split iq-work -t t -n1 -- sh -c \
		'echo "{\"enqueue\":{\"path\":\"$1\",\"after\":$IQ_JOB_ID}}" >&3' sh
	assert_ran 0 "" ""
	run_split iq-list --json
	assert_json '[.id, .path, .state] | @csv' "2,\"$PWD/a\",\"pending\""
	iq-list --why 2 | grep -q no_worker
}

@test "enqueue: after other jobs" {
	says '{"enqueue":{"path":"/x","type":"next","after":[1]}}'
	iq-enqueue -t other a
	iq-enqueue -t t b
	iq-work -t t --drain -- ./says
	run_split iq-list -s waiting
	assert_json .path /x
	iq-work -t other --drain -- true
	run_split iq-list -s ready
	assert_json .path /x
}

@test "enqueue: after a job that does not exist, it fails for good" {
	says '{"enqueue":{"path":"/x","type":"next"}}' \
		'{"enqueue":{"path":"/y","type":"next","after":99}}'
	iq-enqueue -t t a b
	run_split iq-work -t t -j2 --drain --json -- ./says
	assert_json '[.state, .outcome, .reason, .error] | @tsv' "\
quarantined	permanent	connector_error	enqueue, record 2: it is to run after a job that does not exist
quarantined	permanent	connector_error	enqueue, record 2: it is to run after a job that does not exist"
	run_split iq-list
	assert_json '[.id, .type] | @csv' $'1,"t"\n2,"t"'
	iq-db check >/dev/null
}

@test "enqueue: in a circle, it fails for good" {
	make_holder hold
	iq-enqueue -t next -k K --raw first
	start held iq-work -t next --drain -- ./hold
	wait_until '[[ -s hold.started ]]'
	iq-enqueue -t other --after 1 --raw second
	says '{"enqueue":{"key":"K","type":"next","after":2}}'
	iq-enqueue -t t a
	work
	assert_json '[.state, .error] | @tsv' "quarantined	enqueue, record 1: \
it is to run after a job that waits for it"
	release_holder hold
	wait "$held_pid"
	iq-db check >/dev/null
}

@test "enqueue: a full queue takes it all the same" {
	iq-tune set -t next max_queue=1
	says '{"enqueue":{"path":"/x","type":"next"}}' \
		'{"enqueue":{"path":"/y","type":"next"}}'
	iq-enqueue -t t a
	run_split iq-work -t t --drain -- ./says
	assert_ran 0 "" ""
	run_split iq-list -t next
	assert_json .path $'/x\n/y'
}

@test "enqueue: more than 10000 fail the job for good, and none is there" {
	iq-enqueue -t t a
	iq-enqueue -t t b
	work sh -c 'seq -f "{\"enqueue\":{\"type\":\"next\",\"key\":\"%.0f\"}}" \
		$((9999 + IQ_JOB_ID)) >&3'
	assert_json '[.state, .reason, .error] | @tsv' "succeeded	succeeded	
quarantined	connector_error	descriptor 3, line 10001: enqueue: more than 10000 records"
	run_split bash -c 'iq-list -t next | wc -l'
	assert_ran 0 10000 ""
	iq-db check >/dev/null
}
