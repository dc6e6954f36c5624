#!/usr/bin/env bats
# When iq-work ends, and what its exit status says.

load lib

@test "--drain ends when everything has succeeded" {
	seq 1 50 | iq-enqueue --raw
	run_split iq-work -j4 --drain --json -- true
	assert_status 0
	assert_stderr ""
	run jq -s 'map(.id) | unique | length' <<<"$output"
	assert_output 50
}

@test "--drain of an empty queue ends at once" {
	run_split iq-work --drain -- false
	assert_ran 0 "" ""
}

@test "--drain is 1 when something failed for good" {
	iq-enqueue --raw 0 65 0
	run_split iq-work --drain --json -- sh -c 'exit "$1"' sh
	assert_status 1
	assert_stderr "iq-work: 1 succeeded, 1 failed, 0 left (0 ready, 0 delayed, 0 waiting, 0 running, 0 held)"
}

@test "--drain does not wait for what is delayed, and is 1 for it" {
	iq-enqueue --delay 1h a
	run_split iq-work --drain -- true
	assert_ran 1 "" "iq-work: 0 succeeded, 0 failed, 1 left (0 ready, 1 delayed, 0 waiting, 0 running, 0 held)"
}

@test "--drain=all waits for what is delayed" {
	iq-enqueue --delay 300ms --raw a
	run_split iq-work --drain=all -- echo
	assert_ran 0 a ""
}

@test "--drain=all is 0 when a retry succeeds in the end" {
	iq-enqueue a
	IQ_SET_RETRY_BASE=100ms run_split iq-work --drain=all -- \
		sh -c 'echo "$IQ_JOB_ATTEMPT"; test "$IQ_JOB_ATTEMPT" -eq 3'
	assert_ran 0 "1
2
3" ""
}

@test "--drain waits for what another worker runs" {
	make_holder hold
	iq-enqueue a
	start first iq-work -n1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	start second iq-work --drain -- true
	iq-enqueue --wait b
	kill -0 "$second_pid"
	release_holder hold
	wait "$first_pid"
	wait "$second_pid"
	assert_file_empty second.err
}

@test "what comes after it was drained is not left" {
	iq-enqueue --raw 1
	start work strace -f -qq -o /dev/null -e trace=fdatasync \
		-e inject=fdatasync:delay_enter=700000 \
		iq-work -j1 --drain -- true
	wait_until 'iq-list -s succeeded | grep -q .' 20
	wait_until 'stats_say ".workers.processes == []"' 20
	iq-enqueue --raw 2
	wait "$work_pid"
	run iq-list -s pending
	assert_equal "${#lines[@]}" 1
}

@test "--drain serves only the types that were asked for" {
	iq-enqueue -t notes --raw n
	iq-enqueue -t notes/work --raw nw
	iq-enqueue -t mail --raw m
	run_split iq-work -j1 -t notes --drain -- echo
	assert_ran 0 "n
nw" ""
	run_split iq-list --json
	assert_json '[.path,.state] == ["m","pending"]'
}

@test "-n ends after so many attempts and leaves the rest untouched" {
	iq-enqueue --raw 1 2 3
	run_split iq-work -j4 -n2 -- echo
	assert_status 0
	run sort <<<"$output"
	assert_output "1
2"
	run_split iq-list --json
	assert_json '[.id,.state,.attempt] == [3,"pending",0]'
}

@test "-n is 1 when an attempt failed, even if it will be tried again" {
	iq-enqueue a
	run_split iq-work -n1 -- sh -c 'exit 75'
	assert_ran 1 "" "iq-work: 0 succeeded, 0 failed, 1 to be tried again"
}

@test "-j is how many run at once" {
	make_holder hold
	iq-enqueue --raw 1 2 3 4 5
	start work iq-work -j3 --drain -- ./hold
	wait_until '(($(wc -l <hold.started) == 3))'
	run iq-list --json -s ready
	assert_equal "${#lines[@]}" 2
	release_holder hold
	wait "$work_pid"
	assert_equal "$(wc -l <hold.started)" 5
}

@test "without -j and setting it is the cores that it may use" {
	local cpu
	cpu=$(taskset -cp $$ | grep -oE '[0-9]+$')
	start one taskset -c "$cpu" iq-work -t a -- true
	start all iq-work -t b -- true
	wait_until 'stats_say ".workers.processes | length == 2"'
	run_split iq-stats --json
	assert_json "[.workers.processes[] | .limit] | sort == ([1, $(nproc)] |
		sort)"
	stop one
	stop all
}

@test "the setting workers is the standard -j, and changes take effect" {
	make_holder hold
	iq-enqueue --raw 1 2 3
	iq-tune set workers=1
	start work iq-work --drain -- ./hold
	wait_until '(($(wc -l <hold.started) == 1))'
	run iq-list --json -s ready
	assert_equal "${#lines[@]}" 2
	iq-tune set workers=3
	wait_until '(($(wc -l <hold.started) == 3))' 3
	release_holder hold
	wait "$work_pid"
}

@test "a job that arrives is started at once" {
	start work iq-work -j1 --json -- true
	wait_until '[[ $(iq-stats --json 2>/dev/null | jq ".workers.processes | length") == 1 ]]'
	iq-enqueue --wait a b
	stop work
	assert_status 0
	run jq -s 'map(.wait_seconds) | max < 0.5' work.out
	assert_output true
}

@test "a delayed job is started when its time has come" {
	start work iq-work -j1 --json -- true
	iq-enqueue --delay 400ms --wait a
	stop work
	run jq '.wait_seconds < 0.3' work.out
	assert_output true
}

@test "TERM: what runs may end, nothing more is started, exit 0" {
	make_holder hold
	iq-enqueue --raw 1 2
	start work iq-work -j1 --json -- ./hold
	wait_until '[[ -s hold.started ]]'
	kill "$work_pid"
	wait_until '[[ -s work.err ]]'
	assert_equal "$(<work.err)" "iq-work: stopping when 1 running job has ended (told again: now)"
	release_holder hold
	status=0
	wait "$work_pid" || status=$?
	assert_equal "$status" 0
	assert_equal "$(jq -c '[.id,.state]' work.out)" '[1,"succeeded"]'
	run_split iq-list --json
	assert_json '[.id,.state,.attempt] == [2,"pending",0]'
}

@test "TERM to the process group, as from timeout and kill %1, is one TERM" {
	make_holder hold
	iq-enqueue --raw 1
	start work setsid iq-work -j1 --json -- ./hold
	wait_until '[[ -s hold.started ]]'
	kill -TERM -- "-$work_pid"
	wait_until '[[ -s work.err ]]'
	# the keeper has taken it, too
	wait_until '! grep -q "^ShdPnd:.*[1-9a-f]" "/proc/$work_pid/status"'
	release_holder hold
	status=0
	wait "$work_pid" || status=$?
	assert_equal "$status" 0
	assert_equal "$(<work.err)" "iq-work: stopping when 1 running job has ended (told again: now)"
	assert_equal "$(jq -c '[.id,.state]' work.out)" '[1,"succeeded"]'
}

@test "what one process sends twice in a moment, as timeout does, is one TERM" {
	make_holder hold
	iq-enqueue --raw 1
	start work iq-work -j1 --json -- ./hold
	wait_until '[[ -s hold.started ]]'
	perl -e 'kill TERM => $ARGV[0]; select undef, undef, undef, 0.01;
		kill TERM => $ARGV[0]' "$work_pid"
	wait_until '[[ -s work.err ]]'
	wait_until '! grep -q "^ShdPnd:.*[1-9a-f]" "/proc/$work_pid/status"'
	release_holder hold
	status=0
	wait "$work_pid" || status=$?
	assert_equal "$(<work.err)" "iq-work: stopping when 1 running job has ended (told again: now)"
	assert_equal "$(jq -c '[.id,.state]' work.out)" '[1,"succeeded"]'
}

@test "TERM with nothing running ends it at once" {
	start work iq-work -- true
	wait_until '[[ $(iq-stats --json 2>/dev/null | jq ".workers.processes | length") == 1 ]]'
	stop work
	assert_equal "$status" 0
	assert_file_empty work.err
}

@test "a second TERM ends what runs and gives it back uncharged" {
	make_holder hold
	iq-enqueue --raw 1
	start work iq-work --json -- ./hold
	wait_until '[[ -s hold.started ]]'
	kill "$work_pid"
	wait_until '[[ -s work.err ]]'
	stop work
	assert_equal "$status" 0
	assert_equal "$(jq -c '[.exit,.outcome,.state]' work.out)" \
		'[-15,"released","pending"]'
	run_split iq-list --json -s ready
	assert_json '[.id,.attempt,.attempts] == [1,1,0]'
	release_holder hold
}

# iq-work as a shell starts it in the foreground: what is in the background of
# a script has INT ignored.
start_work() {
	start work env --default-signal=INT iq-work "$@"
}

@test "INT: what runs may end, and it dies by INT" {
	make_holder hold
	iq-enqueue --raw 1 2
	start_work -j1 --json -- ./hold
	wait_until '[[ -s hold.started ]]'
	kill -INT "$work_pid"
	wait_until '[[ -s work.err ]]'
	assert_equal "$(<work.err)" "iq-work: stopping when 1 running job has ended (told again: now)"
	release_holder hold
	status=0
	wait "$work_pid" || status=$?
	assert_equal "$status" 130
	assert_equal "$(jq -c '[.id,.state]' work.out)" '[1,"succeeded"]'
}

@test "a second INT says that what runs is ended, and it dies by INT" {
	make_holder hold
	iq-enqueue --raw 1
	start_work --json -- ./hold
	wait_until '[[ -s hold.started ]]'
	kill -INT "$work_pid"
	wait_until '[[ -s work.err ]]'
	stop work INT
	assert_equal "$status" 130
	assert_equal "$(tail -n 1 work.err)" "iq-work: ending 1 running job now, and giving it back (told again: without grace)"
	assert_equal "$(jq -c '[.outcome,.state]' work.out)" '["released","pending"]'
	release_holder hold
}

@test "INT with nothing running, and with --drain: it dies by INT" {
	start_work -- true
	wait_until '[[ $(iq-stats --json 2>/dev/null | jq ".workers.processes | length") == 1 ]]'
	stop work INT
	assert_equal "$status" 130
	assert_file_empty work.err
	make_holder hold
	iq-enqueue --raw 1 2
	start_work -j1 --drain -- ./hold
	wait_until '[[ -s hold.started ]]'
	kill -INT "$work_pid"
	wait_until '[[ -s work.err ]]'
	release_holder hold
	status=0
	wait "$work_pid" || status=$?
	assert_equal "$status" 130
}

@test "INT that was ignored when it started stays ignored" {
	start work env --ignore-signal=INT iq-work --json -- true
	wait_until '[[ $(iq-stats --json 2>/dev/null | jq ".workers.processes | length") == 1 ]]'
	kill -INT "$work_pid"
	kill -INT "$(<"/proc/$work_pid/task/$work_pid/children")"
	iq-enqueue --wait a
	stop work
	assert_equal "$status" 0
}

@test "the terminal's INT reaches it once, and the handlers not at all" {
	make_holder hold
	iq-enqueue --raw 1
	cat >session <<-'END'
	#!/bin/bash
	# a terminal whose ^C is typed when the job runs
	wait_for() {
		local tries=500
		until "$@" || ((tries-- == 0)); do read -rt 0.02 <> <(:); done
	}
	{
		wait_for test -s hold.started
		printf '\003'
		wait_for grep -qs stopping typed
		flock -u 9
		wait_for test -e ended
	} | command script -qefc 'trap : INT; iq-work --progress --json -- ./hold
		echo "status $?"; touch ended' typed
	END
	chmod +x session
	exec 9>hold.gate
	release_holder hold
	flock 9
	run ./session
	exec 9>&-
	assert_line --partial "stopping when 1 running job has ended"
	assert_line --partial '"state":"succeeded"'
	assert_line --partial "status 130"
	# the bar is gone from then on
	refute_line --regexp 'stopping.* left'
	run sed '1,/stopping/d' typed
	refute_output --partial " left"
}

@test "a worker told to stop twice at once by two senders still stops" {
	make_holder hold
	iq-enqueue --raw 1
	start work iq-work --grace 200ms -- ./hold
	wait_until '[[ -s hold.started ]]'
	until ! kill "$work_pid" 2>/dev/null; do :; done
	status=0
	wait "$work_pid" || status=$?
	assert_equal "$status" 0
	release_holder hold
}

@test "a queue that a newer iq has upgraded: what runs ends, exit 75" {
	make_holder hold
	iq-enqueue --raw 1 2
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	sqlite3 "$IQ_QUEUE" "PRAGMA user_version=$(($(sqlite3 "$IQ_QUEUE" \
		'PRAGMA user_version') + 1000))"
	release_holder hold
	status=0
	wait "$work_pid" || status=$?
	assert_equal "$status" 75
	assert_equal "$(<work.err)" "iq-work: the queue has been upgraded by a newer iq: stopping"
	assert_equal "$(wc -l <hold.started)" 1
}
