#!/usr/bin/env bats
# iq-scan: what it finds, and what it says of it.
#
# A file of a test is younger than what is settled, so most of these scan with
# --settle 0, which says a young file once more: quiet waits until nothing is
# said any more.

load lib
load scan

setup() {
	scan_setup
}

# quiet [OPTION ...] DIR - until everything has been said, and acknowledged
quiet() {
	scan -0 "$@" >/dev/null
	iq-scan --ack "${@: -1}"
	wait_until "iq-scan --ack '${*: -1}'
		[[ -z \$(iq-scan --settle 0 -J ${*@Q}) ]]"
}

# records - of the JSON lines in $output: event and name, in order
records() {
	jq -r '.event + " " + (.path | ltrimstr($dir))' \
		--arg dir "$IQ_TEST/dir/" <<<"$output"
}

@test "the first scan prints every file, absolute and in order" {
	mkdir -p dir/b dir/a/c
	touch dir/z dir/b/1 dir/a/c/2 dir/a/3 dir/.hidden
	run_split scan dir
	assert_ran 0 "$IQ_TEST/dir/.hidden
$IQ_TEST/dir/z
$IQ_TEST/dir/a/3
$IQ_TEST/dir/a/c/2
$IQ_TEST/dir/b/1" ""
}

@test "a record says what happened, size and time" {
	echo hello >dir/f
	touch -d '2001-02-03 04:05:06.789 UTC' dir/f
	run_split scan -J dir
	assert_ran 0 "{\"path\":\"$IQ_TEST/dir/f\",\"event\":\"created\",\"size_bytes\":6,\"mtime_at\":\"2001-02-03T04:05:06.789Z\"}" ""
}

@test "only files are said: no links, fifos or directories" {
	touch dir/f
	ln -s f dir/link
	ln -s /etc dir/etc
	mkfifo dir/fifo
	mkdir dir/empty
	run_split scan dir
	assert_ran 0 "$IQ_TEST/dir/f" ""
}

@test "--follow: what links lead to, but in no circle" {
	mkdir dir/a
	touch dir/a/f
	ln -s ../a dir/a/again
	ln -s a dir/b
	ln -s nowhere dir/c
	run_split scan --follow dir
	assert_ran 0 "$IQ_TEST/dir/a/f
$IQ_TEST/dir/b/f" ""
}

@test "new, changed and gone, each by its option" {
	touch dir/same dir/changes dir/goes
	quiet dir
	echo more >>dir/changes
	rm dir/goes
	touch dir/comes
	run_split scan -J dir
	run_split records
	assert_stdout "modified changes
created comes"
	run_split scan -J --new dir
	run_split records
	assert_stdout "created comes"
	run_split scan -J --changed dir
	run_split records
	assert_stdout "modified changes"
}

@test "--deleted says what is gone, until that is acknowledged" {
	mkdir dir/sub
	touch dir/a dir/sub/b dir/sub/c dir/d
	quiet dir
	rm -r dir/a dir/sub
	run_split scan -J --deleted dir
	assert_json 'keys == ["event", "path"]'
	run_split records
	assert_stdout "deleted a
deleted sub/b
deleted sub/c"
	run_split scan -J --new --deleted dir
	run_split records
	assert_stdout "deleted a
deleted sub/b
deleted sub/c"
	iq-scan --ack dir
	run_split scan --deleted dir
	assert_ran 0 "" ""
}

@test "what goes without being asked for is forgotten" {
	touch dir/a
	quiet dir
	mv dir/a kept
	run_split scan dir
	assert_ran 0 "" ""
	run_split scan --deleted dir
	assert_ran 0 "" ""
	mv kept dir/a
	run_split scan -J dir
	run_split records
	assert_stdout "created a"
}

@test "what is not asked for is said when it is" {
	touch dir/a
	run_split scan --changed dir
	assert_ran 0 "" ""
	run_split scan -J --new dir
	run_split records
	assert_stdout "created a"
	quiet dir
	echo x >dir/a
	run_split scan --new dir
	assert_ran 0 "" ""
	run_split scan -J --changed dir
	run_split records
	assert_stdout "modified a"
}

@test "--all says also what has not changed" {
	touch dir/a dir/b dir/c
	quiet dir
	rm dir/a
	echo x >dir/b
	run_split scan -J --all dir
	run_split records
	assert_stdout "deleted a
modified b
scan c"
	quiet dir
	run_split scan -J --all dir
	run_split records
	assert_stdout "scan b
scan c"
}

@test "-0 and -J carry every name exactly" {
	local names=($'new\nline' $'\377\376' ' blank ' '-x' '@x' "qu'o\"te" \
		'%w\t' "$(printf 'y%.0s' {1..255})") name
	for name in "${names[@]}"; do
		echo x >"dir/$name"
	done
	scan -0 dir | tr -d '\n' | tr '\0' '\n' | sort >said
	printf '%s\n' "${names[@]}" | tr -d '\n' >joined
	find "$PWD/dir" -type f -print0 | tr -d '\n' | tr '\0' '\n' | sort >have
	cmp have said
	scan -J dir | jq -r '(.path_base64 // (.path | @base64))' | sort >said
	find "$PWD/dir" -type f -exec sh -c 'for f; do
		printf %s "$f" | base64 -w0; echo; done' sh {} + | sort >have
	cmp have said
}

@test "a line cannot say a newline: a warning, and 65" {
	touch dir/a dir/$'b\nc' dir/d
	run_split scan dir
	assert_ran 65 "$IQ_TEST/dir/a
$IQ_TEST/dir/d" "iq-scan: $IQ_TEST/dir/b\\nc: its path holds a newline; say -0 or -J"
	iq-scan --ack dir
	# it was not said, so it still is to come
	run_split bash -c 'iq-scan --settle 0 --new -0 dir | tr "\n\0" .+'
	assert_stdout "$IQ_TEST/dir/b.c+"
}

@test "paths beyond 4096 bytes" {
	local i name
	name=$(printf 'n%.0s' {1..200})
	(
		cd dir
		for i in {1..25}; do
			mkdir "$name"
			cd -P "$name" 2>/dev/null || cd "./$name"
			: >f
		done
	)
	run_split scan dir
	assert_status 0
	assert_equal "${#lines[@]}" 25
	assert_equal "${#lines[24]}" $((${#IQ_TEST} + 6 + 25 * 201))
	local format
	for format in '' -0 -J; do
		# shellcheck disable=SC2086
		scan $format dir | iq-enqueue $format
		run_split bash -c 'iq-scan --status dir | jq .offered'
		assert_stdout 0
		iq-list -s pending | jq -r .path | sort >listed
		find "$PWD/dir" -type f | sort | diff - listed
		iq-scan --reset dir
	done
	quiet dir
	run_split scan --deleted dir
	assert_ran 0 "" ""
}

@test "nothing is said twice, and nothing of what did not change" {
	mkdir -p dir/{a,b}/{c,d}
	touch dir/{a,b}/{c,d}/{1..50}
	quiet dir
	run_split scan dir
	assert_ran 0 "" ""
	run_split scan --deleted dir
	assert_ran 0 "" ""
}

@test "a directory of many files, in parts" {
	local i
	seq -f 'dir/file-number-%05.0f' 5000 | xargs touch
	run_split scan dir
	assert_equal "${#lines[@]}" 5000
	iq-scan --ack dir
	quiet dir
	# one is added in each part, and some are split
	for i in {00001..05000..7}; do
		: >"dir/file-number-$i-b"
	done
	rm dir/file-number-02500 dir/file-number-05000
	run_split bash -c 'iq-scan --settle 0 -J --new --deleted dir |
		jq -r .event | sort | uniq -c | tr -s " "'
	assert_stdout " 715 created
 2 deleted"
	quiet --new --deleted dir
	run_split iq-scan --status dir
	assert_json '.files == 5713 and .offered == 0'
	run iq-db check
	assert_status 0
}

@test "several directories, each by itself" {
	mkdir a b
	touch a/1 b/2
	run_split scan a b/
	assert_ran 0 "$IQ_TEST/a/1
$IQ_TEST/b/2" ""
	iq-scan --ack a
	run_split bash -c "iq-scan --status | jq -c '[.path, .files, .offered]'"
	assert_stdout "[\"$IQ_TEST/a\",1,0]
[\"$IQ_TEST/b\",1,1]"
}

@test "what is known has a name" {
	touch dir/f
	quiet dir
	run_split scan --name other dir
	assert_ran 0 "$IQ_TEST/dir/f" ""
	run_split bash -c "iq-scan --status --name other |
		jq -c '[.path, .name, .files]'"
	assert_stdout "[\"$IQ_TEST/dir\",\"other\",1]"
}

@test "--reset forgets" {
	touch dir/f
	quiet dir
	run_split iq-scan --reset dir
	assert_ran 0 "" ""
	run_split iq-scan --status
	assert_ran 0 "" ""
	run_split scan -J dir
	run_split records
	assert_stdout "created f"
}

@test "--status tells how it stands, in JSON and for people" {
	touch dir/{1..5}
	run_split iq-scan --status
	assert_ran 66 "" "iq-scan: open $IQ_QUEUE: no such queue; make one with: iq-db init -q $IQ_QUEUE"
	scan --limit 3 dir >/dev/null
	run_split iq-scan --status dir
	assert_json 'keys_unsorted | join(" ")' "path name type files offered\
 more started_at finished_at completed_at"
	assert_json '.files == 3 and .offered == 3 and .more and
		.completed_at == null and .type == null and .name == ""'
	run_split iq-scan --status --text
	assert_stdout_like "NAME *DIRECTORY
*3 *3 *yes *$IQ_TEST/dir"
	run_split iq-scan --status /
	assert_ran 66 "" "iq-scan: no scan of / has been made"
	mkdir a b
	run_split iq-scan --status a dir b
	assert_status 66
	assert_json .path "$IQ_TEST/dir"
	assert_stderr "iq-scan: no scan of $IQ_TEST/a has been made
iq-scan: no scan of $IQ_TEST/b has been made"
	run_split iq-scan --status --name other
	assert_ran 66 "" "iq-scan: no scan has been made under the name other"
}

@test "-v ends with the numbers" {
	mkdir dir/sub
	touch dir/{1..5} dir/sub/6
	quiet dir
	touch dir/7
	rm dir/1
	run_split scan -v --new --deleted dir
	output=$stderr
	assert_json 'keys_unsorted | join(" ")' "files directories new changed\
 deleted again unsettled unread more seconds"
	assert_json 'del(.seconds) == {files:6,directories:2,new:1,changed:0,
		deleted:1,again:0,unsettled:0,unread:0,more:false}'
	run_split scan -v --new --deleted dir
	output=$stderr
	assert_json '.again == 2'
}

@test "the progress stands on a terminal, and not where the paths do" {
	touch dir/f
	run_split script -qec 'iq-scan dir' /dev/null
	assert_stdout_like "iq-scan: 1 file was changed within the last 2s, and left for the next scan?"
	run_split script -qec 'iq-scan --settle 0 dir >out' /dev/null
	assert_ran 0 "" ""
	assert_equal "$(cat out)" "$IQ_TEST/dir/f"
	# one that takes its time, and takes the line away in the end
	mkdir dir/{1..5}
	export ASAN_OPTIONS=detect_leaks=0
	run_split script -qec 'strace -f -qq -o /dev/null -e trace=getdents64 \
		-e inject=getdents64:delay_enter=100000 \
		iq-scan --settle 0 dir >out' /dev/null
	assert_stdout_like $'\r\e[K* files in * directories, * found*\r\e[K'
	assert_equal "$(cat out)" "$IQ_TEST/dir/f"
}

@test "no such directory is 66, and the others are scanned" {
	touch dir/f file
	run_split scan nowhere dir
	assert_ran 66 "$IQ_TEST/dir/f" "iq-scan: open $IQ_TEST/nowhere: No such file or directory"
	run_split scan file
	assert_ran 66 "" "iq-scan: open $IQ_TEST/file: Not a directory"
	run_split scan ''
	assert_ran 66 "" "iq-scan: open '': no such directory"
	run_split iq-scan --ack nowhere
	assert_ran 66 "" "iq-scan: no scan of $IQ_TEST/nowhere has been made"
	run_split bash -c 'iq-scan --status | jq -r .path'
	assert_stdout "$IQ_TEST/dir"
}

@test "wrong usage is 64" {
	local args
	for args in '' '--ack' '--ack --status dir' '--limit 0 dir' \
		'--identity x dir' '-t X dir' '--json dir' '-x dir'; do
		run_split bash -c "iq-scan $args"
		assert_status 64
		assert_stdout ""
	done
	assert_file_not_exist "$IQ_QUEUE"
}

@test "what only a scan has a use for is refused elsewhere" {
	local option
	scan dir
	for option in --new --changed --deleted --all --limit=1 --settle=0 \
		--max-time=1s --identity=strict --follow --include=x \
		--exclude=x --exclude-from=x --one-file-system -0 -J -v; do
		run_split iq-scan --status "$option" dir
		assert_status 64
		assert_stdout ""
		assert_stderr_like "iq-scan: --*: not with --status*"
	done
	run_split iq-scan dir --reset --max-files-per-batch 1
	assert_status 64
	assert_stderr_like "iq-scan: --limit: not with --reset*"
	run_split iq-scan --status dir
	assert_status 0
}

@test "the queue's own files are not said" {
	mkdir -m 700 dir/q
	touch dir/q/other
	export IQ_QUEUE=$IQ_TEST/dir/q/queue.db
	ln -s dir link
	quiet dir
	run_split scan dir
	assert_ran 0 "" ""
	run_split scan link
	assert_ran 0 "$IQ_TEST/link/q/other" ""
}

@test "/ is a directory as any other" {
	run_split bash -c 'iq-scan --settle 0 -0 --one-file-system --limit 3 / |
		tr "\0" "\n" | grep -c "^/[^/]"'
	assert_ran 0 3 ""
	run_split bash -c 'iq-scan --status / | jq -r .path'
	assert_stdout /
}
