#!/usr/bin/env bats
# iq-watch: looks at everything, when and how often.

load lib
load watch

setup() {
	watch_setup
}

teardown() {
	chmod -R u+rwx r || :
	iq_teardown
}

# looks - how many it has had
looks() {
	kill -USR2 "$w_pid"
	tail -n 1 w.err | jq .scans
}

@test "more files that have to settle than --max-pending: no look follows another" {
	local i
	for i in {1..8}; do
		mkdir "r/$i"
		touch -d '+1 hour' "r/$i/young"
	done
	watching --debounce 0 --settle 1h --max-pending 5 r
	for i in a b c; do
		echo 1 >x
		mv x "r/$i"
		wait_until "grep -qx '$PWD/r/$i' w.out"
	done
	wait_until '(($(looks) > 0))'
	(($(looks) < 3)) || fail "$(<w.err)"
	stop w
}

@test "more directories than are remembered that cannot be read: each is looked at" {
	local name
	mkdir r/1{0001..1100}
	go_to_user r "$IQ_BUILD/iq-watch"
	chmod 000 r/*
	rm -f status
	start w "${to_user[@]}" iq-watch -0 --status-fd 9 --settle 0 --rescan 1h \
		--fallback-interval 300ms r 9>status
	wait_until 'status_is ".healthy and .coverage == \"partial\""' 20
	for name in r/1{0001,1100}; do
		touch "$name/f"
		chmod 755 "$name"
		wait_until "grep -qzxF '$PWD/$name/f' w.out"
	done
	stop w
}

@test "more directories than inotifywait takes: it is said, or refused" {
	needs_linux "it is not what is asked for"
	local i roots=()
	for i in {1..1001}; do
		roots+=("r/$i")
	done
	mkdir "${roots[@]}"
	run_split iq-watch --source inotifywait "${roots[@]}"
	assert_ran 64 "" "iq-watch: watch 1001 directories: inotifywait takes 1000 at most"
	echo 1 >r/1001/a
	run_split iq-watch --once --settle 0 "${roots[@]}"
	assert_ran 0 "$PWD/r/1001/a" "iq-watch: watch 1001 directories: inotifywait takes 1000 at most; directories are looked at from time to time"
}

@test "no directory to test the watcher in: it is said, once, until there is one" {
	needs_linux "it is not what is tested"
	rm -f status
	TMPDIR=$PWD/tmp2 start w iq-watch --settle 0 --fallback-interval 100ms \
		--status-fd 9 r 9>status
	wait_until '[[ -s w.err ]]'
	echo 1 >r/a
	wait_until '[[ -s w.out ]]'
	mkdir tmp2
	wait_until 'status_is .healthy' 30
	stop w
	assert_equal "$(<w.err)" "iq-watch: test $(command -v inotifywait): make a directory in $PWD/tmp2: No such file or directory; until then directories are looked at from time to time"
}
