#!/usr/bin/env bats
# iq-watch: directories that change their names while it has other things to do.

load lib
load watch

setup() {
	watch_setup
}

# renames N SCRIPT - of the Nth watcher, r/in/new is moved after it was watched
# and before r/in is: it does not hear of that, and tells of the old name.  (For
# that it is moved before, and what is told is changed.)
renames() {
	stands_in "$1" "$2"'
		exec "$REAL" "$@" > >(exec sed -zu s,r/in/cur,r/in/new,)'
}

@test "a directory gets another name while the watcher starts" {
	needs_list
	mkdir -p r/in/new
	renames 2 'mv r/in/new r/in/cur'
	covered --rescan 1h r
	wait_until '(($(started) >= 3))'
	wait_until 'status_is .healthy'
	echo hello >r/in/cur/mail
	wait_until all_said
	stop w
	assert_equal "$(started)" 3
}

@test "a directory gets another name while the watcher starts again, and something new its own" {
	needs_list
	mkdir -p r/in/new
	renames 3 'mv r/in/new r/in/cur; mkdir r/in/new'
	covered --rescan 1h r
	assert_equal "$(started)" 2
	kill -HUP "$w_pid"
	wait_until '(($(started) >= 4))'
	wait_until 'status_is .healthy'
	echo hello >r/in/cur/mail
	wait_until all_said
	stop w
}

@test "files made while the watcher starts again are no reason for another one" {
	local events
	needs_list
	mkdir -p r/in/new
	mkfifo gate
	stands_in 3 'read -r _ <gate'
	covered --rescan 1h r
	events=$(asked .events)
	kill -HUP "$w_pid"
	wait_until '(($(started) == 3))'
	mkdir -p r/in/one/two
	echo 1 >r/in/f
	echo 1 >r/in/new/g
	# the one before hears of them
	wait_until "((\$(asked .events) >= $events + 3))"
	echo go >gate
	wait_until 'status_is ".healthy and .restarts == 1"'
	wait_until '(($(asked .scans) >= 2))'
	# (after the look)
	echo 1 >r/late
	wait_until all_said
	stop w
	assert_equal "$(started)" 3
}

@test "a tree is moved while what was heard before waits for the reader" {
	local i f events
	mkdir -p r/x/s{1..5}/u
	mkfifo pipe
	exec {reader}<>pipe
	python3 -c 'import fcntl, os, sys
fd = int(sys.argv[1])
os.write(fd, b"x" * (fcntl.fcntl(fd, 1031, 4096) - 1) + b"\0")' "$reader"
	rm -f status
	: >w.err
	iq-watch -0 --status-fd 9 --settle 0 --debounce 0 --deletions off \
		--rescan 1h --max-pending 100 r 9>status >pipe 2>w.err \
		{reader}>&- 3>&- &
	w_pid=$!
	wait_until 'status_is .healthy' 20
	# some cannot even be looked at before it goes on
	for ((i = 0; $(asked .pending_files) < 160; i++)); do
		for f in {1..5}; do
			echo 1 >"r/f$i-$f"
		done
	done
	kill -HUP "$w_pid"
	wait_until 'status_is ".restarts == 1 and .healthy"' 20
	events=$(asked .events)
	mv r/x r/zz
	wait_until "((\$(asked .events) >= $events + 2))"
	cat <&"$reader" >w.out &
	reader_pid=$!
	wait_until 'status_is ".healthy and .restarts >= 2"' 20
	for i in r/zz/s*/u; do
		echo 1 >"$i/late"
	done
	wait_until all_said 20
	stop w
	kill "$reader_pid"
	exec {reader}>&-
}
