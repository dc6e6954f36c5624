#!/usr/bin/env bats
# iq-ctl pause and resume, and wait.

load lib

@test "a paused type starts nothing, and goes on when resumed" {
	iq-enqueue -t notes /a
	iq-enqueue -t mail /b
	run_split iq-ctl pause -t notes
	assert_ran 0 "" ""
	run_split iq-work --drain -- echo
	assert_stdout /b
	run_split iq-ctl resume -t notes
	assert_ran 0 "" ""
	run_split iq-work --drain -- echo
	assert_stdout /a
}

@test "a pause of a type holds its children" {
	iq-ctl pause -t notes
	iq-enqueue -t notes/work /a
	run_split iq-work --drain -- echo
	assert_stdout ""
}

@test "without -t everything is paused" {
	iq-enqueue -t notes /a
	iq-ctl pause --reason maintenance
	run_split iq-work --drain -- echo
	assert_stdout ""
	run_split iq-stats
	assert_json .paused true
	iq-ctl resume
	run_split iq-work --drain -- echo
	assert_stdout /a
}

@test "a pause for no time is refused" {
	run_split iq-ctl pause --for 0
	assert_ran 64 "" "iq-ctl: --for: a pause of no time is none; without --for\
 it lasts until resume
try 'iq-ctl --help'"
}

@test "a pause --for ends by itself" {
	iq-enqueue -t notes /a
	iq-ctl pause -t notes --for 0.3s
	start work iq-work -- echo
	wait_until '[[ -s work.out ]]'
	stop work
}

@test "a type may be paused before its first job, and is no longer missing" {
	iq-ctl pause -t later --reason "not yet"
	run_split iq-stats -t later
	assert_json '.types[0] | [.type, .paused, .pause_reason] | tojson' \
		'["later",true,"not yet"]'
}

@test "resuming a type that does not exist is 66" {
	iq-db init >/dev/null
	run_split iq-ctl resume -t nothing
	assert_ran 66 "" "iq-ctl: resume nothing: no such type"
}

@test "a pause for centuries is one" {
	iq-enqueue -t notes /a
	iq-ctl pause -t notes --for 106000d
	run_split iq-work --drain -- echo ran
	assert_stdout ""
	run_split iq-list --why 1 --text
	assert_stdout_like "type notes is paused until 2262-04-11T*"
}

@test "a type is said with -t, and one at a time" {
	iq-enqueue -t notes /a
	run_split iq-ctl pause notes
	assert_status 64
	assert_stderr_like "iq-ctl: pause: a type is said with -t: -t notes*"
	run_split iq-ctl pause -t notes -t mail
	assert_status 64
	run_split iq-stats -t notes
	assert_json '.types[0].paused' false
}

@test "wait ends when the jobs have ended, 0 when all succeeded" {
	iq-enqueue /a /b
	start wait iq-ctl wait 1 2
	iq-work --drain -- true
	wait "$wait_pid"
	run_split jq -c '[.id, .verb, .to, .ok]' wait.out
	assert_stdout '[1,"wait","succeeded",true]
[2,"wait","succeeded",true]'
}

@test "wait is 1 when one of them did not succeed, quarantine included" {
	iq-enqueue /a /b
	iq-ctl quarantine 1 >/dev/null
	iq-ctl cancel 2 >/dev/null
	run_split iq-ctl wait 1 2
	assert_status 1
	assert_equal "$(jq -c '[.id, .to, .ok]' <<<"$output")" \
		'[1,"quarantined",false]
[2,"cancelled",false]'
	run_split iq-ctl wait --text 1 2
	assert_stdout "1  quarantined: it did not succeed
2  cancelled: it did not succeed"
	iq-enqueue /c
	start wait iq-ctl wait --text 3
	has_looked "$wait_pid"
	iq-ctl quarantine 3 >/dev/null
	wait "$wait_pid" || assert_equal $? 1
	assert_equal "$(<wait.out)" \
		"3  pending -> quarantined: it did not succeed"
}

@test "wait --timeout is 75" {
	iq-enqueue /a
	run_split iq-ctl wait --timeout 0.1 1
	assert_ran 75 "" \
		"iq-ctl: wait for jobs: the time is up, 1 has not ended"
}

@test "wait for a job that does not exist is 66" {
	iq-enqueue /a
	run_split iq-ctl wait 7
	assert_ran 66 "" "iq-ctl: wait for job 7: no such job"
}

# has_looked PID - who waits for jobs has seen them, and looks again and again
has_looked() {
	local before
	wait_until '[[ $(readlink "/proc/'"$1"'/fd/"*) = *queue.db-wal* ]]'
	before=$(sleeps "$1")
	wait_until "((\$(sleeps $1) > $before + 5))"
}

# forget_while PID - jobs 1 and 2 end, 2 as cancelled, and are forgotten while
# that process is stopped, which has the queue open
forget_while() {
	has_looked "$1"
	kill -STOP "$1"
	wait_until 'grep -q "^State:.*T" "/proc/'"$1"'/status"'
	iq-ctl cancel 2 >/dev/null
	iq-work -n1 -- true
	age 31
	run_split iq-db prune
	assert_json .jobs 2
	kill -CONT "$1"
}

@test "wait for jobs that are forgotten meanwhile" {
	iq-enqueue --group G /a /b
	start wait iq-ctl wait 2 1
	forget_while "$wait_pid"
	status=0
	wait "$wait_pid" || status=$?
	run_split jq -c '[.id, .to, .ok]' wait.out
	assert_stdout '[2,"cancelled",false]
[1,"succeeded",true]'
	assert_equal "$(<wait.err)" \
		"iq-ctl: wait 2: it did not succeed"
	# later there are no such jobs
	run_split iq-ctl wait 1
	assert_ran 66 "" "iq-ctl: wait for job 1: no such job"
}

@test "wait for a group that is forgotten meanwhile" {
	iq-enqueue --group G /a /b
	start wait iq-ctl wait --group G
	forget_while "$wait_pid"
	wait "$wait_pid"
	assert_equal "$(<wait.err)" ""
	run_split iq-ctl wait --group G
	assert_status 66
}

@test "wait takes ids from stdin" {
	iq-enqueue /a /b
	iq-work --drain -- true
	run_split bash -c 'iq-list -s succeeded | iq-ctl wait --text'
	assert_ran 0 "1  succeeded
2  succeeded" ""
}

@test "wait --group waits for all of a group" {
	iq-enqueue --group G /a /b
	iq-enqueue /c
	run_split iq-ctl wait --group G --timeout 0.1
	assert_ran 75 "" \
		"iq-ctl: wait for jobs: the time is up, 2 have not ended"
	start wait iq-ctl wait --group G
	iq-work --drain -- true
	wait "$wait_pid"
	iq-enqueue --group G /d
	iq-ctl cancel 4 >/dev/null
	run_split iq-ctl wait --group G
	assert_ran 1 "" "iq-ctl: wait: 1 of group G did not succeed"
}

@test "wait for a group that no job is in is 66" {
	iq-enqueue --group G /a
	run_split iq-ctl wait --group H
	assert_ran 66 "" "iq-ctl: wait for group H: no job is in it"
	run_split iq-ctl wait --group $'H\e[31m'
	assert_ran 66 "" 'iq-ctl: wait for group H\x1b[31m: no job is in it'
	# one that has ended is known
	iq-work --drain -- true
	run_split iq-ctl wait --group G
	assert_ran 0 "" ""
}

@test "a pause of a type that does not exist yet says so" {
	iq-enqueue -t notes /a
	run_split iq-ctl pause -t notse
	assert_ran 0 "" "iq-ctl: pause: no type 'notse' yet; did you mean 'notes'?"
	run_split iq-ctl pause -t notse
	assert_ran 0 "" ""
	run_split iq-ctl pause -t mail/inbox
	assert_ran 0 "" "iq-ctl: pause: no type 'mail/inbox' yet"
}
