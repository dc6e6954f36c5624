#!/usr/bin/env bats
# iq-list --why and --output.

load lib

# why ID - its codes in one line; sentences stay in $sentences
why() {
	run_split iq-list --json --why "$1"
	assert_status 0
	sentences=$(jq -r .sentence <<<"$output")
	output=$(jq -r .code <<<"$output" | paste -sd' ')
}

# A worker for these types that does not start anything more
busy_worker() {
	make_holder hold
	iq-enqueue -t held -p critical /held
	start work iq-work -j1 "$@" -- ./hold
	wait_until '[[ -s hold.started ]]'
}

end_worker() {
	release_holder hold
	stop work
}

@test "no worker and no handler" {
	iq-enqueue -t notes /a
	why 1
	assert_stdout "no_worker no_handler"
	assert_equal "$sentences" "no live worker serves type notes
type notes has no handler; a worker has to bring one: iq-work -t notes --\
 COMMAND"
	iq-tune set handler=/bin/true
	why 1
	assert_stdout "no_worker untrusted"
	assert_equal "$sentences" "no live worker serves type notes
the handler of type notes is stored in the queue, and runs when this user has\
 said: iq-db trust"
	iq-db trust >/dev/null
	why 1
	assert_stdout "no_worker"
	assert_equal "$sentences" "no live worker serves type notes"
}

@test "workers that bring no COMMAND, and a type without a handler" {
	iq-enqueue -t notes /a
	iq-enqueue -t mail /b
	iq-tune set -t mail handler=/bin/true
	iq-ctl pause -t mail
	iq-db trust >/dev/null
	start work iq-work
	wait_until '[[ $(iq-stats | jq ".workers.processes | length") = 1 ]]'
	why 1
	assert_stdout "no_handler"
	assert_equal "$sentences" "type notes has no handler; a worker has to\
 bring one: iq-work -t notes -- COMMAND"
	why 2
	assert_stdout "paused"
	stop work
}

@test "delayed until" {
	iq-enqueue --delay 1h /a
	why 1
	assert_stdout "delayed no_worker no_handler"
	[[ $sentences = "it is delayed until 20"*"(in "*")"* ]]
}

@test "a delay that goes beyond the last time there is does not wrap" {
	iq-enqueue --delay 106000d /a
	why 1
	[[ $output = "delayed "* ]]
	[[ $sentences = "it is delayed until 2262-04-11T"* ]]
	run_split iq-list
	assert_json .run_at 2262-04-11T23:47:16.854Z
}

@test "its time has come, and nobody has looked since" {
	iq-enqueue --delay 50ms /a
	wait_until '[[ $(iq-list -s ready) ]]'
	why 1
	assert_stdout "due no_worker no_handler"
	[[ $sentences = "its time has come; the next claim of any worker lets it\
 start"* ]]
}

@test "a retry is delayed, and why" {
	iq-enqueue /a
	iq-work -n1 -- sh -c 'exit 75' || :
	why 1
	[[ $output = "retry "* ]]
	[[ $sentences = "it failed (transient; 1 of 3 attempts used)"* ]]
}

@test "waiting for parents, by name and state" {
	iq-enqueue /a
	iq-enqueue --after 1 /b
	why 2
	[[ $output = "parent "* ]]
	[[ $sentences = "it waits for job 1, which is pending"* ]]
}

@test "waiting for a parent that has failed, and what would help" {
	iq-enqueue /a /b
	iq-enqueue --after 1,2 /c
	iq-ctl cancel 1 >/dev/null
	iq-ctl quarantine 2 >/dev/null
	why 3
	[[ $output = "parent parent "* ]]
	[[ $sentences = "it waits for job 1, which is cancelled and will not\
 succeed by itself: iq-ctl retry 1 runs that one again, iq-ctl cancel 3 gives\
 this one up
it waits for job 2, which is quarantined and will not succeed by itself:\
 iq-ctl retry 2 runs that one again, iq-ctl cancel 3 gives this one up"* ]]
}

@test "a job of the same key runs" {
	busy_worker
	iq-enqueue -t held /held
	why 2
	[[ $output = "key "* ]]
	[[ $sentences = "job 1 of the same key is running"* ]]
	end_worker
}

@test "pauses of the queue, a parent and the type, with reason and end" {
	iq-enqueue -t a/b /x
	iq-ctl pause --reason "disk swap"
	iq-ctl pause -t a
	iq-ctl pause -t a/b --for 1h
	why 1
	[[ $output = "paused paused paused "* ]]
	[[ $sentences = *"the whole queue is paused: disk swap"* ]]
	[[ $sentences = *"parent type a is paused"* ]]
	[[ $sentences = *"type a/b is paused until 20"*" (in "* ]]
	iq-ctl resume
	iq-ctl resume -t a
	iq-ctl resume -t a/b
	why 1
	assert_stdout "no_worker no_handler"
}

@test "a cap of the type, a cap of the parent" {
	iq-tune set -t held max_workers=1
	busy_worker
	iq-enqueue -t held/er /a
	why 2
	[[ $output = "cap "* ]]
	[[ $sentences = "type held is at its cap: 1 of 1 running"* ]]
	end_worker
}

@test "a cap is that of the type where it was set" {
	iq-tune set -t pc max_workers=2
	make_holder hold
	iq-enqueue -t pc/x /1 /2 /3
	start work iq-work -j4 -- ./hold
	wait_until '[[ $(wc -l <hold.started) = 2 ]]'
	why 3
	assert_equal "$sentences" "type pc is at its cap: 2 of 2 running"
	iq-enqueue -t other /4 /5
	wait_until '[[ $(wc -l <hold.started) = 4 ]]'
	iq-tune unset -t pc max_workers
	iq-tune set max_workers=2
	why 3
	[[ $sentences = "type pc/x is at the cap that each type has: 2 of 2\
 running"* ]]
	end_worker
}

@test "all slots are busy; how many are ahead" {
	busy_worker
	iq-enqueue -t x /a /b
	iq-enqueue -t y -p high /c
	why 3
	assert_stdout "busy ahead"
	assert_equal "$sentences" "all slots of the workers that serve it are busy\
 (1 of 1)
ready jobs ahead of it: 2 (1 of its type and priority, 1 of a higher priority)"
	end_worker
}

@test "starved: it is behind others for an hour" {
	busy_worker
	iq-enqueue -p batch /late
	sqlite3 "$IQ_QUEUE" 'UPDATE job SET eligible_at = eligible_at -
		3600000000000 WHERE id = 2'
	why 2
	assert_stdout "busy starved"
	[[ $sentences = *"type default has got 0 % of its fair share, at most,\
 for 1h"*"; see aging and weight in iq-tune(1)" ]]
	end_worker
}

@test "jobs that no worker takes are not ahead" {
	busy_worker -t held -t x
	iq-enqueue -t x /a /b
	iq-enqueue -t unserved -p high /c /d
	why 3
	assert_equal "$sentences" "all slots of the workers that serve it are busy\
 (1 of 1)
ready jobs ahead of it: 1 (1 of its type and priority, 0 of a higher priority)"
	why 5
	[[ $sentences = *"ready jobs ahead of it: 1 (1 of its"* ]]
	end_worker
}

@test "a worker that serves other types does not count" {
	busy_worker -t held
	iq-enqueue -t x /a
	why 2
	assert_stdout "no_worker no_handler"
	end_worker
}

@test "a worker that died does not count" {
	busy_worker
	iq-enqueue -t x /a
	kill -KILL "$(pgrep -P "$work_pid" iq-work)"
	wait "$work_pid" || :
	wait_until '[[ $(iq-list --json --why 2) = *no_worker* ]]'
	release_holder hold
}

@test "running, quarantined, ended" {
	busy_worker
	why 1
	assert_stdout running
	[[ $sentences = "it has been running for "*", by worker 1 (host "* ]]
	iq-enqueue -t x /a
	iq-ctl cancel 2 >/dev/null
	why 2
	assert_stdout ended
	[[ $sentences = "it ended as cancelled at 20"*"(operator); iq-ctl retry 2" ]]
	iq-enqueue -t x /a
	iq-ctl quarantine 3 >/dev/null
	why 3
	assert_stdout quarantined
	end_worker
}

@test "nothing holds it back" {
	make_holder hold
	iq-enqueue -t a /a
	start work iq-work -j2 -t a -- ./hold
	wait_until '[[ -s hold.started ]]'
	# stopped, so that it does not take the job that is asked about
	kill -STOP "$work_pid"
	kill -STOP $(pgrep -P "$work_pid" iq-work)
	iq-enqueue -t a /b
	why 2
	assert_stdout none
	assert_equal "$sentences" "nothing holds it back"
	kill -CONT $(pgrep -P "$work_pid" iq-work)
	kill -CONT "$work_pid"
	release_holder hold
	stop work
}

@test "an unknown job is 66" {
	iq-enqueue /a
	run_split iq-list --why 9
	assert_ran 66 "" "iq-list: look at job 9: no such job"
	run_split iq-list --output 9
	assert_ran 66 "" "iq-list: show output of job 9: no such job"
}

@test "--why takes one job and nothing else" {
	iq-enqueue /a
	local arguments
	for arguments in "--why 1 2" "--why 1 -t x" "--why 1 --output 1" \
		"--why x" "--why 0"; do
		# shellcheck disable=SC2086
		run_split iq-list $arguments
		assert_status 64
	done
}

@test "text is one sentence a line" {
	iq-enqueue --delay 1h /a
	run_split iq-list --text --why 1
	assert_status 0
	assert_stdout_like "it is delayed until *
no live worker serves type default
*"
}

@test "--output puts stdout and stderr where they came from" {
	iq-enqueue /a
	iq-work -n1 -- sh -c 'echo said; echo complained >&2; exit 65' \
		>/dev/null 2>&1 || :
	run_split iq-list --text --output 1
	assert_ran 0 said complained
	run_split iq-list --output 1
	assert_ran 0 '{"id":1,"stdout":"said\n","stderr":"complained\n"}' ""
}

@test "--output of bytes that are not UTF-8 has them in base64" {
	iq-enqueue /a
	iq-work -n1 -- sh -c 'printf "a\377"; exit 65' >/dev/null 2>&1 || :
	run_split iq-list --output 1
	assert_json .stdout_base64 Yf8=
	assert_json .stderr ""
	iq-list --text --output 1 >out
	printf 'a\377' | cmp - out
}

@test "--output shows a terminal what it must not obey, and nobody else" {
	cat >handler <<-'END'
	#!/bin/sh
	printf 'a\tb\nc\033[2J\r\000\377\302\233\342\200\256\\z' | tee /dev/stderr
	exit 65
	END
	chmod +x handler
	printf '%s\n' $'a\tb' 'c\x1b[2J\r\x00\xff\u009b\u202e\z' | head -c -1 >shown
	iq-enqueue /a
	iq-work -n1 -- ./handler >raw 2>messages || :
	script -qec 'iq-list --output 1 2>err' /dev/null | tr -d '\r' >terminal
	cmp shown terminal
	cmp raw err
	script -qec 'iq-list --text --output 1 >out' /dev/null | tr -d '\r' \
		>terminal
	cmp shown terminal
	cmp raw out
}

# no_output ID WHY
no_output() {
	run_split iq-list --output "$1"
	assert_ran 66 "" "iq-list: show output of job $1: there is none: $2"
}

@test "--output when there is none is 66, and says why" {
	iq-enqueue /a
	no_output 1 "it was not started yet"
	iq-work -n1 -- echo x >/dev/null
	no_output 1 "it has ended, and output is kept until then only"
	busy_worker
	no_output 2 "it is running; this comes when the attempt has ended"
	end_worker
}

@test "--output does not say that nothing was printed where it was not kept" {
	local how elsewhere="its last attempt printed nothing, or its worker did\
 not keep it here (--results, --output)"
	for how in "--results results" "--output discard" "--output inherit"; do
		iq-enqueue --no-key --raw x
		# shellcheck disable=SC2086
		iq-work -n1 $how -- sh -c 'echo x; exit 65' >/dev/null || :
	done
	no_output 1 "$elsewhere"
	no_output 2 "$elsewhere"
	no_output 3 "$elsewhere"
}

@test "--output is that of the last attempt, not of one before it" {
	iq-tune set retry_strategy=immediate
	iq-enqueue /a
	iq-work -n1 -- sh -c 'echo first; exit 75' >/dev/null || :
	run_split iq-list --output 1
	assert_json .stdout $'first'
	iq-work -n1 -- sh -c 'exit 65' || :
	run_split iq-list --output 1
	assert_status 66
	run_split iq-db check --text
	assert_status 0
}
