#!/usr/bin/env bats
# What slows down a type: its circuit breaker, and its rate limit.

load lib

setup() {
	iq_setup
	# a failed job is no matter any more
	export IQ_SET_MAX_ATTEMPTS=1
	iq-db init >/dev/null
	iq-tune set breaker=3 retry_base=1h retry_max=1h retry_jitter=0
}

# jobs N - of type t, one path each
jobs() {
	seq "$1" | iq-enqueue -t t --raw
}

# Runs what may run; every handler fails
fails() {
	run_split iq-work -t t -j1 --drain -- false
}

# Its state, and the failures in a row
breaker() {
	echo "$(iq-stats --json -t t | jq -r '.types[0].breaker_state')" \
		"$(sqlite3 -readonly queue.db 'SELECT failures FROM throttle t
			JOIN type ON type.id = t.type WHERE name = "t"')"
}

# The audit log's words about breakers
told() {
	sqlite3 -readonly queue.db "SELECT json_extract(detail, '\$[0].breaker')
		FROM event WHERE kind = 20 ORDER BY seq" | paste -sd' '
}

@test "failures in a row open the breaker, and nothing more is started" {
	jobs 5
	fails
	assert_ran 1 "" "iq-work: 0 succeeded, 3 failed, 2 left (0 ready, 0 \
delayed, 0 waiting, 0 running, 2 held)"
	assert_equal "$(breaker)" "open 3"
	assert_equal "$(told)" open
	run_split iq-stats --text
	assert_stdout_like "*t *breaker*"
	fails
	assert_status 1
	run_split iq-list -s ready
	assert_json .id $'4\n5'
}

@test "a batch that fails does not count, its jobs alone do; one that succeeds does" {
	jobs 2
	run_split iq-work -t t -j1 -b9 --drain -- false
	assert_equal "$(breaker)" "closed 2"
	jobs 2
	run_split iq-work -t t -j1 -b9 --drain -- true
	assert_ran 0 "" ""
	jobs 1
	fails
	assert_equal "$(breaker)" "closed 1"
}

@test "--why tells of an open breaker, and until when" {
	jobs 4
	fails
	run_split iq-list --why 4
	assert_json 'select(.code == "breaker").sentence | sub("until .*; "; "until T; ")' \
		"type t has failed 3 times in a row, and its breaker is open: no \
job is tried until T; iq-ctl resume -t t closes it"
	run_split iq-list --why 4
	assert_stdout_like "* (in [15]*m*"
}

@test "a success in between begins anew" {
	local i
	jobs 6
	for i in 1 1 0 1 1; do
		run_split iq-work -t t -n1 -- sh -c "exit $i"
	done
	assert_equal "$(breaker)" "closed 2"
	assert_equal "$(told)" ""
}

@test "what the input is to blame for, and what is uncharged, counts not" {
	local i
	jobs 8
	for i in 1 65 66 1; do
		run_split iq-work -t t -n1 -- sh -c "exit $i"
	done
	run_split iq-work -t t -n1 -- sh -c 'echo "{\"outcome\":\"snooze\"}" >&3; exit 1'
	run_split iq-work -t t -n1 -- sh -c 'echo "{\"retry_after_seconds\":60}" >&3'
	assert_equal "$(breaker)" "closed 2"
}

@test "each type has its own" {
	jobs 4
	fails
	iq-enqueue -t t/child --raw a
	iq-enqueue -t u --raw b
	run_split iq-work --drain -- sh -c 'echo "$IQ_JOB_TYPE"'
	assert_status 1
	assert_equal "$(sort <<<"$output" | paste -sd' ')" "t/child u"
}

@test "after a while one is tried; a success lets the others go on" {
	make_holder hold
	iq-tune set retry_base=200ms retry_max=200ms
	jobs 6
	fails
	start worker iq-work -t t -j3 -- ./hold
	wait_until '[[ -s hold.started ]]'
	assert_equal "$(breaker)" "probing 3"
	run_split iq-list --why 5
	assert_json 'select(.code == "breaker").sentence' "type t has failed 3 \
times in a row, and its breaker is open: one job is being tried; iq-ctl \
resume -t t closes it"
	run_split iq-list -s running
	assert_json .id 4
	release_holder hold
	wait_until '[[ -z $(iq-list -s pending -s running) ]]'
	stop worker
	assert_equal "$(breaker)" "closed "
	assert_equal "$(told)" "open closed"
	assert_equal "$(cut -d' ' -f1 hold.started | sort | paste -sd' ')" "4 5 6"
}

@test "one that is tried and fails keeps it open, for longer" {
	iq-tune set retry_base=50ms retry_max=1h
	jobs 30
	start worker iq-work -t t -j4 -- false
	wait_until '[[ $(told) == "open open open"* ]]'
	stop worker
	# each after the first is one job, and its pause is twice as long
	sqlite3 -readonly queue.db "SELECT json_extract(detail, '\$[0].failures')
		FROM event WHERE kind = 20 ORDER BY seq LIMIT 3" >counts
	awk 'NR > 1 && $1 != last + 1 && NR > 2 { exit 1 } { last = $1 }' counts
	run_split iq-list --why 30
	assert_json 'select(.code == "breaker").code' breaker
}

@test "one that is tried and whose worker dies is no verdict" {
	make_holder hold
	iq-tune set retry_base=50ms retry_max=50ms
	jobs 5
	fails
	start worker iq-work -t t -j2 -- ./hold
	wait_until '[[ -s hold.started ]]'
	release_holder hold
	kill -KILL "$(pgrep -P "$worker_pid")"
	wait "$worker_pid" || :
	run_split iq-work -t t --drain -- true
	run_split breaker
	assert_stdout "closed "
}

@test "resume closes it" {
	jobs 5
	fails
	iq-ctl resume -t t
	assert_equal "$(breaker)" "closed "
	assert_equal "$(told)" "open closed"
	run_split iq-work -t t --drain -- true
	assert_ran 0 "" ""
	iq-enqueue -t t --raw x y z
	fails
	iq-ctl resume
	assert_equal "$(breaker)" "closed "
}

@test "breaker=0 is none, even where it was open" {
	jobs 9
	fails
	iq-tune set -t t breaker=0
	run_split iq-list --why 9
	assert_json 'select(.code == "breaker")' ""
	fails
	assert_stderr_like "iq-work: 0 succeeded, 6 failed, 0 left*"
	assert_equal "$(breaker)" "closed 3"
}

@test "unless it is turned off it opens at 20; what was claimed ahead goes back" {
	local failed
	iq-tune unset breaker
	jobs 300
	fails
	failed=$(iq-list -s quarantined | wc -l)
	((failed >= 20 && failed < 100))
	assert_stderr_like "*, $((300 - failed)) left (0 ready, * $((300 - failed)) held)"
	run_split iq-list -s ready --sort -attempt --limit 1
	assert_json .attempt 0
}

@test "a queue with an open breaker is sound" {
	jobs 4
	fails
	run_split iq-db check --text
	assert_ran 0 "$PWD/queue.db: ok" ""
	iq-log --verify >/dev/null
}

# ---- rate_limit ----

@test "a rate limit: so many at once, and no more" {
	iq-tune set -t t rate_limit=2/1h
	jobs 5
	start worker iq-work -t t -j5 -- true
	wait_until '[[ $(iq-list -s succeeded | wc -l) == 2 ]]'
	run_split iq-list --why 5
	assert_json 'select(.code == "rate").sentence | sub("until .*"; "until T")' \
		"type t may start 2/1h, and starts none until T"
	run_split iq-list --why 5
	assert_stdout_like "* (in [23][0-9]m*"
	run_split iq-list -s ready
	assert_json .id $'3\n4\n5'
	stop worker
}

@test "a rate limit is for all workers together" {
	local i
	iq-tune set -t t rate_limit=3/1h
	jobs 9
	for i in 1 2 3; do
		start "worker$i" iq-work -t t -j3 -- true
	done
	wait_until '[[ $(iq-list -s succeeded | wc -l) == 3 ]]'
	for i in 1 2 3; do
		stop "worker$i"
	done
	assert_equal "$(iq-list -s ready | wc -l)" 6
}

@test "a rate limit of a parent bounds its children together" {
	iq-tune set -t t rate_limit=2/1h
	jobs 1
	iq-enqueue -t t/a --raw 1 2
	iq-enqueue -t t/b --raw 1 2
	start worker iq-work -t t -j5 -- true
	wait_until '[[ $(iq-list -s succeeded | wc -l) == 2 ]]'
	stop worker
	assert_equal "$(iq-list -s ready | wc -l)" 3
	run_split iq-list --why "$(iq-list -s ready -t t/b --limit 1 | jq .id)"
	assert_json 'select(.code == "rate").sentence | sub(", .*"; "")' \
		"type t may start 2/1h"
}

@test "a rate limit of the whole queue bounds each type by itself" {
	iq-tune set rate_limit=1/1h
	jobs 2
	iq-enqueue -t u --raw 1 2
	start worker iq-work -j4 -- true
	wait_until '[[ $(iq-list -s succeeded | wc -l) == 2 ]]'
	stop worker
	run_split iq-list -s succeeded
	assert_json .type $'t\nu'
}

@test "a rate limit does not keep others from their turn" {
	iq-tune set -t t rate_limit=1/1h
	jobs 3
	iq-enqueue -t u --raw -p low 1 2 3
	start worker iq-work -j1 -- true
	wait_until '[[ $(iq-list -s succeeded | wc -l) == 4 ]]'
	stop worker
	assert_equal "$(iq-list -s ready | wc -l)" 2
}

@test "with a rate limit --drain waits for the next, and each start counts" {
	local began
	iq-tune set -t t rate_limit=10/1s
	jobs 15
	began=$EPOCHREALTIME
	run_split iq-work -t t -j4 --drain --json -- true
	assert_status 0
	# five came after the first ten, a tenth of a second each
	run_split jq -s --argjson began "$began" '[.[].started_at |
		sub("Z$"; "") | split(".") |
		(.[0] + "Z" | fromdate) + ("0." + .[1] | tonumber)] |
		max - $began >= 0.49 and length == 15' <<<"$output"
	assert_stdout true
}

@test "a start that a rate limit counted and that did not happen is given back" {
	iq-tune set -t t rate_limit=2/1h
	jobs 5
	# the second job cannot be written to the first of these
	start worker iq-work -c -t t -j1 --grace 100ms -- bash -c \
		'read -r p; exec 0<&-; echo 0; exec sleep 60'
	wait_until '[[ $(iq-list -s succeeded | wc -l) == 2 ]]'
	stop worker
	assert_equal "$(iq-list -s ready | wc -l)" 3
}
