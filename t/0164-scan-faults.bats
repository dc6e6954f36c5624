#!/usr/bin/env bats
# iq-scan: what cannot be read is not gone, whatever happens.

load lib
load scan

setup() {
	scan_setup
}

teardown() {
	chmod -R u+rwx dir || :
	iq_teardown
}

files() {
	iq-scan --status dir | jq .files
}

@test "a directory that may not be read is not deleted, nor what is below" {
	mkdir -p dir/{a,b}/c
	touch dir/{a,b}/{1,c/2}
	go_to_user dir "$IQ_BUILD/iq-scan"
	as_user iq-scan --settle 0 dir >/dev/null
	as_user iq-scan --ack dir
	chmod 000 dir/a
	rm -r dir/b/c
	run_split as_user iq-scan --settle 0 --deleted dir
	assert_ran 1 "$PWD/dir/b/c/2" "iq-scan: read $PWD/dir/a: Permission denied"
	# may be listed, but not be looked at
	chmod 444 dir/a
	run_split as_user iq-scan --settle 0 --deleted dir
	assert_status 1
	assert_stdout "$PWD/dir/b/c/2"
	assert_stderr_like "*read $PWD/dir/a/1: Permission denied*"
	chmod 755 dir/a
	run_split as_user iq-scan --settle 0 --all --deleted dir
	assert_status 0
	assert_equal "$(sort -u <<<"$output" | wc -l)" 4
}

@test "the root may not be read" {
	touch dir/f
	go_to_user dir "$IQ_BUILD/iq-scan"
	as_user iq-scan --settle 0 dir >/dev/null
	chmod 000 dir
	run_split as_user iq-scan --settle 0 --deleted dir
	assert_ran 66 "" "iq-scan: open $PWD/dir: Permission denied"
	chmod 755 dir
	assert_equal "$(as_user iq-scan --status dir | jq .files)" 1
}

@test "few descriptors: nothing is taken for deleted" {
	local n i
	for i in {1..60}; do
		mkdir -p "dir/$i/a/b/c/d"
		touch "dir/$i/f" "dir/$i/a/b/c/d/g"
	done
	scan dir >/dev/null
	iq-scan --ack dir
	for n in 24 20 16 14 12 11 10 9 8; do
		run_split bash -c "ulimit -n $n; iq-scan --settle 0 --deleted dir"
		assert_stdout ""
		((n < 20)) || assert_status 0
		[[ $status -eq 0 || -n $stderr ]]
	done
	assert_equal "$(files)" 120
}

@test "a read that fails: what is stored of the directory stays" {
	mkdir dir/{a,b}
	touch dir/{a,b}/{1,2}
	scan dir >/dev/null
	iq-scan --ack dir
	rm dir/{a,b}/2
	ASAN_OPTIONS=detect_leaks=0 run_split strace -f -qq -o /dev/null \
		-P "$PWD/dir/a" -e inject=getdents64:error=EIO \
		iq-scan --settle 0 --deleted dir
	assert_ran 1 "$PWD/dir/b/2" "iq-scan: read $PWD/dir/a: Input/output error"
	run_split scan --deleted dir
	assert_stdout "$PWD/dir/a/2
$PWD/dir/b/2"
}

@test "the root cannot be opened: it is not that there is none" {
	local why dir=$PWD/dir
	touch dir/f
	scan dir >/dev/null
	cd /	# which it opens it from
	for why in EIO:74:Input/output\ error EMFILE:75:Too\ many\ open\ files; do
		ASAN_OPTIONS=detect_leaks=0 run_split strace -f -qq -o /dev/null \
			-P "${dir#/}" -e inject=openat:error="${why%%:*}" \
			iq-scan --settle 0 --deleted "$dir"
		why=${why#*:}
		assert_status "${why%%:*}"
		assert_stderr_like "*iq-scan: open $dir: ${why#*:}"
	done
	cd "$IQ_TEST"
	assert_equal "$(files)" 1
}

@test "a directory that reads as empty, but is not: each is asked for" {
	mkdir -p dir/a/b
	touch dir/a/{1,2} dir/a/b/3
	scan dir >/dev/null
	iq-scan --ack dir
	ASAN_OPTIONS=detect_leaks=0 run_split strace -f -qq -o /dev/null \
		-P "$PWD/dir/a" -e inject=getdents64:retval=0 \
		iq-scan --settle 0 --deleted dir
	assert_ran 0 "" ""
	assert_equal "$(files)" 3
}

@test "another directory in the place of the root: nothing is deleted at once" {
	touch dir/{1,2}
	scan dir >/dev/null
	iq-scan --ack dir
	mv dir before
	mkdir dir
	# an empty one may be where something is not mounted
	run_split scan --deleted dir
	assert_ran 1 "" "iq-scan: $PWD/dir: not the directory that was there before; what is missing in it is not taken for deleted"
	run_split scan --deleted dir
	assert_status 1
	assert_equal "$(files)" 2
	# the first one is back
	rmdir dir
	mv before dir
	run_split scan --deleted dir
	assert_ran 0 "" ""
	# one with files is taken for the new one, from the next scan on
	mv dir before
	mkdir dir
	touch dir/3
	run_split scan --new --deleted dir
	assert_ran 0 "$PWD/dir/3" ""
	iq-scan --ack dir
	run_split scan --deleted dir
	assert_ran 0 "$PWD/dir/1
$PWD/dir/2" ""
}

@test "a share that is not mounted is not deleted" {
	needs_mounts
	needs_linux "a mount of the same device is not noticed"
	mkdir -p dir/mnt dir/sub share/below
	touch share/{1,2} share/below/3
	local mount
	for mount in 'mount --bind share dir/mnt' \
		'mount -t tmpfs none dir/mnt; cp -r share/. dir/mnt'; do
		printf '%s\n' "$mount" 'exec "$@"' >mounted
		touch dir/sub/4
		unshare -m sh mounted iq-scan --settle 0 dir >/dev/null
		iq-scan --ack dir
		rm dir/sub/4
		run_split scan --deleted dir
		assert_ran 1 "$PWD/dir/sub/4" "iq-scan: $PWD/dir/mnt: not the directory that was there before; what is missing in it is not taken for deleted"
		iq-scan --ack dir
		run_split scan --deleted dir
		assert_status 1
		assert_stdout ""
		iq-scan --reset dir
	done
	# a scan that goes on below it does not think otherwise
	unshare -m sh mounted iq-scan --settle 0 --limit 1 dir >/dev/null
	run_split scan --deleted dir
	assert_stdout ""
	# as the root
	unshare -m sh mounted iq-scan --settle 0 dir/mnt >/dev/null
	run_split scan --deleted dir/mnt
	assert_status 1
	assert_stdout ""
}

@test "mounted twice it is two paths, and below itself in no circle" {
	needs_mounts
	needs_linux "a mount of the same device is not noticed"
	mkdir -p dir/{one,two,a/up} share/sub
	touch share/1 share/sub/2 dir/3
	ln -s ../.. share/sub/link
	cat >both <<-END
	mount --bind share dir/one
	mount --bind share dir/two
	mount --rbind dir dir/a/up
	exec "\$@"
	END
	for follow in '' --follow; do
		# shellcheck disable=SC2086
		run_split unshare -m sh both iq-scan --settle 0 --name "$follow" \
			$follow dir
		assert_ran 0 "$PWD/dir/3
$PWD/dir/one/1
$PWD/dir/one/sub/2
$PWD/dir/two/1
$PWD/dir/two/sub/2" ""
	done
}

@test "--one-file-system stays, and what is elsewhere is not deleted" {
	needs_mounts
	mkdir dir/mnt
	touch dir/1
	cat >both <<-END
	mount -t tmpfs none dir/mnt
	touch dir/mnt/2
	iq-scan --settle 0 dir >first
	iq-scan --settle 0 --all --one-file-system dir >second
	END
	unshare -m sh both
	assert_equal "$(wc -l <first)" 2
	assert_equal "$(cat second)" "$PWD/dir/1"
	assert_equal "$(files)" 2
}

@test "killed at any time: nothing is lost, and nothing said twice for no reason" {
	local i
	mkdir -p dir/{1..20}
	for i in {1..20}; do
		touch dir/"$i"/{1..30}
	done
	for i in {1..12}; do
		# at each so manieth write of the log: of a transaction
		ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null \
			-e inject=pwrite64:signal=KILL:when="$((i * 3))" \
			iq-scan --settle 0 dir 2>/dev/null | iq-enqueue || :
	done
	scan dir | iq-enqueue
	assert_equal "$(iq-list | wc -l)" 600
	assert_equal "$(iq-scan --status dir | jq .offered)" 0
	run iq-db check
	assert_status 0
}

@test "killed at random, while files come and go: nothing is missed" {
	run_split "$IQ_SOURCE/t/chaos/sources" 8 1
	assert_status 0
	assert_stdout_like "sources: 16 pipelines, [1-9]* killed: 0 wrong"
}
