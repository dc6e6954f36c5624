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

@test "a directory gets another name where the watcher before did not listen" {
	needs_list
	mkdir -p r/in/new
	# shellcheck disable=SC2016
	renames '2)
		exec "$REAL" "$@" "@$HERE/r/in" ;;
	3' 'mv r/in/new r/in/cur'
	covered --rescan 1h r
	wait_until 'status_is .healthy && (($(started) >= 4))'
	echo hello >r/in/cur/mail
	wait_until all_said
	stop w
	assert_equal "$(started)" 4
}

@test "a directory gets another name in the middle of a look" {
	local i reader long
	needs_list
	printf -v long %0200d 0
	mkdir -p r/in/new z/{1..20}
	# more than is stored at once
	for i in z/*; do
		touch "$i/$long"{1..400}
	done
	mkfifo gate
	renames 3 'read -r _ <gate; mv r/in/new r/in/cur'
	stalled --fallback-interval 100ms --debounce 20ms --settle 0
	kill -KILL "$(child)"
	wait_until '(($(started) == 3))'
	mv z r/z
	wait_until '(($(asked .pending_files) >= 100))'
	echo go >gate
	wait_until 'status_is ".restarts == 1 and .healthy"'
	cat <&"$reader" >w.out &
	reader_pid=$!
	wait_until '(($(started) >= 4))'
	wait_until 'status_is .healthy'
	echo hello >r/in/cur/mail
	wait_until all_said
	stop w
	kill "$reader_pid"
	exec {reader}>&-
}

@test "a tree is moved while what was heard before waits for the reader" {
	local i f events reader
	mkdir -p r/x/s{1..5}/u
	stalled --settle 0 --debounce 0
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
