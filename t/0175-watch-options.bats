#!/usr/bin/env bats
# iq-watch: when it prints, how fast, and what else its options say.

load lib
load watch

setup() {
	iq_setup
	mkdir r
}

teardown() {
	: >enough
	iq_teardown
}

lines() {
	wc -l <w.out
}

# waits N - so many paths wait
waits() {
	kill -USR2 "$w_pid"
	tail -n 1 w.err | jq -e ".pending_files == $1" >/dev/null
}

# moved_in NAME ... - whole at once: of one that is written, its making may be
# heard first
moved_in() {
	local name
	for name; do
		echo 1 >moved
		mv moved "r/$name"
	done
}

@test "a file that is never quiet is printed after --max-delay" {
	watching --debounce 1h --max-delay 300ms --settle 1h r
	while [[ ! -e enough ]]; do
		echo 1 >r/a
	done &
	wait_until '[[ -s w.out ]]'
	: >enough
	wait $!
	stop w
	assert_equal "$(sort -u w.out)" "$PWD/r/a"
}

@test "-n: so many that wait are a batch, fewer are not" {
	watching -w 1h --max-delay 1h -n 3 --boundaries r
	moved_in a b
	wait_until 'waits 2'
	assert_equal "$(lines)" 0
	moved_in c
	# (it is looked at in a moment, as it is so young)
	wait_until 'grep -qx "$PWD/r/c" w.out'
	stop w
	assert_equal "$(sort -u w.out)" "
$PWD/r/a
$PWD/r/b
$PWD/r/c"
	assert_equal "$(tail -n 1 w.out)" ""
}
