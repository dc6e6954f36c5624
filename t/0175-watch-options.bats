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

@test "--boundaries with -J and -0" {
	echo 1 >r/a
	run_split iq-watch -J --boundaries --once --settle 0 r
	assert_status 0
	assert_equal "$(tail -n 1 <<<"$output")" '{"flush":true}'
	iq-watch -0 --boundaries --once --settle 0 r | tr '\0' . >said
	assert_equal "$(<said)" "$PWD/r/a.."
	# what ends a batch is a commit there
	iq-watch -J --boundaries --once --settle 0 r | iq-enqueue -J -v 2>said
	assert_equal "$(jq .enqueued said)" 1
}

@test "-w 0 -n 1: each at once, and a batch of its own" {
	watching -w 0 -n 1 --boundaries r
	moved_in a
	wait_until '(($(lines) == 2))'
	moved_in b
	wait_until '(($(lines) == 4))'
	stop w
	assert_equal "$(<w.out)" "$PWD/r/a

$PWD/r/b"
}

@test "--batch-wait: what is ready waits for others" {
	watching -w 50ms --batch-wait 1h -n 3 r
	moved_in a b
	wait_until 'waits 2'
	assert_equal "$(lines)" 0
	moved_in c
	wait_until '(($(lines) == 3))'
	moved_in d
	wait_until 'waits 1'
	kill -USR1 "$w_pid"
	wait_until '(($(lines) == 4))'
	stop w
}

@test "USR1 prints what waits, at whatever stage" {
	watching -w 1h --max-delay 1h --batch-wait 1h -n 3 r
	moved_in a
	wait_until 'waits 1'
	kill -USR1 "$w_pid"
	wait_until '(($(lines) == 1))'
	# and nothing later in a hurry
	moved_in b
	wait_until 'waits 1'
	assert_equal "$(lines)" 1
	stop w
}

@test "--batch-wait: or until the first has waited for so long" {
	watching -w 50ms --batch-wait 100ms -n 3 r
	moved_in a
	wait_until '[[ $(<w.out) == "$PWD/r/a" ]]'
	stop w
}

@test "--rate: so many, and the others as soon as it is told to end" {
	watching -w 50ms --rate 0.001:2 r
	moved_in a b c d
	wait_until 'waits 2'
	assert_equal "$(lines)" 2
	stop w
	assert_status 143
	assert_equal "$(sort -u w.out | wc -l)" 4
}

@test "INT as TERM, and a second one ends it now" {
	mkfifo out
	exec {reader}<>out
	rm -f status
	start w env --default-signal=INT iq-watch -0 --status-fd 9 -w 1h \
		--max-delay 1h r 9>status
	wait_until 'status_is .healthy' 20
	moved_in a
	wait_until 'waits 1'
	stop w INT
	assert_status 130
	assert_equal "$(tr -d '\0' <w.out)" "$PWD/r/a"
	# nobody reads, so that it could print nothing more
	seq -f r/with-a-name-of-which-not-so-many-fit-in-a-pipe-%g 3000 |
		xargs touch
	rm status
	iq-watch --status-fd 9 --settle 0 r >out 2>w.err 9>status \
		{reader}>&- 3>&- &
	w_pid=$!
	wait_until 'status_is .healthy' 20
	kill -TERM "$w_pid"
	wait_until '! pgrep -P "$w_pid" inotifywait'
	kill -0 "$w_pid"
	stop w
	assert_status 143
	exec {reader}>&-
}

@test "--exclude-from, --include and --exclude" {
	printf '%s\n' '*.tmp' '/sub/' >rules
	mkdir r/sub
	watching -w 0 --exclude-from rules --include keep.tmp --exclude '*.o' r
	moved_in x.tmp keep.tmp y.o sub/z a
	wait_until '(($(lines) == 2))'
	stop w
	assert_equal "$(sort w.out)" "$PWD/r/a
$PWD/r/keep.tmp"
}

@test "--one-file-system: what is mounted below is left alone" {
	needs_mounts
	mkdir r/mnt
	cat >both <<-'END'
	mount -t tmpfs none r/mnt
	echo 1 >r/mnt/a
	echo 1 >r/b
	iq-watch --once --settle 0 --one-file-system r >first
	iq-watch --once --settle 0 --name other r >second
	END
	unshare -m sh both
	assert_equal "$(<first)" "$PWD/r/b"
	assert_equal "$(sort second)" "$PWD/r/b
$PWD/r/mnt/a"
}

@test "--rescan by its other name, and as a setting that changes" {
	# nobody tells of a write through a link outside
	echo 1 >r/a
	ln r/a outside
	watching --no-existing --settle 0 --scan-interval 200ms r
	echo 22 >outside
	wait_until '[[ -s w.out ]]'
	stop w
	iq-tune set -t notes path="$PWD/r" scan_interval=1h >/dev/null
	watching -t notes --no-existing --settle 0
	echo 333 >outside
	iq-tune set -t notes scan_interval=1s >/dev/null
	wait_until '[[ -s w.out ]]'
	stop w
	assert_equal "$(sort -u w.out)" "$PWD/r/a"
}

@test "--rescan and --fallback-interval leave some time in between" {
	local option
	for option in --rescan --scan-interval --fallback-interval; do
		run_split iq-watch --timeout 1s "$option" 99ms r
		assert_status 64
		assert_equal "${stderr%%$'\n'*}" \
			"iq-watch: ${option/scan-interval/rescan}: at least 100ms"
		run_split iq-watch --timeout 1s "$option" 0 r
		assert_status 64
	done
	iq-watch --rescan 100ms --fallback-interval 100ms --timeout 100ms r
}

@test "--status-fd tells all that the page names" {
	watching r
	stop w
	output=$(tail -n 1 status)
	assert_json 'keys_unsorted - ["at"] | sort' "$(jq -n '["healthy",
		"reason", "source", "coverage", "events", "deduplicated",
		"deduplication_percent", "pending_files", "batches",
		"debounce_seconds", "batch_threshold", "overflows", "restarts",
		"scans", "fallback_scans"] | sort')"
	assert_json '.source == "inotifywait" and .coverage == "'"$(told_of)"'" and
		.scans == 1 and .reason == null'
	run_split iq-watch --status-fd 77 r
	assert_status 64
}

@test "wrong usage is 64" {
	local args
	for args in '' '--source x r' '--deletions no r' '-n 0 r' '-w -1 r' \
		'--rate 0 r' '--max-pending 0 r' '--timeout x r' '--json r'; do
		run_split bash -c "iq-watch $args"
		assert_status 64
		assert_stdout ""
	done
	assert_file_not_exist "$IQ_QUEUE"
}
