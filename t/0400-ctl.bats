#!/usr/bin/env bats
# iq-ctl on jobs: which verb does what in which state.

load lib

# state ID - in one word, as --text shows it
state() {
	iq-list --text "$1" | awk 'NR == 2 { print $2 }'
}

# Job 1 in quarantine
one_quarantined() {
	iq-enqueue -t notes /a
	iq-work -n1 -- sh -c 'exit 65' || [[ $? = 1 ]]
}

# Job 1 running in a worker that goes on until end_worker
one_running() {
	make_holder hold
	iq-enqueue -t notes /a
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
}

end_worker() {
	release_holder hold
	stop work
}

@test "retry brings a job back from quarantine, its attempts at 0" {
	one_quarantined
	run_split iq-ctl retry 1
	assert_ran 0 '{"id":1,"verb":"retry","from":"quarantined","to":"pending","ok":true}' ""
	run_split iq-list 1
	assert_json '[.state, .attempts, .attempt] | tojson' '["pending",0,1]'
	iq-work -n1 -- true
	assert_equal "$(state 1)" succeeded
	run_split iq-db check --text
	assert_status 0
}

@test "iq-list -s quarantined | iq-ctl retry" {
	seq 1 2500 | iq-enqueue --raw -t notes
	seq 1 2500 | iq-ctl quarantine >/dev/null
	run_split bash -o pipefail -c \
		'iq-list -s quarantined -t notes | iq-ctl retry'
	assert_status 0
	assert_stderr ""
	assert_equal "$(jq -s 'length, ([.[].ok] | all), .[0].id, .[2499].id' \
		<<<"$output" | paste -sd' ')" "2500 true 1 2500"
	assert_equal "$(iq-list -s ready | wc -l)" 2500
	run_split iq-db check --text
	assert_status 0
}

@test "retry revives a cancelled job, and its payload" {
	iq-enqueue -J <<<'{"path":"/a","payload":{"n":1}}'
	iq-ctl cancel 1 >/dev/null
	run_split iq-ctl retry 1
	assert_json '[.from, .to, .ok] | tojson' '["cancelled","pending",true]'
	run_split iq-list 1
	assert_json '.payload.n' 1
	iq-work -n1 -- true
	run_split iq-list 1
	assert_json '[.state, .attempt] | tojson' '["succeeded",1]'
	run_split iq-db check --text
	assert_status 0
}

@test "cancel ends what is pending, and not what runs" {
	one_running
	iq-enqueue -t notes --delay 1h /b
	iq-enqueue -t notes --after 1 /c
	iq-enqueue -t notes /d
	run_split iq-ctl cancel 1 2 3 4
	assert_status 1
	assert_equal "$(jq -c '[.id, .from, .to, .ok]' <<<"$output")" \
		'[1,"running","running",false]
[2,"pending","cancelled",true]
[3,"pending","cancelled",true]
[4,"pending","cancelled",true]'
	end_worker
	run_split iq-db check --text
	assert_status 0
}

@test "cancel --kill ends what runs" {
	one_running
	run_split iq-ctl cancel --kill 1
	assert_ran 0 '{"id":1,"verb":"cancel","from":"running","to":"cancelled","ok":true,"ordered":true}' ""
	wait_until '[[ $(state 1) = cancelled ]]'
	end_worker
	run_split iq-list 1
	assert_json .reason operator
	run_split iq-db check --text
	assert_status 0
}

@test "release gives a running job back, uncharged" {
	one_running
	iq-ctl pause
	run_split iq-ctl release --text 1
	assert_ran 0 "1  running -> pending (its worker was told)" ""
	wait_until '[[ $(state 1) = ready ]]'
	run_split iq-list 1
	assert_json '[.attempt, .attempts] | tojson' '[1,0]'
	run_split iq-ctl release 1
	assert_status 1
	iq-ctl resume
	wait_until '[[ $(state 1) = running ]]'
	run_split iq-ctl release 1
	assert_ran 0 '{"id":1,"verb":"release","from":"running","to":"pending","ok":true,"ordered":true}' ""
	end_worker
}

@test "what is to be cancelled is not released instead" {
	printf '#!/bin/sh\ntrap "" TERM\n./hold\n' >deaf
	chmod +x deaf
	make_holder hold
	iq-enqueue -t notes /a
	start work iq-work -j1 --grace 1h -- ./deaf
	wait_until '[[ -s hold.started ]]'
	run_split iq-ctl cancel --kill --text 1
	assert_ran 0 "1  running -> cancelled (its worker was told)" ""
	run_split iq-list --why 1 --text
	assert_status 0
	[[ $output == *"its worker was told to end it: it is cancelled then"* ]]
	run_split iq-ctl release --text 1
	assert_ran 1 "1  running: it is to be cancelled" ""
	release_holder hold
	wait_until '[[ $(state 1) = cancelled ]]'
	stop work
}

@test "quarantine puts a pending job aside, discard gives it up" {
	iq-enqueue -t notes /a
	run_split iq-ctl quarantine 1
	assert_json '[.from, .to, .ok] | tojson' '["pending","quarantined",true]'
	run_split iq-ctl discard 1
	assert_json '[.from, .to, .ok] | tojson' '["quarantined","cancelled",true]'
	run_split iq-list 1
	assert_json .reason discarded
	run_split iq-ctl discard 1
	assert_status 1
	assert_json '[.from, .to, .ok] | tojson' '["cancelled","cancelled",false]'
}

@test "priority moves a pending job, by name or number" {
	iq-enqueue -t notes /a /b
	run_split iq-ctl priority high 1
	assert_status 0
	iq-ctl priority 1 2 >/dev/null
	run_split bash -c 'iq-list | jq -c "[.id, .priority]"'
	assert_stdout '[1,2]
[2,1]'
	run_split iq-work -j1 --drain -- echo
	assert_stdout "/b
/a"
	run_split iq-ctl priority soon 1
	assert_status 64
	run_split iq-ctl priority
	assert_status 64
}

@test "nothing can be done to what has succeeded" {
	iq-enqueue /a
	iq-work -n1 -- true
	local verb
	for verb in retry cancel "cancel --kill" release quarantine discard \
		"priority high"; do
		# shellcheck disable=SC2086
		run_split iq-ctl $verb 1
		assert_status 1
		assert_json '[.from, .to, .ok] | tojson' \
			'["succeeded","succeeded",false]'
	done
}

@test "an unknown id is 66, and the others are done" {
	iq-enqueue /a
	run_split iq-ctl cancel 9 1
	assert_status 66
	assert_stderr "iq-ctl: cancel 9: no such job"
	assert_equal "$(jq -c '[.id, .from, .ok]' <<<"$output")" '[9,null,false]
[1,"pending",true]'
}

@test "stdin has ids, bare or in objects; what is neither is 65" {
	iq-enqueue /a /b /c
	run_split iq-ctl cancel <<-'END'
	 1

	{"id": 2, "state": "pending"}
	two
	{"name": 3}
	{"id": "3"}
	{broken
	-3
	END
	assert_status 65
	assert_equal "$(jq .id <<<"$output" | paste -sd' ')" "1 2"
	assert_equal "$(wc -l <<<"$stderr")" 5
	assert_stderr_like 'iq-ctl: line 4: id "two": not the id of a job
iq-ctl: line 5: no "id"
iq-ctl: line 6: "id" is not the id of a job
iq-ctl: line 7: not JSON: *
iq-ctl: line 8: id "-3": *'
	run_split iq-list
	assert_json .id 3
}

@test "empty input is no failure" {
	iq-enqueue /a
	run_split iq-ctl retry </dev/null
	assert_ran 0 "" ""
}

@test "what has come on stdin is done before more comes" {
	iq-enqueue /a /b
	mkfifo ids
	start ctl bash -c 'exec iq-ctl cancel <ids'
	exec {out}>ids
	echo 1 >&"$out"
	wait_until '[[ $(iq-list | jq .id) = 2 ]]'
	exec {out}>&-
	wait "$ctl_pid"
}

@test "wait says that nobody serves the type, and goes on waiting" {
	iq-enqueue -t notes --group g a b
	start one iq-ctl wait 1 2
	start all iq-ctl wait --group g
	wait_until '[[ -s one.err && -s all.err ]]'
	iq-work -t notes -n2 -- true
	wait "$one_pid" "$all_pid"
	local said="iq-ctl: wait: no live worker serves type notes"
	assert_equal "$(cat one.err all.err)" "$said"$'\n'"$said"
}

@test "an operand that is no id is 64 and nothing is done" {
	iq-enqueue /a
	run_split iq-ctl cancel 1 x
	assert_status 64
	run_split iq-list
	assert_json .state pending
}

@test "verbs and options that do not fit are 64" {
	iq-enqueue /a
	local line
	for line in "" "retyr 1" "nonsense 1" "retry --kill 1" \
		"cancel --group g 1" "pause 1" "resume x" "retry -t x 1" \
		"pause --for 0" "cancel --timeout 1 1"; do
		# shellcheck disable=SC2086
		run_split iq-ctl $line
		assert_status 64
		assert_stdout ""
	done
	run_split iq-ctl retyr 1
	assert_stderr_like "iq-ctl: no verb 'retyr'; did you mean 'retry'?*"
}

@test "a missing queue is 66, and none is made" {
	run_split iq-ctl retry 1
	assert_status 66
	assert_file_not_exists queue.db
}

# refused STATE ID VERB ... - with why, which says what works instead
refused() {
	local why=$1 id=$2
	shift 2
	run_split iq-ctl "$@" --text "$id"
	assert_ran 1 "$id  $why" ""
}

@test "what is refused says why, and what works instead" {
	one_running
	refused "running: it runs; --kill ends it" 1 cancel
	refused "running: it runs; cancel --kill ends it" 1 discard
	refused "running: it runs" 1 retry
	refused "running: it runs" 1 quarantine
	refused "running: it runs" 1 priority high
	iq-enqueue -t notes /b /c /d
	refused "pending: it is pending already" 2 retry
	refused "pending: it does not run" 2 release
	refused "pending: it is not in quarantine; cancel ends it" 2 discard
	iq-ctl quarantine 3 >/dev/null
	refused "quarantined: it is in quarantine; discard ends it" 3 cancel
	refused "quarantined: it is there already" 3 quarantine
	iq-ctl cancel 4 >/dev/null
	refused "cancelled: it has ended" 4 cancel
	iq-enqueue -t notes /d
	refused "cancelled: a newer job of its key does its work" 4 retry
	end_worker
	wait_until '[[ $(state 1) = succeeded ]]'
	refused "succeeded: it has succeeded; enqueue it again" 1 retry
}

@test "as JSON, why is told once for each state, on stderr" {
	iq-enqueue --raw a b c d e
	iq-ctl quarantine 1 2 3 >/dev/null
	iq-ctl cancel 4 >/dev/null
	run_split iq-ctl cancel 1 2 3 4 5
	assert_status 1
	assert_equal "$(jq -c .ok <<<"$output" | paste -sd' ')" \
		"false false false false true"
	assert_stderr "iq-ctl: cancel 1: it is in quarantine; discard ends it
iq-ctl: cancel 4: it has ended"
}
