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

@test "--at with a day that does not exist says so" {
	run_split iq-enqueue --at 2026-02-30 /a
	assert_status 64
	assert_stderr_like "iq-enqueue: --at: time \"2026-02-30\": there is no such day*"
}

@test "options that need keys name what leaves none" {
	run_split iq-enqueue --unique-for 1h --on-duplicate allow /a
	assert_status 64
	assert_stderr_like "iq-enqueue: --unique-for: needs keys, and --on-duplicate allow has none*"
	run_split iq-enqueue --debounce 1h --no-key /a
	assert_status 64
	assert_stderr_like "iq-enqueue: --debounce: needs keys, and --no-key has none*"
}

@test "a word that an option does not take: which it takes" {
	run_split iq-enqueue --on-full wait /a
	assert_status 64
	assert_stderr_like "iq-enqueue: --on-full: not block, fail or drop: wait*"
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
	assert_stderr "iq-enqueue: record 1: job 99, which it is to run after, does not exist"
}

@test "--after the number that the job itself would have is refused" {
	iq-enqueue /a
	run_split iq-enqueue --after 2 /b
	assert_status 65
	assert_stderr "iq-enqueue: record 1: job 2, which it is to run after, does not exist"
	run_split job .id
	assert_stdout 1
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

@test "--after a job that has failed already: as if it failed later" {
	iq-enqueue --max-attempts 1 /quarantined
	iq-work -n 1 -- false || :
	iq-enqueue /cancelled
	iq-ctl cancel 2 >/dev/null
	local parent id=2
	for parent in 1 2; do
		iq-enqueue --after $parent /waits$parent
		iq-enqueue --after $parent --on-parent-failure cancel /ends$parent
		iq-enqueue --after $parent --on-parent-failure run /runs$parent
		run_split job '[.state, .reason]' $((id + 1)) $((id + 2)) $((id + 3))
		assert_stdout '["pending",null]
["cancelled","dependency_failure"]
["pending",null]'
		id=$((id + 3))
	done
	run_split job .id -s ready
	assert_stdout "5
8"
	iq-ctl retry 1 2 >/dev/null
	iq-work --drain -- true
	run_split job .id
	assert_stdout ""
	run_split job '[.id, .state]' 3 6
	assert_stdout '[3,"succeeded"]
[6,"succeeded"]'
}

@test "--max-queue --on-full fail takes what fits, says 75" {
	run_split iq-enqueue -I --max-queue 2 --on-full fail /a /b /c
	assert_status 75
	assert_stdout "1
2
-"
	assert_stderr_like "iq-enqueue: enqueue record 3: type default is full*"
}

@test "a full queue still merges" {
	iq-enqueue --max-queue 1 /a
	run_split iq-enqueue -I --max-queue 1 --on-full fail -p high /a
	assert_ran 0 1 ""
}

@test "what a record does instead of a retry takes no further room" {
	iq-tune set retry_base=1h
	iq-enqueue /a
	iq-work -n 1 -- false || :
	run_split iq-enqueue -I --max-queue 2 --on-full drop /a /b
	assert_ran 0 "2
3" ""
}

@test "what is cancelled with its parent at once takes no room" {
	iq-enqueue /a
	iq-ctl cancel 1 >/dev/null
	run_split iq-enqueue -I --max-queue 1 --on-full drop --after 1 \
		--on-parent-failure cancel /b /c
	assert_ran 0 "2
3" ""
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

@test "what is dropped is told of once, at the end" {
	iq-tune set -t bulk max_queue=2 on_full=drop
	run_split iq-enqueue -t bulk --batch 1 --raw 1 2
	assert_ran 0 "" ""
	run_split iq-enqueue -t bulk --batch 1 --raw 3 4 5
	assert_ran 0 "" "iq-enqueue: 3 records of 3 were dropped: full (max_queue)"
	run_split iq-enqueue -t bulk --raw 1 6
	assert_ran 0 "" "iq-enqueue: 1 record of 2 was dropped: full (max_queue)"
}

@test "--on-full block waits until there is room" {
	iq-enqueue /a
	start e iq-enqueue -I --max-queue 1 /b
	iq-work -n 1 -- true
	wait_until '[[ -s e.out ]]'
	wait "$e_pid"
	assert_equal "$(cat e.out)" 2
}

@test "--on-full block only looks while it waits, and is one event" {
	iq-enqueue /a
	start e iq-enqueue -I --max-queue 1 /b /c
	wait_until '[[ $(iq-stats --json | jq .backpressure.events) == 1 ]]'
	# shellcheck disable=SC2034 # in the condition below
	before=$(sleeps "$e_pid")
	wait_until '(($(sleeps "$e_pid") > before + 20))'
	run_split iq-stats --json
	assert_json '.backpressure.events == 1'
	iq-work -n 1 -- true
	wait_until '[[ $(iq-stats --json | jq .backpressure.events) == 2 ]]'
	iq-work -n 1 -- true
	wait "$e_pid"
	assert_equal "$(paste -sd' ' e.out)" "2 3"
}

@test "TERM ends --on-full block, and what was taken stays" {
	start e iq-enqueue -I --max-queue 2 /a /b /c
	wait_until '[[ $(iq-stats --json | jq .backpressure.events) == 1 ]]'
	stop e
	assert_equal "$status" 75
	assert_equal "$(cat e.err)" "iq-enqueue: enqueue record 3: stopped while\
 type default was full; this one and what follows it was not taken"
	run_split job .id
	assert_stdout "1
2"
}

@test "--on-full drop goes on in the same transaction" {
	iq-tune set -t small max_queue=1 on_full=drop
	run_split iq-enqueue -J -I --ack <<-'END'
	{"path":"/a","type":"small"}
	{"path":"/b","type":"small"}
	{"path":"/c","type":"small"}
	{"path":"/d","type":"large"}
	{"path":"/a","type":"small"}
	END
	assert_status 0
	assert_equal "$(head -n 5 <<<"$output" | paste -sd' ')" "1 - - 2 1"
	run_split iq-stats --json
	assert_json '[.intake.dropped, .intake.enqueued, .intake.merged,
		.backpressure.events] | tojson' '[2,2,1,1]'
}

@test "the setting max_queue of a parent bounds the sum of its children" {
	iq-tune set -t notes max_queue=2 on_full=fail
	iq-enqueue -t notes/a /a
	iq-enqueue -t notes/b /b
	run_split iq-enqueue -t notes/c /c
	assert_status 75
}

@test "it bounds a child without a bound, too" {
	iq-tune set -t p max_queue=2 on_full=fail
	iq-tune set -t p/c max_queue=0
	run_split iq-enqueue -I -t p/c --raw 1 2 3
	assert_status 75
	assert_equal "$output" "1
2
-"
	run_split iq-enqueue -t p/d --raw 4
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

@test "--wait says that nobody serves the type, and goes on waiting" {
	start put iq-enqueue -t notes --wait a
	wait_until '[[ -s put.err ]]'
	iq-work -t notes -n1 -- true
	wait "$put_pid"
	assert_equal "$(<put.err)" \
		"iq-enqueue: --wait: no live worker serves type notes"
}

@test "--wait for nothing has nothing to wait for" {
	run_split iq-enqueue --wait </dev/null
	assert_ran 0 "" ""
}

@test "--wait for jobs that are forgotten before it is asked" {
	mkfifo in
	exec 9<>in
	start put iq-enqueue --wait --raw --batch 1 -I <in 9>&-
	echo a >&9
	wait_until '[[ -s put.out ]]'
	iq-work -n1 -- true
	age 31
	run_split iq-db prune
	assert_json .jobs 1
	exec 9>&-
	wait "$put_pid"
	assert_equal "$(<put.err)" ""
}

@test "--wait-timeout is 75" {
	run_split iq-enqueue --wait --wait-timeout 0 /a
	assert_ran 75 "" \
		"iq-enqueue: wait for jobs: the time is up, 1 has not ended"
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
	local option
	for option in "--delay 5parsecs" "--at x" "--payload {" \
			"--max-attempts 0" "--after x" "--after ," \
			"--priority urgent" "--type A" "--unique-for x" \
			"--batch 0" "--batch-wait x" "--debounce x" \
			"--timeout x" "--max-queue 0"; do
		# shellcheck disable=SC2086
		run_split iq-enqueue $option /a
		assert_status 64
		assert_stdout ""
		assert_stderr_like "iq-enqueue: ${option% *}[: ]*"
	done
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

@test "--wait: the answer is on disk" {
	# a worker with settings of its own does not sync for others
	IQ_SET_MAX_ATTEMPTS=1 start w iq-work -- true
	wait_until '[[ $(iq-stats --json 2>/dev/null | jq ".workers.processes | length") == 1 ]]'
	ASAN_OPTIONS=detect_leaks=0 strace -y -qq -o trace -e trace=fdatasync \
		env IQ_SET_WEIGHT=1 iq-enqueue --wait /a
	stop w
	# with a setting of its own it does not leave it to the worker
	# one sync for what was enqueued, and one for what the worker wrote
	assert_equal "$(grep -c 'queue.db-wal' trace)" 2
}

@test "--wait for jobs that end in any order" {
	make_holder hold
	iq-enqueue --raw first
	start w iq-work -j2 -- sh -c 'test "$1" != first || exec ./hold' sh
	start e iq-enqueue --wait --raw first second third
	wait_until '[[ $(iq-list --json -s succeeded | wc -l) == 2 ]]'
	kill -0 "$e_pid"
	release_holder hold
	wait "$e_pid"
	stop w
}

@test "TERM while another program has the turn: soon over, and it says so" {
	iq-db init
	exec {turn}<"$IQ_QUEUE-lock"
	flock "$turn"
	start e iq-enqueue --ack /a
	# it catches ALRM while it waits for the turn
	wait_until 'grep -q "^SigCgt:.*[0-9a-f]*$" "/proc/$e_pid/status" &&
		(( (0x$(sed -n "s/^SigCgt:.//p" "/proc/$e_pid/status") >> 13 & 1) == 1 ))'
	kill "$e_pid"
	# it would wait for 30 s
	wait_until '! kill -0 "$e_pid" 2>/dev/null'
	status=0
	wait "$e_pid" || status=$?
	exec {turn}<&-
	assert_equal "$status" 75
	assert_equal "$(<e.err)" "iq-enqueue: wait for a turn on $IQ_QUEUE: interrupted"
	assert_file_empty e.out
}

@test "what is typed after ^C is no record" {
	mkfifo keyboard
	exec {keys}<>keyboard
	start e env --default-signal=INT script -qec "iq-enqueue --raw" \
		/dev/null <keyboard
	echo before >&"$keys"
	wait_until '[[ $(iq-list 2>/dev/null | wc -l) == 1 ]]'
	# both are there when it hears of it
	printf '\003after\n' >&"$keys"
	wait "$e_pid" || :
	exec {keys}<&-
	assert_equal "$(iq-list --json | jq -r .path)" before
}

@test "--ack tells only of records that were dealt with" {
	run_split iq-enqueue --ack --max-queue 2 --on-full fail /a /b /c
	assert_status 75
	assert_json '.records == 2 and .enqueued == 2 and .total == 2'
}
