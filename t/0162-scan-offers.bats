#!/usr/bin/env bats
# iq-scan and iq-enqueue: what one offers, the other acknowledges.

load lib
load scan

setup() {
	scan_setup a b c
}

names() {
	sed "s|^$PWD/||" | paste -sd' '
}

# settled - takes what is said once more because it is young
settled() {
	wait_until 'iq-scan --ack dir; [[ -z $(scan -0 dir | tr -d "\0") ]]'
}

@test "what was only offered is offered again" {
	run_split scan dir
	local first=$output
	run_split scan dir
	assert_ran 0 "$first" ""
	assert_equal "$(offered)" 3
}

@test "iq-enqueue acknowledges with the jobs it makes" {
	scan dir | iq-enqueue -t notes
	assert_equal "$(offered)" 0
	assert_equal "$(iq-list | wc -l)" 3
	settled
	run_split scan dir
	assert_ran 0 "" ""
	run iq-db check
	assert_status 0
}

@test "all stream formats are acknowledged, with odd names" {
	local name
	for name in $'n\nl' $'\377' ' x ' '-y' '@z' "$(printf 'n%.0s' {1..255})"; do
		touch "dir/$name"
	done
	mkdir -p dir/$'\376\n/d'
	touch dir/$'\376\n/d/e'
	scan -0 dir | iq-enqueue -0
	assert_equal "$(offered)" 0
	assert_equal "$(iq-list | wc -l)" 10
	iq-scan --reset dir
	scan -J dir | iq-enqueue -J -t again
	assert_equal "$(offered)" 0
	assert_equal "$(iq-list -t again | wc -l)" 10
}

@test "what iq-enqueue did not take is offered again" {
	scan dir | iq-enqueue --max-queue 2 --on-full drop
	assert_equal "$(offered)" 1
	run_split scan dir
	assert_stdout_like "*dir/c*"
	iq-scan --reset dir
	scan dir | iq-enqueue -t x --max-queue 1 --on-full fail || :
	assert_equal "$(offered)" 2
}

@test "a job that was merged acknowledges, one that was found ended does not" {
	iq-enqueue dir/a
	scan dir | iq-enqueue -v 2>said
	assert_equal "$(jq .merged said)" 1
	assert_equal "$(offered)" 0
	iq-work --drain -- true
	iq-scan --reset dir
	iq-enqueue -t u --unique-for 1h dir/a
	iq-work -t u --drain -- true
	scan dir | iq-enqueue -t u --unique-for 1h
	assert_equal "$(offered)" 1
}

@test "deletions are acknowledged, too" {
	scan dir | iq-enqueue
	settled
	rm dir/b
	scan --deleted -J dir | iq-enqueue -J
	assert_equal "$(offered)" 0
	run_split bash -c 'iq-list --path "*/b" | jq -r .event'
	assert_stdout deleted
	run_split scan --deleted dir
	assert_ran 0 "" ""
}

@test "an end that nobody took is not forgotten when the file was back meanwhile" {
	scan dir | iq-enqueue
	settled
	rm dir/b
	echo x >dir/new
	run_split scan --new --deleted dir
	assert_stdout "$PWD/dir/b
$PWD/dir/new"
	echo x >dir/b
	echo y >dir/new
	run_split iq-scan --settle 1h --new --deleted dir
	assert_ran 0 "" ""
	rm dir/b dir/new
	# (somebody may have seen what was offered, and knows of no end)
	run_split scan --deleted dir
	assert_stdout "$PWD/dir/b
$PWD/dir/new"
}

@test "a change between offer and job is offered in its turn" {
	scan dir >offers
	echo x >dir/b
	iq-enqueue <offers
	run_split bash -c "iq-scan --settle 0 -J dir | jq -r 'select(.path |
		endswith(\"/b\")) | .event'"
	assert_stdout modified
}

@test "--ack acknowledges everything, and nothing that comes later" {
	run_split scan --limit 2 dir
	iq-scan --ack dir
	assert_equal "$(offered)" 0
	run_split scan dir
	assert_ran 0 "$PWD/dir/c" ""
	assert_equal "$(offered)" 1
	run iq-db check
	assert_status 0
}

@test "a scan of a type is acknowledged by jobs of it, its parents and children" {
	local type
	for type in notes notes/work notes/work/deep; do
		scan -t notes/work dir >/dev/null
		scan -t notes/work dir | iq-enqueue -t "$type"
		assert_equal "$(offered)" 0
		iq-scan --reset -t notes/work dir
	done
	for type in note notes/workers other notes/home; do
		scan -t notes/work dir | iq-enqueue -t "$type"
		assert_equal "$(offered)" 3
	done
	scan -t notes/work -J dir | iq-enqueue -J -t other
	assert_equal "$(offered)" 0
}

@test "two scans of the same files are acknowledged each by its type" {
	scan -t x dir >of-x
	scan -t y dir >of-y
	iq-enqueue -t y <of-y
	run_split bash -c "iq-scan --status | jq -c '[.name, .offered]' | sort"
	assert_stdout '["x",3]
["y",0]'
}

@test "a path is no other's: neighbours with alike names, and roots below" {
	mkdir -p dir/sub dir-two
	touch dir/sub/a dir-two/a
	scan dir >/dev/null
	scan dir/sub >/dev/null
	scan dir-two >/dev/null
	iq-enqueue dir-two/a dir/a/ dir//b
	run_split bash -c "iq-scan --status | jq -c '[.path, .offered]'"
	assert_stdout "[\"$PWD/dir\",2]
[\"$PWD/dir-two\",0]
[\"$PWD/dir/sub\",1]"
	iq-enqueue dir/sub/a
	run_split bash -c "iq-scan --status | jq -c .offered"
	assert_stdout "1
0
0"
}

@test "jobs one by one, also those that a worker puts in for others" {
	local name
	touch dir/{1..40}
	scan dir >offers
	start w iq-work -- true
	wait_until '[[ $(iq-stats --json | jq ".workers.processes | length") == 1 ]]'
	while read -r name; do
		iq-enqueue "$name" </dev/null
	done <offers
	stop w
	assert_equal "$(offered)" 0
	run iq-db check
	assert_status 0
}

@test "an iq-enqueue of another queue acknowledges nothing here" {
	scan dir | iq-enqueue -q "$PWD/other.db"
	assert_equal "$(offered)" 3
}

@test "a reader that goes away ends it, and nothing is lost" {
	touch dir/{1..3000}
	run_split bash -c 'iq-scan --settle 0 dir | head -n 1 >/dev/null
		echo "${PIPESTATUS[0]}"'
	assert_ran 0 141 ""
	run_split bash -c 'trap "" PIPE
		iq-scan --settle 0 dir | head -n 1 >/dev/null
		echo "${PIPESTATUS[0]}"'
	assert_ran 0 0 ""
	scan dir | iq-enqueue
	assert_equal "$(iq-list | wc -l)" 3003
}

@test "a disk that is full is 74, and nothing is lost" {
	run_split bash -c 'iq-scan --settle 0 dir >/dev/full'
	assert_ran 74 "" "iq-scan: write the output: No space left on device"
	run_split bash -c 'iq-scan --settle 0 dir >&-'
	assert_ran 74 "" "iq-scan: write the output: Bad file descriptor"
	run_split scan dir
	assert_equal "${#lines[@]}" 3
}

@test "TERM while the reader stalls: it dies of it, and nothing is lost" {
	touch dir/a-long-name-so-that-a-pipe-is-full-soon-{1..3000}
	mkfifo out
	exec {hold}<>out
	iq-scan --settle 0 dir >out 3>&- &
	wait_until '[[ $(offered) == 3003 ]]'
	kill "$!"
	status=0
	wait "$!" || status=$?
	assert_status 143
	# and whoever reads has no half of a path
	dd bs=1M count=1 <&"$hold" of=said 2>/dev/null
	exec {hold}>&-
	assert_equal "$(tail -c 1 said)" ""
	sort said | comm -23 - <(find "$PWD/dir" | sort) >unknown
	assert_equal "$(<unknown)" ""
	scan dir | iq-enqueue
	assert_equal "$(iq-list | wc -l)" 3003
}

@test "one scan of a directory at a time" {
	touch dir/a-long-name-so-that-a-pipe-is-full-soon-{1..3000}
	mkfifo out
	exec {hold}<>out
	iq-scan --settle 0 dir >out 3>&- &
	wait_until '[[ $(offered) == 3003 ]]'
	run_split iq-scan dir
	assert_ran 75 "" "iq-scan: scan $PWD/dir: another process does so now: \
try again when it has ended, or use another --name"
	run_split iq-scan --ack dir
	assert_status 75
	run_split iq-scan --settle 0 --name other --limit 1 dir
	assert_status 0
	kill -KILL "$!"
	wait "$!" || :
	exec {hold}>&-
	run_split scan --limit 1 dir
	assert_status 0
}
