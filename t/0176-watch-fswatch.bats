#!/usr/bin/env bats
# iq-watch, where fswatch(1) tells what happens.  Most of these have one of our
# own that says what we tell it to; the last ones run it where it is installed.

load lib
load watch

setup() {
	watch_setup
}

# our_fswatch - one that says what tell has it say, and with which arguments it
# was started
our_fswatch() {
	mkdir bin
	cat >bin/fswatch <<-END
	#!/bin/sh
	printf '%s\n' "\$@" >>"$PWD/asked"
	exec cat "$PWD/says"
	END
	chmod +x bin/fswatch
	mkfifo says
	exec {says}<>says
	export PATH=$PWD/bin:$PATH
}

# tell FORMAT ARG ... - as printf has it
tell() {
	# shellcheck disable=SC2059
	printf "$@" >&"$says"
}

# from_fswatch ARG ... - nothing but what it tells is looked at
from_fswatch() {
	watching -J --source fswatch --settle 100ms --debounce 20ms "$@"
}

# said EVENT NAME [SIZE]
said() {
	jq -se --arg path "$PWD/r/$2" 'any(.[]; .event == $event and
		.path == $path and ($size == "" or .size_bytes ==
		($size | tonumber)))' --arg event "$1" --arg size "${3-}" \
		w.out >/dev/null
}

needs_fswatch() {
	command -v fswatch >/dev/null || skip "fswatch is not installed"
}

@test "asked for, and not there: 69" {
	run_split env "PATH=$PWD" "$(command -v iq-watch)" --source fswatch r
	assert_ran 69 "" "iq-watch: find fswatch: it is not in PATH"
}

@test "what it is asked for, and what it says is looked at" {
	our_fswatch
	mkdir -- -x
	from_fswatch r -- -x
	status_is '.source == "fswatch" and .reason == null'
	echo 1 >"r/a b"
	mkdir r/d
	echo 2 >r/d/$'n\nl'
	# nobody has told, and the next look is a quarter of an hour off
	tell '%s Created,Updated,CloseWrite\0' "$PWD/r/a b"
	wait_until 'said created "a b"'
	assert_equal "$(wc -l <w.out)" 1
	tell '%s Created,IsDir\0' "$PWD/r/d"
	wait_until 'said created "d/n
l"'
	echo 33 >"r/a b"
	tell '%s Updated\0' "$PWD/r/a b"
	wait_until 'said created "a b" 3'
	rm "r/a b"
	tell '%s Removed\0' "$PWD/r/a b"
	wait_until 'said deleted "a b"'
	mv r/d/* r/e
	tell '%s Renamed\0%s MovedTo\0' "$PWD/r/d/"$'n\nl' "$PWD/r/e"
	wait_until 'said created e'
	stop w
	assert_equal "$(head -n 4 asked | paste -sd' ')" \
		"-0 -r -x --event-flag-separator=,"
	grep -qx -e --allow-overflow asked
	assert_equal "$(tail -n 3 asked)" "--
$PWD/r
$PWD/-x"
	exec {says}>&-
}

@test "events that were lost, and what is not understood" {
	local i=0 says_so
	our_fswatch
	from_fswatch r
	for says_so in ' Overflow\0' 'garbage\0' '%s Broken\0'; do
		i=$((i + 1))
		echo 1 >"r/$i"
		# shellcheck disable=SC2059
		tell "$says_so" "$PWD/r/x"
		wait_until "said created $i"
		wait_until "status_is '.healthy and .restarts == $i'"
	done
	status_is '.overflows == 1'
	stop w
	exec {says}>&-
}

@test "where the kernel does not say what it watches, that is unverified" {
	our_fswatch
	from_fswatch r
	status_is '.coverage == "unverified"'
	run_split iq-stats --json
	assert_json '.watch.source == "fswatch" and
		.watch.coverage == "unverified" and .watch.healthy'
	stop w
	exec {says}>&-
}

@test "what is unverified is looked at more often" {
	our_fswatch
	from_fswatch r --rescan 20s --fallback-interval 200ms
	echo 1 >r/untold
	# in 2 s, then
	wait_until 'said created untold'
	stop w
	exec {says}>&-
}

@test "fswatch itself: what comes, changes, moves and goes" {
	local name
	needs_fswatch
	from_fswatch r
	for name in $'new\nline' ' blank ' '"quote' '%w%0' -x @x 'a Created'; do
		echo 1 >"r/$name"
		wait_until 'said created "$name"'
	done
	echo 22 >r/-x
	wait_until 'said created -x 3'
	mv r/-x r/y
	wait_until 'said created y && said deleted -x'
	rm r/y
	wait_until 'said deleted y'
	stop w
	status_is '.source == "fswatch"'
}

@test "fswatch itself: directories made faster than it can watch them" {
	needs_fswatch
	watching -0 --source fswatch --deletions off --debounce 20ms \
		--settle 500ms r
	burst nested r 50
	wait_until all_said 30
	pkill -KILL -P "$w_pid" fswatch
	burst nested r/n0 20
	wait_until all_said 30
	wait_until 'status_is ".healthy and .restarts >= 1"' 30
	for d in r/n*/a/b; do
		echo late >"$d/late"
	done
	wait_until all_said 30
	stop w
}
