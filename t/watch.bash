# For tests of iq-watch: one in the background, and how it goes.
# shellcheck shell=bash

# watch_setup - for setup: r is what is watched
watch_setup() {
	iq_setup
	mkdir r
	export PATH=$IQ_BUILD/chaos:$PATH
}

# watching ARG ... - a watch in the background that covers everything: what it
# prints goes to w.out, how it goes to status
watching() {
	rm -f status
	start w iq-watch --status-fd 9 "$@" 9>status
	wait_until 'status_is .healthy' 20
}

# status_is FILTER - of the last thing that it said of itself
status_is() {
	[[ -s status ]] && tail -n 1 status | jq -e "$1" >/dev/null
}

# told_of - what a watch may say of its coverage at best
told_of() {
	if [[ -e $IQ_BUILD/lib/engine/cover_posix.o ]]; then
		echo unverified
	else
		echo verified
	fi
}

# needs_list - the kernel says what is watched
needs_list() {
	needs_linux "nobody knows what is watched"
}

# heard_of_it - until something waits
heard_of_it() {
	# shellcheck disable=SC2016
	wait_until 'kill -USR2 "$w_pid"
		tail -n 1 w.err | grep -q "\"pending_files\":[1-9]"'
}

# ended - has it by itself
# shellcheck disable=SC2034,SC2154
ended() {
	status=0
	wait "$w_pid" || status=$?
	output=$(cat w.out) stderr=$(cat w.err)
}

# covered ARG ... - a watch that is told of everything
covered() {
	watching -0 --deletions off --debounce 20ms --settle 500ms "$@"
}

# fill FD - a pipe, so that nothing can be written any more
fill() {
	python3 -c 'import fcntl, os, sys
fd = int(sys.argv[1])
os.write(fd, b"x" * (fcntl.fcntl(fd, 1031, 4096) - 1) + b"\0")' "$1"
}

# stalled ARG ... - a watch that covers everything, whose reader takes nothing but
# what comes from $reader later; 100 paths wait for it at most
stalled() {
	mkfifo pipe
	exec {reader}<>pipe
	fill "$reader"
	rm -f status
	: >w.err
	iq-watch -0 --status-fd 9 --deletions off --rescan 1h \
		--max-pending 100 "$@" r 9>status >pipe 2>w.err \
		{reader}>&- 3>&- &
	w_pid=$!
	wait_until 'status_is .healthy' 20
}

child() {
	pgrep -P "$w_pid" inotifywait
}

# all_said [ROOT] - every file below was printed, with -0
all_said() {
	! LC_ALL=C comm -z -23 <(find "$PWD/${1:-r}" -type f -print0 |
		LC_ALL=C sort -z) <(LC_ALL=C sort -zu w.out) | grep -q .
}

# stands_in N SCRIPT - for inotifywait, from now on: SCRIPT (of bash, in the
# directory of the test, where $REAL is the real one) is run before the Nth that
# is started, perhaps instead.  The first one is only tried.
stands_in() {
	[[ -e bin/inotifywait ]] || REAL=$(command -v inotifywait)
	export REAL HERE=$PWD
	mkdir -p bin
	: >begun
	cat >bin/inotifywait <<-END
	#!/bin/bash
	cd "\$HERE"
	echo >>begun
	case \$(wc -l <begun) in
	$1)
		$2 ;;
	esac
	exec "\$REAL" "\$@"
	END
	chmod +x bin/inotifywait
	PATH=$PWD/bin:$PATH
}

# started - how many there were
started() {
	wc -l <begun
}

# asked FILTER - what the watch says of itself when it is asked
asked() {
	local lines
	lines=$(wc -l <w.err)
	kill -USR2 "$w_pid"
	wait_until "((\$(wc -l <w.err) > $lines))"
	tail -n 1 w.err | jq -r "$1"
}
