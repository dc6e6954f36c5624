#!/usr/bin/env bats
# When a job is tried again, and how often: the settings.

load lib

# delays SETTING ... - what comes after each of four failures, in minutes
delays() {
	rm -f "$IQ_QUEUE" "$IQ_QUEUE"-*
	iq-tune set max_attempts=9 retry_base=1h retry_max=5h retry_jitter=0 "$@"
	iq-enqueue --raw job
	for _ in 1 2 3 4; do
		iq-work -n1 --json -- sh -c 'exit 75' 2>/dev/null || :
		sqlite3 queue.db 'UPDATE job SET
			run_at = run_at - 100 * 3600 * 1000000000'
	done | jq '[.next_run_at // .finished_at, .finished_at |
		.[0:19] + "Z" | fromdate] | (.[0] - .[1]) / 60 | round' |
		paste -sd' '
}

@test "retry_strategy, retry_base, retry_multiplier and retry_max" {
	run delays
	assert_output "60 120 240 300"
	run delays retry_multiplier=3 retry_max=10h
	assert_output "60 180 540 600"
	run delays retry_strategy=linear
	assert_output "60 120 180 240"
	run delays retry_strategy=fixed retry_base=2h
	assert_output "120 120 120 120"
	run delays retry_strategy=immediate
	assert_output "0 0 0 0"
}

@test "retry_jitter is a share of the delay, either way" {
	run delays retry_strategy=fixed retry_jitter=0.5
	run awk '{ for (i = 1; i <= 4; i++) {
			wide += $i < 29 || $i > 91
			other += $i != 60
		} print (wide == 0 && other > 0) }' <<<"$output"
	assert_output 1
}

@test "retry_strategy=none: the first failure is the last" {
	iq-tune set retry_strategy=none
	iq-enqueue --raw --max-attempts 5 a
	run_split iq-work --drain --json -- false
	assert_status 1
	assert_json '[.state, .reason, .attempts] | @csv' \
		'"quarantined","max_attempts",1'
}

@test "transient_max_attempts is for failures that are transient" {
	export IQ_SET_RETRY_STRATEGY=immediate
	iq-tune set max_attempts=2 transient_max_attempts=4
	iq-enqueue --raw 75 1
	run_split iq-work -j1 --drain --json -- sh -c 'exit "$1"' sh
	assert_status 1
	assert_equal "$(jq -c 'select(.state == "quarantined") |
		[.exit, .reason, .attempts]' <<<"$output" | sort)" \
		'[1,"max_attempts",2]
[75,"max_attempts",4]'
}

@test "the last failure is the reason, where that says more" {
	local status
	iq-tune set max_attempts=1
	for status in 69 137 1; do
		iq-enqueue --raw "$status"
		iq-work --drain --json -- sh -c 'exit "$1"' sh 2>/dev/null || :
	done >out
	iq-enqueue --raw slow
	iq-work --drain --json --timeout 50ms -- sh -c 'exec sleep 60' \
		>>out 2>&1 || :
	assert_equal "$(grep '^{' out | jq -r '[.state, .reason] | join(" ")')" \
		"quarantined dependency_failure
quarantined resource_exhausted
quarantined max_attempts
quarantined timeout"
}

@test "a death by KILL while the kernel ran out of memory is told from others" {
	needs_linux "nothing tells of the kernel's kills"
	needs_mounts
	sed 's/^oom_kill .*/oom_kill 7/' /proc/vmstat >vmstat
	# seen by nobody else: else others' handlers had died of that
	cat >kernel <<-'END'
	#!/bin/bash
	mount --bind vmstat /proc/vmstat || exit
	exec iq-work -j1 --drain --json -- bash -c 'case $1 in
		oom) sed "s/^oom_kill .*/oom_kill 8/" vmstat >new
			cat new >vmstat ;;
		esac
		kill -KILL $$' bash
	END
	chmod +x kernel
	iq-enqueue --raw before oom after
	run_split unshare -m ./kernel
	assert_status 1
	assert_equal "$(jq -r '[.path, .exit, .outcome, .reason] | join(" ")' \
		<<<"$output")" "before -9 unknown unknown
oom -9 transient resource_exhausted
after -9 unknown unknown"
}
