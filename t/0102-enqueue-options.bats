#!/usr/bin/env bats
# When jobs start, what bounds the queue, what iq-enqueue prints.

load lib

job() {
	iq-list --json "${@:2}" | jq -c "$1"
}

@test "--at and --delay put a job off" {
	iq-enqueue --at 2099-01-01T00:00:00Z /a
	iq-enqueue --delay 1h /b
	run_split job .id -s delayed
	assert_stdout "1
2"
	run_split job .run_at 1
	assert_stdout '"2099-01-01T00:00:00.000Z"'
}

@test "a start in the past is now" {
	iq-enqueue --at -1h /a
	run_split job .id -s ready
	assert_stdout 1
}

@test "--at with --delay is 64" {
	run_split iq-enqueue --at now --delay 1s /a
	assert_status 64
	assert_stderr_like "*--at and --delay*"
}

@test "--after waits for the parents to succeed" {
	iq-enqueue --delay 1h /a
	iq-enqueue /b
	run_split iq-enqueue -I --after 1,2 /c
	assert_ran 0 3 ""
	run_split job .id -s waiting
	assert_stdout 3
	iq-work --drain -- true || :	# two are left
	run_split job .id
	assert_stdout "1
3"
	iq-ctl cancel 1
	run_split job .id -s waiting
	assert_stdout 3
}

@test "--after a job that succeeded does not wait" {
	iq-enqueue /a
	iq-work --drain -- true
	iq-enqueue --after 1 /b
	run_split job .id -s ready
	assert_stdout 2
}

@test "--after a job that does not exist is refused" {
	run_split iq-enqueue --after 99 /a
	assert_status 65
	assert_stderr "iq-enqueue: record 1: a job that it is to run after does not exist"
}

@test "--on-parent-failure cancel ends the child with its parent" {
	iq-enqueue /a
	iq-enqueue --after 1 --on-parent-failure cancel /b
	iq-enqueue --after 2 --on-parent-failure cancel /c
	iq-ctl cancel 1
	run_split job '[.id,.state,.reason]' 2 3
	assert_stdout '[2,"cancelled","dependency_failure"]
[3,"cancelled","dependency_failure"]'
}

@test "--on-parent-failure run starts the child when its parent fails" {
	iq-enqueue --max-attempts 1 /a
	iq-enqueue --after 1 --on-parent-failure run /b
	iq-work -n 1 -- false || :
	run_split job .id -s quarantined
	assert_stdout 1
	run_split job .id -s ready
	assert_stdout 2
}

@test "--max-queue --on-full fail takes what fits, says 75" {
	run_split iq-enqueue -I --max-queue 2 --on-full fail /a /b /c
	assert_status 75
	assert_stdout "1
2
-"
	assert_stderr_like "iq-enqueue: enqueue record 3: the queue of default is full*"
}

@test "a full queue still merges" {
	iq-enqueue --max-queue 1 /a
	run_split iq-enqueue -I --max-queue 1 --on-full fail -p high /a
	assert_ran 0 1 ""
}

@test "--on-full drop drops, and counts it" {
	run_split iq-enqueue -I -v --max-queue 1 --on-full drop /a /b
	assert_status 0
	assert_stdout "1
-"
	run_split jq -c '[.read,.enqueued,.dropped]' <<<"$stderr"
	assert_stdout '[2,1,1]'
	run_split iq-stats --json
	assert_json '.intake.dropped == 1'
}

@test "--on-full block waits until there is room" {
	iq-enqueue /a
	start e iq-enqueue -I --max-queue 1 /b
	iq-work -n 1 -- true
	wait_until '[[ -s e.out ]]'
	wait "$e_pid"
	assert_equal "$(cat e.out)" 2
}

@test "the setting max_queue of a parent bounds the sum of its children" {
	iq-tune set -t notes max_queue=2 on_full=fail
	iq-enqueue -t notes/a /a
	iq-enqueue -t notes/b /b
	run_split iq-enqueue -t notes/c /c
	assert_status 75
}

@test "-v ends with one JSON line on stderr" {
	run_split iq-enqueue -v /a /a
	assert_status 0
	assert_stdout ""
	run_split jq -c 'del(.seconds)' <<<"$stderr"
	assert_stdout '{"read":2,"enqueued":1,"merged":1,"dropped":0,"rejected":0}'
}

@test "--ack prints a line per batch" {
	run_split iq-enqueue --ack --batch 2 < <(printf '%s\n' a b c)
	assert_status 0
	run_split jq -cs 'map([.batch,.records,.total])' <<<"$output"
	assert_stdout '[[1,2,2],[2,1,3]]'
}

@test "--wait is 0 when all succeeded, 1 when not" {
	start w iq-work -- sh -c 'test "$1" != /bad' sh {}
	run_split iq-enqueue --wait /good
	assert_ran 0 "" ""
	run_split iq-enqueue --wait --max-attempts 1 /bad
	assert_status 1
	stop w
}

@test "--wait-timeout is 75" {
	run_split iq-enqueue --wait --wait-timeout 50ms /a
	assert_status 75
	assert_stderr_like "iq-enqueue: *"
}

# What TERM's test feeds, with a part that is never finished
feed() {
	printf '/a\n\n'
	wait_until '[[ -e more ]]'
	printf '/b\n/unfinished'
	wait_until '[[ -e over ]]'
}

bytes_read() {
	sed -n 's/^rchar: //p' "/proc/$e_pid/io"
}

@test "TERM commits what was read, then dies by the signal" {
	start e iq-enqueue --ack --batch-wait 1h < <(feed)
	wait_until '[[ -s e.out ]]'
	# shellcheck disable=SC2034 # in the condition below
	before=$(bytes_read)
	touch more
	wait_until '(($(bytes_read) > before))'
	stop e
	touch over
	((status == 128 + 15))
	run_split job .path
	assert_stdout '"/a"
"/b"'
}

@test "a reader of stdout that leaves does not stop the enqueuing" {
	bash -c 'seq 1 50000 | iq-enqueue -I --raw --batch 1000' | head -n 1
	run_split iq-stats --json
	assert_json '.depth.ready == 50000'
}

@test "stdout that cannot be written is 74" {
	run_split bash -c 'iq-enqueue -I /a >/dev/full'
	assert_status 74
	assert_stderr_like "iq-enqueue: *"
}

@test "a bad option value is 64 and says which" {
	run_split iq-enqueue --delay 5parsecs /a
	assert_status 64
	assert_stderr_like "iq-enqueue: *delay*5parsecs*"
	run_split iq-enqueue -p urgent /a
	assert_status 64
	run_split iq-enqueue --on-duplicate maybe /a
	assert_status 64
	assert_stderr_like "iq-enqueue: --on-duplicate:*maybe*"
}

@test "TERM ends --wait" {
	start e iq-enqueue --wait /a
	wait_until '[[ $(iq-list --json 2>/dev/null | jq .id) == 1 ]]'
	# past the commit it is only waiting: by then the usual effect is back
	wait_until 'grep -q "^SigCgt:.*[0-9a-f]*$" "/proc/$e_pid/status" &&
		(( (0x$(sed -n "s/^SigCgt:.//p" "/proc/$e_pid/status") >> 14 & 1) == 0 ))'
	stop e
	assert_equal "$status" 143
}

@test "--ack tells only of records that were dealt with" {
	run_split iq-enqueue --ack --max-queue 2 --on-full fail /a /b /c
	assert_status 75
	assert_json '.records == 2 and .enqueued == 2 and .total == 2'
}
