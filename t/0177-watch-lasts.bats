#!/usr/bin/env bats
# iq-watch: what it holds while watchers come and go, directories that change
# places, mounts, and writers that take their time.

load lib
load watch

setup() {
	iq_setup
	mkdir r
}

# open_files - of the watch, how many
open_files() {
	find "/proc/$w_pid/fd" -mindepth 1 | wc -l
}

@test "however many watchers it had: no descriptor and no child stays" {
	local i before
	covered r
	before=$(open_files)
	for i in 1 2; do
		kill -KILL "$(child)"
		wait_until "status_is '.healthy and .restarts >= $i'" 30
	done
	wait_until "((\$(open_files) == $before))"
	assert_equal "$(pgrep -P "$w_pid" | wc -l)" 1
	stop w
}

@test "two directories are exchanged" {
	mkdir -p r/{a,b}/{1,2}/x
	covered r
	python3 - <<-'END'
	import ctypes
	here, exchange = -100, 2
	done = ctypes.CDLL(None).renameat2(here, b"r/a", here, b"r/b", exchange)
	assert done == 0
	END
	for d in r/{a,b}{,/1,/2,/1/x,/2/x}; do
		echo 1 >"$d/f"
	done
	wait_until all_said 30
	wait_until 'status_is .healthy' 30
	for d in r/{a,b}{,/1,/2,/1/x,/2/x}; do
		echo 1 >"$d/late"
	done
	wait_until all_said 30
	stop w
}

@test "what is mounted and unmounted below its feet" {
	needs_mounts
	run_split env T=unmounted "$IQ_SOURCE/t/chaos/watch" 10
	assert_status 0
	assert_stdout_like "unmounted: * 0 missed, *
watch: 1 passed, 0 failed"
}

@test "a slow writer: once, whole, when it closes" {
	local i
	watching -J --debounce 0 --settle 1h r
	exec {writer}>r/slow
	for ((i = 0; i < 10; i++)); do
		printf %s "$i" >&"$writer"
		echo 1 >"r/other$i"
		wait_until "grep -q other$i w.out"
	done
	refute grep slow w.out
	exec {writer}>&-
	wait_until 'grep -q slow w.out'
	stop w
	assert_equal "$(jq -s 'map(select(.path | endswith("slow")) |
		.size_bytes) | unique' -c w.out)" "[10]"
}

@test "a writer that pauses for longer than --settle: again, when it goes on" {
	watching -J --debounce 0 --settle 200ms r
	exec {writer}>r/slow
	printf 12345 >&"$writer"
	wait_until 'grep -q "\"size_bytes\":5," w.out'
	printf 67890 >&"$writer"
	exec {writer}>&-
	wait_until 'grep -q "\"size_bytes\":10," w.out'
	stop w
}

@test "the queue is taken away: it says so and ends" {
	local how
	mkdir aside
	for how in rm 'mv -t aside'; do
		watching -0 r
		$how "$IQ_QUEUE"*
		echo 1 >r/new
		ended
		assert_status 66
		assert_stderr "iq-watch: use $IQ_QUEUE: what was opened is not\
 there any more, somebody moved, deleted or replaced it"
	done
}

@test "a directory that cannot be read, or is none, is waited for" {
	go_to_user r "$IQ_BUILD/iq-watch"
	echo 1 >r/a
	chmod 000 r
	start w "${to_user[@]}" iq-watch -0 --settle 0 r r/a
	wait_until '[[ $(wc -l <w.err) == 2 ]]'
	assert_equal "$(<w.err)" "iq-watch: open $PWD/r: Permission denied;\
 waiting for it
iq-watch: open $PWD/r/a: Permission denied; waiting for it"
	chmod 755 r
	wait_until 'grep -qzxF "$PWD/r/a" w.out'
	stop w
	start w iq-watch -0 r/a
	wait_until '[[ -s w.err ]]'
	assert_equal "$(<w.err)" "iq-watch: open $PWD/r/a: Not a directory;\
 waiting for it"
	stop w
}
