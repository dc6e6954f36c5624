#!/usr/bin/env bats
# iq-watch: files that are odd, or cannot be read.

load lib
load watch

setup() {
	iq_setup
	mkdir r
}

theirs=

teardown() {
	local bad=0
	chmod -R u+rwx r || :
	iq_teardown || bad=1
	[[ -z $theirs ]] || rm -r "$theirs"
	return $bad
}

# said EVENT NAME N - so many times or more (what is looked at within 20 ms of
# a write is told again), with -J
said() {
	(($(jq -r '"\(.event) \(.path)"' w.out | grep -cxF "$1 $PWD/r/$2") >= $3))
}

@test "paths beyond 4096 bytes, which no watcher takes" {
	watching -0 --deletions off --debounce 0 --fallback-interval 200ms \
		--settle 100ms r
	python3 - r <<-'END'
	import os, sys
	os.chdir(sys.argv[1])
	for i in range(25):
	    os.mkdir("n" * 200)
	    os.chdir("n" * 200)
	    open("f", "w").close()
	END
	wait_until all_said 30
	python3 - r <<-'END'
	import os, sys
	os.chdir(sys.argv[1])
	for i in range(25):
	    os.chdir("n" * 200)
	    open("late", "w").close()
	END
	wait_until all_said 30
	stop w
	assert_equal "$(sort -zu w.out | tr -cd '\0' | wc -c)" 50
}

@test "a thousand directories in each other" {
	watching -0 --deletions off --debounce 0 --settle 100ms r
	python3 - r <<-'END'
	import os, sys
	os.chdir(sys.argv[1])
	for i in range(1000):
	    os.mkdir("d")
	    os.chdir("d")
	open("f", "w").close()
	END
	wait_until all_said 30
	wait_until 'status_is ".coverage == \"$(told_of)\" and .healthy"' 30
	python3 - r <<-'END'
	import os, sys
	os.chdir(sys.argv[1])
	for i in range(1000):
	    os.chdir("d")
	open("late", "w").close()
	END
	wait_until all_said 30
	stop w
}

@test "a file that was made without a name" {
	watching -J --debounce 0 --settle 200ms r
	python3 - <<-'END'
	import ctypes, os
	f = os.open("r", os.O_TMPFILE | os.O_RDWR, 0o600)
	os.write(f, b"content")
	here, follow = -100, 0x400
	made = ctypes.CDLL(None).linkat(here, f"/proc/self/fd/{f}".encode(),
	    here, b"r/t", follow)
	assert made == 0
	os.close(f)
	END
	wait_until 'said created t 1'
	stop w
	output=$(<w.out)
	assert_json .size_bytes 7
}

@test "a write through a mapping, when it is closed and while it is not" {
	echo 12345 >r/f
	watching -J --debounce 0 --settle 200ms --rescan 300ms --no-existing r
	python3 - <<-'END'
	import mmap, os
	f = os.open("r/f", os.O_RDWR)
	m = mmap.mmap(f, 5)
	m[0:5] = b"mmap!"
	m.flush()
	m.close()
	os.close(f)
	END
	wait_until 'said modified f 1'
	mkfifo go
	python3 - <<-'END' &
	import mmap, os
	f = os.open("r/f", os.O_RDWR)
	m = mmap.mmap(f, 5)
	m[0:5] = b"again"
	m.flush()
	open("go").read()
	END
	wait_until 'said modified f 2'
	echo >go
	wait $!
	stop w
}

@test "times in the future and that go back, the same size, and cp -p over it" {
	echo 1 >r/f
	echo 3 >other
	touch -d '1999-01-01' other
	watching -J --debounce 0 --settle 200ms --no-existing r
	touch -d '2099-01-01' r/f
	wait_until 'said modified f 1'
	touch -d '2001-01-01' r/f
	wait_until 'said modified f 2'
	echo 2 >r/f
	wait_until 'said modified f 3'
	cp -p other r/f
	wait_until 'said modified f 4'
	cp -p other new
	mv new r/f
	wait_until 'said modified f 5'
	echo 4 >r/end
	wait_until 'said created end 1'
	stop w
	assert_equal "$(wc -l <w.out)" 6
}

@test "few descriptors: nothing is taken for deleted" {
	local i
	for i in {1..60}; do
		mkdir -p "r/$i/a/b/c/d"
		touch "r/$i/f" "r/$i/a/b/c/d/g"
	done
	iq-watch --once -n 1000 --settle 0 r | iq-enqueue
	rm -f status
	start w bash -c 'ulimit -n 20
		exec iq-watch -J --status-fd 9 --debounce 0 --settle 0 \
			--fallback-interval 300ms r' 9>status
	wait_until 'status_is ".scans >= 1"' 30
	echo 1 >r/7/a/b/c/d/new
	wait_until 'said created 7/a/b/c/d/new 1' 30
	rm r/9/f
	wait_until 'said deleted 9/f 1' 30
	stop w
	assert_equal "$(grep -c deleted w.out)" 1
}

@test "a directory that may not be read any more is not deleted, nor what is below" {
	local -a as=()
	mkdir -p r/{a,b}/c
	touch r/{a,b}/{1,c/2}
	if ((EUID == 0)); then
		command -v setpriv >/dev/null || skip "root may read everything"
		as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
		"${as[@]}" test -x "$IQ_BUILD/iq-watch" ||
			skip "nobody cannot run what is in $IQ_BUILD"
		theirs=$(mktemp -d /tmp/iq.XXXXXX)
		cp -r r "$theirs"
		chown -R nobody "$theirs"
		cd "$theirs"
		export HOME=$theirs TMPDIR=$theirs IQ_QUEUE=$theirs/queue.db
	fi
	rm -f status
	start w "${as[@]}" iq-watch -J --status-fd 9 --debounce 0 --settle 0 \
		--fallback-interval 200ms r 9>status
	wait_until 'status_is .healthy' 20
	wait_until 'said created a/c/2 1'
	chmod 000 r/a
	kill -HUP "$w_pid"
	wait_until 'status_is ".restarts >= 1 and .healthy"' 30
	rm r/b/c/2
	wait_until 'said deleted b/c/2 1'
	assert_equal "$(grep -c deleted w.out)" 1
	chmod 755 r/a
	"${as[@]}" bash -c 'echo 22 >r/a/c/2'
	wait_until 'said created a/c/2 2' 30
	stop w
	assert_equal "$(grep -c deleted w.out)" 1
}
