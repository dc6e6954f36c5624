#!/usr/bin/env bats
# iq-watch: what is mounted in the tree while it is watched.

load lib
load watch

setup() {
	watch_setup
}

# within COMMAND ... - where the watch sees mounts, and nobody else
within() {
	nsenter -t "$w_pid" -m -- "$@"
}

@test "what is mounted in the tree is looked at, what is elsewhere is not" {
	needs_mounts
	needs_list
	mkdir -p 'r/the tree'/{a/b,c} elsewhere
	rm -f status
	start w unshare -m iq-watch -0 --status-fd 9 --debounce 20ms \
		--settle 100ms --rescan 1h 'r/the tree' 9>status
	wait_until 'status_is .healthy' 20
	within mount -t tmpfs none "$PWD/elsewhere"
	within mount -t tmpfs none "$PWD/r/the tree/a/b"
	within touch "$PWD/r/the tree/a/b/f"
	wait_until 'grep -qz "/b/f$" w.out'
	wait_until 'status_is ".healthy and .coverage == \"verified\""' 20
	within touch "$PWD/r/the tree/a/b/g"
	wait_until 'grep -qz "/b/g$" w.out'
	within umount -l "$PWD/r/the tree/a/b"
	wait_until 'status_is ".restarts == 2"'
	stop w
	assert_equal "$(tail -n 1 status | jq .restarts)" 2
}

@test "what is passed over, being mounted there, says nothing about the rest" {
	needs_mounts
	needs_list
	mkdir -p r/{a,m}
	rm -f status
	# shellcheck disable=SC2016
	ASAN_OPTIONS=detect_leaks=0 start w unshare -m sh -c '
		mount -t tmpfs none "$PWD/r/m" &&
		exec strace -D -f -qq -o /dev/null -P "$PWD/r/m" \
			-e trace=fstatfs \
			-e inject=fstatfs:retval=0:poke_exit=@arg2=6969000000000000 \
			"$@"' sh \
		iq-watch --one-file-system --status-fd 9 --debounce 20ms \
		--settle 100ms r 9>status
	wait_until 'status_is .healthy' 20
	status_is '.coverage == "verified"'
	stop w
}
