#!/usr/bin/env bats
# iq-debounce: what it holds, and when it does not wait to be rid of it.

load lib

# is_held N - so many are, of the one in the background
is_held() {
	kill -USR2 "$d_pid"
	[[ -s d.err ]] && tail -n 1 d.err | jq -e ".pending_files == $1" \
		>/dev/null
}

setup() {
	iq_setup
	mkfifo in out
	exec {in}<>in {out}<>out
	iq-debounce -w 1h -n 1000000 <in >out 2>d.err {in}>&- {out}>&- 3>&- &
	d_pid=$!
	wait_until "hears_usr2 $d_pid"
}

@test "a million paths but one in less than 200 MB" {
	seq -f '/a/path/of/a/usual/length/to/file-%06.0f' 999999 >&"$in"
	wait_until 'is_held 999999' 60
	grep -q fsanitize "$IQ_BUILD/flags" ||
		(($(awk '/VmHWM/ { print $2 }' "/proc/$d_pid/status") < 200000))
	stop d KILL
}

@test "a second signal ends it, also when nobody reads" {
	seq -f '/more/than/a/pipe/takes/%06.0f' 9000 >&"$in"
	wait_until 'is_held 9000'
	kill -TERM "$d_pid"
	# (it may come before the first one was heard, and be the same)
	wait_until '! kill -TERM "$d_pid" 2>/dev/null'
	status=0
	wait "$d_pid" || status=$?
	assert_status 143
	head -n 1 <&"$out" >said
	assert_equal "$(<said)" /more/than/a/pipe/takes/000001
}
