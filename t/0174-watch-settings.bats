#!/usr/bin/env bats
# iq-watch: settings of its type that change while it runs.

load lib
load watch

setup() {
	iq_setup
	mkdir r s
	iq-tune set -t notes path="$PWD/r" debounce=0 >/dev/null
}

teardown() {
	iq_teardown
}

set_notes() {
	iq-tune set -t notes "$@" >/dev/null
}

@test "another directory, and what it had before is left alone" {
	echo 1 >r/old
	echo 1 >s/old
	watching -v -t notes
	wait_until 'grep -qx "$PWD/r/old" w.out'
	set_notes path="$PWD/s"
	wait_until 'grep -qx "$PWD/s/old" w.out'
	wait_until 'status_is .healthy'
	echo 1 >r/late
	echo 1 >s/late
	wait_until 'grep -qx "$PWD/s/late" w.out'
	run_split iq-watch --timeout 100ms --name notes r
	assert_status 0
	stop w
	assert_status 143
	assert_equal "$(sort -u w.out)" "$PWD/r/old
$PWD/s/late
$PWD/s/old"
	# counted through
	output=$(tail -n 1 w.err)
	assert_json '.batches >= 3 and .scans >= 2'
}

@test "what is wanted, and what is not" {
	set_notes 'include=*.md'
	watching -t notes
	touch r/a.md r/a.txt
	wait_until 'grep -qx "$PWD/r/a.md" w.out'
	set_notes 'include=["*.md","*.txt"]' 'exclude=b.*'
	wait_until 'grep -qx "$PWD/r/a.txt" w.out'
	touch r/b.md r/c.txt
	wait_until 'grep -qx "$PWD/r/c.txt" w.out'
	stop w
	refute grep b.md w.out
}

@test "nothing is missed on the way, however often it is told" {
	local i writer
	for ((i = 0; ; i++)); do
		[[ ! -e enough ]] || exit 0
		touch "r/$i"
	done &
	writer=$!
	watching -t notes
	for i in 2 3 4 5; do
		set_notes "exclude=no-$i"
		wait_until "status_is '.healthy and .scans >= $i'"
	done
	touch enough
	wait "$writer"
	wait_until '(($(sort -u w.out | wc -l) == $(find r -type f | wc -l)))' 30
	stop w
}

@test "--no-existing: what was made meanwhile is printed" {
	echo 1 >r/old
	echo 1 >s/old
	watching -t notes --no-existing
	echo 1 >r/new
	wait_until 'grep -qx "$PWD/r/new" w.out'
	kill -STOP "$w_pid"
	echo 1 >r/meanwhile
	set_notes path="[\"$PWD/r\",\"$PWD/s\"]"
	kill -CONT "$w_pid"
	wait_until 'grep -qx "$PWD/r/meanwhile" w.out'
	wait_until 'status_is ".healthy and .scans >= 2"'
	echo 1 >s/new
	wait_until 'grep -qx "$PWD/s/new" w.out'
	stop w
	refute grep old w.out
}

@test "without any directory it goes on as before, and says so" {
	watching -t notes
	iq-tune unset -t notes path >/dev/null
	wait_until '[[ -s w.err ]]'
	echo 1 >r/a
	wait_until 'grep -qx "$PWD/r/a" w.out'
	set_notes path="$PWD/s"
	echo 1 >s/a
	wait_until 'grep -qx "$PWD/s/a" w.out'
	stop w
	assert_equal "$(<w.err)" "iq-watch: type notes has no path any more; \
watching as before"
}

@test "what another one watches is waited for" {
	iq-tune set -t mail path="$PWD/s" debounce=0 >/dev/null
	start other iq-watch -t mail --name notes --no-existing
	wait_until 'iq-scan --status --name notes s'
	watching -t notes
	set_notes path="$PWD/s"
	wait_until '[[ -s w.err ]]'
	echo 1 >r/a
	wait_until 'grep -qx "$PWD/r/a" w.out'
	stop other
	echo 1 >s/a
	wait_until 'grep -qx "$PWD/s/a" w.out'
	stop w
	assert_status 143
	assert_equal "$(<w.err)" "iq-watch: scan $PWD/s: iq-watch with pid \
$other_pid does so now: end it, or use another --name; watching as before"
}

@test "directories that were named are kept" {
	watching -t notes s
	set_notes path=/nowhere debounce=1ms
	wait_until 'kill -USR2 "$w_pid"
		tail -n 1 w.err | jq -e ".debounce_seconds == 0.001"'
	echo 1 >s/a
	wait_until 'grep -qx "$PWD/s/a" w.out'
	stop w
	tail -n 1 status | jq -e '.scans == 1'
}

@test "--once is over after a batch, and --timeout when it was to be" {
	watching -t notes --once -w 1h --max-delay 1h --timeout 5s
	set_notes exclude=x
	wait_until 'status_is ".healthy and .scans >= 2"'
	echo 1 >r/a
	heard_of_it
	set_notes exclude=y
	ended
	assert_status 0
	assert_stdout "$PWD/r/a"
	mkdir empty
	set_notes path="$PWD/empty"
	watching -t notes --timeout 5s
	set_notes exclude=z
	ended
	assert_status 0
	assert_stdout ""
}
