#!/usr/bin/env bats
# iq-scan --ack: what was printed has been taken, and nothing else has.

load lib
load scan

setup() {
	scan_setup a b c
}

# broken SIGNAL [OPTION ...] - a scan that is killed while its reader stalls;
# what came of it is in said
broken() {
	local status=0 hold
	touch dir/z-name-that-is-long-so-that-a-pipe-is-full-soon-{1..3000}
	mkfifo out
	exec {hold}<>out
	iq-scan --settle 0 "${@:2}" dir >out 3>&- &
	wait_until '[[ $(offered) == 3003 ]]'
	# (the first one may come just before it waits for the reader)
	wait_until "! kill -s $1 $! 2>/dev/null"
	wait "$!" || status=$?
	((status > 128))
	dd bs=1M count=1 <&"$hold" of=said 2>/dev/null
	exec {hold}>&-
	rm out
	(($(wc -l <said) < 3003))
}

# taken_later - what was not said is said once, and then all is taken
taken_later() {
	scan dir >again
	sort -u said again | cmp - <(find "$PWD/dir" -type f | sort)
	iq-scan --ack dir
	assert_equal "$(offered)" 0
	run iq-db check
	assert_status 0
}

@test "--ack after a scan that was killed loses nothing" {
	broken KILL
	run_split iq-scan --ack dir
	assert_ran 0 "" ""
	assert_equal "$(offered)" 3003
	taken_later
}

@test "--ack after a scan that was told to end loses nothing" {
	broken TERM
	run_split iq-scan --ack dir
	assert_ran 0 "" ""
	assert_equal "$(offered)" 3003
	taken_later
}

@test "--ack after a scan whose reader or disk failed loses nothing" {
	touch dir/{1..3000}
	run_split bash -c 'iq-scan --settle 0 dir | head -n 1 >/dev/null'
	iq-scan --ack dir
	assert_equal "$(offered)" 3003
	iq-scan --settle 0 dir >/dev/full || :
	iq-scan --ack dir
	assert_equal "$(offered)" 3003
	run iq-db check
	assert_status 0
}

@test "what a broken scan offered and the next one did not get to stays" {
	broken KILL
	scan --limit 1 dir >one
	iq-scan --ack dir
	assert_equal "$(offered)" 3002
	run iq-db check
	assert_status 0
	cat one >>said
	scan --limit 2 dir >>said
	assert_equal "$(tail -n 2 said | sed 's|.*/||' | paste -sd' ')" "b c"
	iq-scan --ack dir
	assert_equal "$(offered)" 3000
	# a scan from the beginning
	scan dir >/dev/null
	taken_later
}

@test "scans before a broken one, and after it, are acknowledged" {
	scan --limit 1 dir >/dev/null
	scan --limit 1 dir >/dev/null
	broken KILL
	iq-scan --ack dir
	assert_equal "$(offered)" 3001
	run iq-db check
	assert_status 0
}

@test "jobs acknowledge what a broken scan has offered" {
	broken KILL
	iq-enqueue <said
	assert_equal "$(offered)" "$((3003 - $(wc -l <said)))"
	scan --limit 1 dir >/dev/null
	run iq-db check
	assert_status 0
	scan dir | iq-enqueue
	# (once more from the beginning)
	scan dir | iq-enqueue
	assert_equal "$(offered)" 0
	run iq-db check
	assert_status 0
}

# What older programs do: they know nothing of columns that are newer.
older() {
	sqlite3 -bail "$IQ_QUEUE" "$1"
}

@test "an older program cannot acknowledge what was not printed" {
	local ack='UPDATE scan SET acknowledged = run, offered = 0'
	broken KILL
	run_split older "$ack"
	((status > 0))
	assert_equal "$(offered)" 3003
	scan --limit 1 dir >/dev/null
	run_split older "$ack"
	((status > 0))
	scan dir >/dev/null
	scan dir >/dev/null
	run_split older "$ack"
	assert_ran 0 "" ""
	assert_equal "$(offered)" 0
}

@test "whether an older scan came to its end is not known" {
	scan dir >/dev/null
	iq-scan --ack dir
	echo x >dir/b
	scan dir >/dev/null
	older 'UPDATE scan SET run = run + 1'
	iq-scan --ack dir
	touch dir/d
	run_split scan dir
	assert_stdout_like "*dir/d"
	iq-scan --ack dir
	assert_equal "$(offered)" 0
	# those do as they always did
	echo y >dir/b
	scan dir >/dev/null
	older 'UPDATE scan SET begun = run - 1, said = run - 1;
		UPDATE scan SET acknowledged = run, offered = 0'
	assert_equal "$(offered)" 0
}
