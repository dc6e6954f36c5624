#!/usr/bin/env bats
# iq-watch: whatever happens to the watcher, nothing is missed.  Each is small;
# t/chaos/watch has the large ones.

load lib
load watch

setup() {
	watch_setup
}

# with_limit FILE N COMMAND ... - with another limit of inotify
with_limit() {
	local file=/proc/sys/fs/inotify/$1 status=0
	# shellcheck disable=SC2034
	limit_before=$(<"$file") limit_file=$file
	echo "$2" 2>/dev/null >"$file" ||
		skip "only root may set the limits of inotify"
	"${@:3}" || status=$?
	echo "$limit_before" >"$file"
	return $status
}

teardown() {
	[[ -z ${limit_file-} ]] || echo "$limit_before" >"$limit_file"
	iq_teardown
}

@test "directories made faster than they can be watched" {
	needs_list
	covered r
	burst nested r 200
	wait_until all_said 30
	for d in r/n*/a/b; do
		echo late >"$d/late"
	done
	wait_until all_said 30
	stop w
	# each once
	assert_equal "$(sort -z w.out | uniq -zd | wc -c)" 0
	assert_file_empty w.err
}

@test "directories made while it starts" {
	needs_list
	burst nested r 300
	rm -f status
	start w iq-watch -0 --status-fd 9 --settle 500ms r 9>status
	burst nested r/n0 200
	wait_until 'status_is .healthy' 20
	wait_until all_said 30
	stop w
}

@test "the watcher is killed, or stopped" {
	needs_list
	covered r
	kill -KILL "$(child)"
	burst nested r 50
	wait_until all_said 30
	wait_until 'status_is .healthy' 30
	kill -STOP "$(child)"
	burst nested r/n0 50
	wait_until all_said 30
	wait_until 'status_is ".healthy and .restarts >= 2"' 30
	stop w
}

@test "a directory with others below it is moved" {
	mkdir -p r/a/x/s{1..9}/t
	covered r
	mv r/a/x r/y
	for d in r/y/s*/t; do
		echo 1 >"$d/f"
	done
	wait_until all_said 30
	# out of the tree, and in under another name
	mv r/y out
	mv out r/z
	for d in r/z/s*/t; do
		echo 1 >"$d/late"
	done
	wait_until all_said 30
	wait_until 'status_is ".healthy and .restarts >= 1"' 30
	stop w
}

@test "a directory alone is moved, and no other watcher is needed" {
	mkdir r/a
	covered r
	echo 1 >r/a/f
	wait_until all_said
	mv r/a r/b
	wait_until all_said
	echo 1 >r/b/g
	wait_until all_said
	stop w
	assert_equal "$(tail -n 1 status | jq .restarts)" 0
}

@test "a tree is moved in" {
	mkdir -p in/a/b
	burst nested in 20
	covered r
	mv in r/in
	wait_until all_said 30
	echo 1 >r/in/a/b/late
	wait_until all_said
	stop w
}

@test "the directory comes, goes, comes again, and is another" {
	rmdir r
	start w iq-watch -0 --settle 0 --debounce 0 --deletions off \
		--status-fd 9 r 9>status
	wait_until 'grep -q "no such directory; waiting" w.err'
	mkdir r
	wait_until 'status_is .healthy' 30
	echo 1 >r/a
	wait_until all_said 30
	rm -r r
	wait_until 'status_is ".healthy | not"' 30
	mkdir r
	echo 1 >r/b
	wait_until all_said 30
	wait_until 'status_is .healthy' 30
	echo 1 >r/c
	wait_until all_said 30
	mv r r2
	mkdir r
	echo 1 >r/d
	wait_until all_said 30
	stop w
}

@test "the directory is another one than at the last time: what goes from now on is said" {
	mkdir other
	echo 1 >r/old
	iq-watch --once --settle 0 r | iq-enqueue
	rm -r r
	mv other r
	watching -J --settle 0 --debounce 0 r
	echo 1 >r/a
	wait_until 'grep -q /r/a w.out'
	rm r/a
	wait_until 'grep deleted w.out | grep -q /r/a' 30
	wait_until 'grep deleted w.out | grep -q /r/old' 30
	stop w
}

@test "a link as the directory is turned to another one" {
	mkdir one two
	echo 1 >two/f
	ln -s one link
	start w iq-watch -0 --settle 0 --debounce 0 --status-fd 9 link 9>status
	wait_until 'status_is .healthy' 30
	ln -sfn two link
	wait_until 'grep -q link/f w.out' 30
	wait_until 'status_is .healthy' 30
	echo 1 >two/g
	wait_until 'grep -q link/g w.out' 30
	stop w
}

@test "the queue of the kernel overflows" {
	with_limit max_queued_events 64 covered r
	kill -STOP "$(child)"
	burst flat r 500
	burst nested r 50
	kill -CONT "$(child)"
	wait_until all_said 30
	wait_until 'status_is ".healthy and .restarts >= 1"' 30
	for d in r/n*/a/b; do
		echo late >"$d/late"
	done
	wait_until all_said 30
	stop w
}

# may_watch N - so many directories, from now on.  (In a name space of its own,
# or there were not enough for other tests either.)
may_watch() {
	nsenter -U --preserve-credentials -t "$w_pid" sh -c \
		"echo $1 >/proc/sys/user/max_inotify_watches"
}

lacks_watches() {
	status_is '.reason == "there are not enough inotify watches"'
}

@test "there are not enough watches, at first and again" {
	unshare -Ur true 2>/dev/null ||
		skip "this system has no namespaces for users"
	burst nested r 20
	rm -f status
	start w unshare -Ur sh -c 'echo 20 >/proc/sys/user/max_inotify_watches
		exec "$@"' sh iq-watch -0 --status-fd 9 --settle 0 \
		--debounce 0 --deletions off --fallback-interval 300ms r \
		9>status
	wait_until lacks_watches 30
	echo 1 >r/n0/a/b/late
	wait_until all_said 30
	may_watch 100000
	wait_until 'status_is .healthy' 60
	may_watch 20
	burst nested r/n0 20
	wait_until lacks_watches 30
	echo 1 >r/n0/n0/a/b/late
	wait_until all_said 30
	may_watch 100000
	wait_until 'status_is .healthy' 60
	stop w
}

@test "a watcher that is not what it says" {
	local kind
	for kind in 'echo garbage; echo "Watches established." >&2; exec sleep 60' \
		'exit 0' 'exec yes >&2' 'exec yes' \
		'echo "Watches established." >&2; exec >&-; exec sleep 60' \
		'echo "Watches established." >&2
			while sleep 0.1; do printf "CREATE%%01%%0f%%0"; done'; do
		rm -rf r/* w.out
		stands_in '*' "$kind"
		start w iq-watch -0 --settle 0 \
			--fallback-interval 200ms --rescan 200ms r
		echo 1 >r/a
		wait_until all_said 30
		wait_until 'grep -q "is not used" w.err' 30
		stop w
	done
}

@test "a watcher that does not answer when it is tried keeps nobody from ending" {
	stands_in 1 'echo "Watches established." >&2; exec sleep 60'
	start w iq-watch -0 --settle 0 r
	wait_until '(($(started) == 1))'
	stop w
	assert_equal "$status" 143
	# nor waits until that is known
	assert_equal "$(<w.err)" ""
}

@test "while a watcher is tried everything else goes on" {
	stands_in '*' 'echo "upper limit" >&2; exec sleep 60'
	echo 1 >r/a
	start w iq-watch -0 --settle 0 --fallback-interval 100ms r
	wait_until '(($(started) == 1))'
	wait_until all_said
	asked .scans
	assert_equal "$(started)" 1
	stop w
}

@test "a watcher that was slow when it was tried is tried again" {
	stands_in 1 'exec sleep 60'
	covered r
	assert_file_contains w.err '^iq-watch: test .*: it does not get ready; until then directories are looked at from time to time$'
	stop w
}

@test "a watcher cannot be tried where no file can be made" {
	# shellcheck disable=SC2016
	stands_in 1 'touch "${@: -1}/a
b %w"
		echo "Watches established." >&2
		exec sleep 60'
	covered r
	assert_file_contains w.err '^iq-watch: test .*: make a file in .*: File exists; until then'
	stop w
}

@test "a watcher that goes mad later" {
	mkfifo mad
	stands_in 2 'echo "Watches established." >&2
		cat mad
		exec sleep 60'
	covered r
	status_is '.coverage == "unverified"'
	echo 1 >r/a
	printf 'x\0no\0such\0record\0' >mad
	wait_until all_said 30
	wait_until 'status_is ".healthy and .restarts == 1"' 30
	echo 1 >r/b
	wait_until all_said
	stop w
}

@test "a reader that stalls: memory has its bound, and nothing is lost" {
	mkfifo pipe
	exec {reader}<>pipe
	rm -f status
	iq-watch -0 --status-fd 9 --settle 0 --debounce 0 --deletions off \
		--max-pending 500 r 9>status >pipe {reader}>&- 3>&- &
	w_pid=$!
	wait_until 'status_is .healthy' 20
	burst flat r 5000
	wait_until 'kill -USR2 "$w_pid"; true'
	cat <&"$reader" >w.out &
	reader_pid=$!
	wait_until all_said 30
	# (a sanitizer has memory of its own)
	grep -q fsanitize "$IQ_BUILD/flags" ||
		(($(awk '/VmHWM/ { print $2 }' "/proc/$w_pid/status") < 60000))
	stop w
	kill "$reader_pid"
	exec {reader}>&-
}

@test "a queue that is held keeps nobody from ending" {
	needs_linux "nobody knows who waits"
	covered r
	exec {turn}<"$IQ_QUEUE-lock"
	flock "$turn"
	echo 1 >r/a
	wait_until 'grep -q -- "-> FLOCK .*:$(stat -c %i "$IQ_QUEUE-lock") " \
		/proc/locks'
	kill "$w_pid"
	# it would wait for 30 s, at each write
	wait_until '! kill -0 "$w_pid" 2>/dev/null' 15
	ended
	exec {turn}<&-
	assert_equal "$status" 143
}

@test "a reader of stderr that stalls keeps nobody from ending" {
	mkfifo pipe
	exec {reader}<>pipe
	fill "$reader"
	rm -f status
	iq-watch -0 --status-fd 9 r 9>status 2>pipe >w.out {reader}>&- 3>&- &
	w_pid=$!
	wait_until 'status_is .healthy' 20
	kill -USR2 "$w_pid"
	echo 1 >r/a
	wait_until all_said
	: >w.err
	stop w
	assert_equal "$status" 143
	exec {reader}>&-
}

@test "killed at any time: the next one finds what is missing" {
	needs_linux "a watcher whose parent was killed ends with its next event"
	local i
	burst nested r 20
	for i in {1..8}; do
		start w bash -c 'exec iq-watch -0 --settle 0 --debounce 0 r \
			> >(exec iq-enqueue -0 2>/dev/null)'
		burst nested "r/n$i" 10
		stop w KILL
	done
	iq-watch -0 --settle 0 --debounce 0 --timeout 2s r | iq-enqueue -0
	find "$PWD/r" -type f | sort >want
	iq-list --json | jq -r .path | sort -u >have
	diff want have
}
