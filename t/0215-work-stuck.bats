#!/usr/bin/env bats
# What a worker meets that does not answer: it goes on, and can be ended.

load lib

# on_mount MOUNT SCRIPT - runs the shell code where ./there is what the shell
# code MOUNT mounts; seen by nobody else, and gone with it.
on_mount() {
	((EUID == 0)) && unshare -m true 2>/dev/null ||
		skip "mounting needs root"
	mkdir there
	unshare -m bash -c "$1" 2>/dev/null || skip "not on this system: $1"
	# shellcheck disable=SC2016
	run_split unshare -m bash -c 'eval "$1" && eval "$2"' on_mount "$@"
}

# Its server answers nothing, as that of a network that is gone.
dead='exec 9<>/dev/fuse && mount -i -t fuse none there \
	-o fd=9,rootmode=40000,user_id=0,group_id=0'

@test "a path on a dead mount keeps nobody waiting" {
	# shellcheck disable=SC2016
	on_mount "$dead" 'iq-enqueue "$PWD/there/file"
		seq -f /%g 20 | iq-enqueue
		timeout -s KILL 10 iq-work -j2 --drain --json -- true 9>&-'
	assert_status 0
	[[ $(jq -r .state <<<"$output" | sort | uniq -c) == *"21 succeeded" ]]
}

@test "the size of a file is that at the start, else known when it was looked at" {
	[[ ! -e $IQ_BUILD/lib/base/cached_size_posix.o ]] || skip "Linux only"
	mkdir lower none
	echo hello >lower/new
	# shellcheck disable=SC2016
	on_mount 'mount -t overlay none there -o lowerdir=lower:none' '
		iq-enqueue "$PWD/there/new"
		iq-work -n1 --json -- cat
		iq-enqueue "$PWD/lower/new"
		iq-work -n1 --json -- truncate -s 0'
	assert_status 0
	[[ $(jq -s -c 'map(.size_bytes)' <<<"$output") == '[6,6]' ]]
}
